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
from starlette.types import Receive, Scope, Send

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
from .request_body import HeldBytes, receive_request

_PIECE = 2**16
"""Bytes of a response that are sent at a time."""


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
    readers = ReaderPool(example_reader(predictor, limits), limits)
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
            Route("/predict", _PredictEndpoint(batcher, limits), methods=["POST"]),
        ],
        middleware=[Middleware(AccessLogMiddleware), Middleware(AuthMiddleware, token=token)],
        exception_handlers={HTTPException: _http_error, LampasError: _data_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class _PredictEndpoint:
    """Answer requests for predictions; their bytes are counted until the response is sent."""

    def __init__(self, batcher: Batcher, limits: Limits) -> None:
        self._batcher = batcher
        self._limits = limits
        self._held_bytes = HeldBytes(limits.buffered)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with self._held_bytes.request() as hold:
            predict_request = await receive_request(request, self._limits, hold)
            reply = await _unless_disconnected(
                request, self._batcher.predict(predict_request, hold)
            )
            response = await asyncio.to_thread(_response, reply)
            hold(len(response.body))
            await response(scope, receive, send)


class _PiecewiseResponse(JSONResponse):
    """JSON that is sent in pieces, each after the client has taken most of those before."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **headers})
        for start in range(0, len(self.body), _PIECE):
            piece = self.body[start : start + _PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


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


def _response(reply: Reply) -> _PiecewiseResponse:
    answers: dict[str, Any] = {"answers": [answer.as_json() for answer in reply.predictions]}
    if reply.warnings:
        answers["warnings"] = list(reply.warnings)
    try:
        response = _PiecewiseResponse(answers)
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
    return _PiecewiseResponse({"error": error, "errors": errors, **answers}, 422)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    standard = {
        404: "there is nothing at this address; /openapi.json describes those that there are.",
        405: f"this address does not accept {request.method} requests.",
    }
    message = standard.get(error.status_code, error.detail)
    return JSONResponse({"error": message}, error.status_code, error.headers)


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
