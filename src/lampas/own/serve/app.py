"""The application: what is at which address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ...core.errors import LampasError
from ..predictor import Predictor
from .description import about, description
from .door import Door
from .intake import Intake
from .limits import Limits
from .page import page
from .questions import told
from .record import Record
from .worker import Reply, Worker


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
