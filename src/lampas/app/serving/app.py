"""The application: what is at which address.

The page to drop a file on: one document, which loads nothing and knows nothing of the run.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ...core.errors import LampasError
from .. import report
from ..automl.predictor import Predictor
from .access_log import Record
from .auth import Door
from .batcher import Reply, Worker
from .limits import Limits
from .openapi import about, description
from .questions import told
from .request_body import Intake


def application(
    predictor: Predictor, token: str | None = None, limits: Limits | None = None
) -> Starlette:
    """A run as a web application, for ``serve`` or a server of your own.

    Args:
        predictor: of the run.
        token: that requests must bring; without one only this machine is answered.
        limits: what is taken at most.
    """
    return _Application(predictor, token, limits or Limits()).starlette()


class _Application:
    def __init__(self, predictor: Predictor, token: str | None, limits: Limits) -> None:
        self.token = token
        self.intake = Intake(limits)
        self.worker = Worker(predictor, limits)
        self.about = about(predictor, limits)
        self.description = description(predictor, limits, token is not None)

    def starlette(self) -> Starlette:
        made = Starlette(
            routes=[
                Route("/", self.page),
                Route("/health", self.health),
                Route("/openapi.json", self.openapi),
                Route("/predict", self.predict, methods=["POST"]),
            ],
            middleware=[Middleware(Record), Middleware(Door, token=self.token)],
            exception_handlers={HTTPException: _refused, LampasError: _not_understood},
            lifespan=self.life,
        )
        made.router.redirect_slashes = False
        return made

    @asynccontextmanager
    async def life(self, _app: Starlette) -> AsyncIterator[None]:
        self.worker.start()
        yield
        await asyncio.to_thread(self.worker.stop)

    async def page(self, _request: Request) -> Response:
        html, policy = page()
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", **self.about})

    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(self.description)

    async def predict(self, request: Request) -> Response:
        async with self.intake.question(request) as question:
            reply = await self.worker.ask(question)
        return await asyncio.to_thread(_told, reply)


def _told(reply: Reply) -> Response:
    answers = {"answers": [answer.as_json() for answer in reply.answers]}
    if not reply.failures:
        return JSONResponse(answers)
    few = len(reply.failures)
    error = f"{few} {'files' if few > 1 else 'file'} can not be predicted."
    errors = [failure._asdict() for failure in reply.failures]
    return JSONResponse({"error": error, "errors": errors, **answers}, 422)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _not_understood(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LampasError)
    return JSONResponse({"error": told(error)}, 422)


_HERE = __package__


@functools.cache
def page() -> tuple[str, str]:
    """The document, and the policy under which only its own style and script are in force."""
    torch = _asset(report.__name__, "torch.svg").strip()
    style = _asset(report.__name__, "page.css") + _asset(_HERE, "page.css")
    script = _asset(_HERE, "page.js")
    html = _asset(_HERE, "page.html")
    icon = "data:image/svg+xml;base64," + base64.b64encode(torch.encode()).decode()
    parts = {"@icon@": icon, "@torch@": torch, "@style@": style, "@script@": script}
    for mark, part in parts.items():
        html = html.replace(mark, part)
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
