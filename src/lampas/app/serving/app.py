"""The web application: routes, error responses and the page."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ...core.errors import DataError, LampasError
from .. import report
from ..automl.predictor import Predictor
from .access_log import AccessLogMiddleware
from .auth import AuthMiddleware
from .batcher import Batcher, Reply
from .limits import Limits
from .openapi import model_info, openapi_document
from .predict_request import example_reader, truncate_message
from .reader_pool import ReaderPool
from .request_body import RequestReader


def make_app(
    predictor: Predictor, token: str | None = None, limits: Limits | None = None
) -> Starlette:
    """Return the web application of a run, for ``serve`` or any ASGI server.

    Args:
        predictor: predictor of the run.
        token: token that requests need; without one, only this machine may connect.
        limits: limits of the server.
    """
    limits = limits or Limits()
    bodies, readers = RequestReader(limits), ReaderPool(example_reader(predictor, limits), limits)
    batcher = Batcher(predictor, readers, limits)
    info = model_info(predictor, limits)
    document = openapi_document(predictor, limits, token is not None)

    async def html_page(_request: Request) -> Response:
        html, policy = page()
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    async def health(_request: Request) -> Response:
        state = readers.state
        return JSONResponse(
            {"status": "ok" if state.free else "busy", "readers": state._asdict(), **info}
        )

    async def openapi(_request: Request) -> Response:
        return JSONResponse(document)

    async def predict(request: Request) -> Response:
        async with bodies.read_request(request) as predict_request:
            reply = await _unless_disconnected(request, batcher.predict(predict_request))
        return await asyncio.to_thread(_response, reply)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        batcher.start()
        readers.start()
        yield
        await readers.stop()
        await asyncio.to_thread(batcher.stop)

    app = Starlette(
        routes=[
            Route("/", html_page),
            Route("/health", health),
            Route("/openapi.json", openapi),
            Route("/predict", predict, methods=["POST"]),
        ],
        middleware=[Middleware(AccessLogMiddleware), Middleware(AuthMiddleware, token=token)],
        exception_handlers={HTTPException: _http_error, LampasError: _data_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


async def _unless_disconnected(request: Request, answer: Coroutine[Any, Any, Reply]) -> Reply:
    """The answer, which is cancelled when the client disconnects."""
    task = asyncio.ensure_future(answer)
    disconnect = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((task, disconnect), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return await task
    finally:
        task.cancel()
        disconnect.cancel()


def _response(reply: Reply) -> Response:
    answers: dict[str, Any] = {"answers": [answer.as_json() for answer in reply.predictions]}
    if reply.warnings:
        answers["warnings"] = list(reply.warnings)
    try:
        response = JSONResponse(answers)
    except ValueError as not_finite:
        raise DataError(
            "the model's output is not a finite number. Some values are probably far outside of "
            "those that it was trained on."
        ) from not_finite
    if not reply.failures:
        return response
    count = len(reply.failures)
    error = f"{count} {'files' if count > 1 else 'file'} cannot be predicted."
    errors = [failure._asdict() for failure in reply.failures]
    return JSONResponse({"error": error, "errors": errors, **answers}, 422)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _data_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LampasError)
    return JSONResponse({"error": truncate_message(error)}, 422)


@functools.cache
def page() -> tuple[str, str]:
    """Return the page and its content security policy, which allows its own style and script only.

    The page loads nothing from other servers and contains nothing about the run.
    """
    logo = _asset(report.__name__, "torch.svg").strip()
    style = _asset(report.__name__, "page.css") + _asset(__package__, "page.css")
    script = _asset(__package__, "page.js")
    html = _asset(__package__, "page.html")
    icon = "data:image/svg+xml;base64," + base64.b64encode(logo.encode()).decode()
    parts = {"@icon@": icon, "@torch@": logo, "@style@": style, "@script@": script}
    for placeholder, part in parts.items():
        html = html.replace(placeholder, part)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "connect-src 'self'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return html, policy


def _asset(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
