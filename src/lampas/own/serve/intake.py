"""Bodies of requests, counted while they come in and kept in memory alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from .form import Form
from .limits import Limits
from .questions import Files, Items, Question
from .worker import busy


@dataclass
class _Body:
    """Bytes of one request so far."""

    size: int = 0


class Intake:
    """Takes requests in, as many bytes as there is room for."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def question(self, request: Request) -> AsyncIterator[Question]:
        """What a request asks; its bytes count as held until this is left.

        Raises HTTPException: 408 when it comes in too slowly, 413 when it is too large, 415 when it
        is of another type, 400 when it is malformed, 503 when there is no room for it.
        """
        body = _Body()
        try:
            async with asyncio.timeout(self._limits.seconds):
                question = await self._question(request, body)
            yield question
        except TimeoutError:
            raise HTTPException(
                408, f"the request did not come in within {self._limits.seconds:g} seconds."
            ) from None
        finally:
            self._held -= body.size

    async def _question(self, request: Request, body: _Body) -> Question:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        stream = self._counted(request, body)
        if kind == "application/json":
            return Items(b"".join([piece async for piece in stream]), self._limits)
        if kind == "multipart/form-data":
            form = Form(request.headers["content-type"], self._limits.files)
            async for piece in stream:
                form.write(piece)
            return Files(form.close(), self._limits)
        raise HTTPException(
            415,
            'send {"items": [...]} as application/json, or files as multipart/form-data, not '
            f"{kind[:60] or 'a body of no type'!r}.",
        )

    async def _counted(self, request: Request, body: _Body) -> AsyncIterator[bytes]:
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._limits.body:
            raise self._too_large()
        async for piece in request.stream():
            body.size += len(piece)
            self._held += len(piece)
            if body.size > self._limits.body:
                raise self._too_large()
            if self._held > self._limits.held:
                raise busy("too much is being answered already")
            yield piece

    def _too_large(self) -> HTTPException:
        return HTTPException(
            413,
            f"a request may have {self._limits.body:,} bytes. Send fewer or smaller files, or use "
            "lampas predict.",
        )
