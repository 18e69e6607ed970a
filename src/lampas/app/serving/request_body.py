"""Bodies of requests, counted while they come in and kept in memory alone.

Files out of a multipart form, in memory alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..automl.task import Source
from .batcher import busy
from .limits import Limits
from .questions import Files, Items, Question


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


_LONGEST_NAME = 120
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Form:
    """Takes a body of type ``multipart/form-data`` (RFC 7578) piece by piece.

    Args:
        content_type: of the request, with the boundary.
        most: parts that are taken.

    Raises HTTPException 400 when it is malformed, here and in ``write`` and ``close``.
    """

    def __init__(self, content_type: str, most: int) -> None:
        self._most = most
        self._files: list[tuple[str, bytearray]] = []
        self._parts = 0
        self._whole = False
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise _broken("its type has no boundary")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part,
                    "on_header_field": self._on_header_name,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header,
                    "on_part_data": self._on_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except ValueError as error:
            raise _broken(str(error)) from error

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        try:
            self._parser.write(piece)
        except ValueError as error:
            raise _broken(str(error)) from error

    def close(self) -> tuple[Source, ...]:
        """The files, in their order; fields that are no files are left out."""
        if not self._whole:
            raise _broken("it has no end")
        if not self._files:
            raise _broken("it has no file. Send one or more, each with its name")
        return tuple(
            Source(label(name, number), bytes(content))
            for number, (name, content) in enumerate(self._files, 1)
        )

    def _on_part(self) -> None:
        self._parts += 1
        if self._parts > self._most:
            raise ValueError(f"it has more than {self._most} parts")
        self._header, self._value, self._name = b"", b"", ""
        self._content = bytearray()

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            name = parse_options_header(self._value)[1].get(b"filename", b"")
            self._name = name.decode(errors="replace")
        self._header, self._value = b"", b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._name:
            self._content += data[start:end]

    def _on_part_end(self) -> None:
        if self._name:
            self._files.append((self._name, self._content))

    def _on_end(self) -> None:
        self._whole = True


def label(name: str, number: int) -> str:
    """What an uploaded file is called in answers: a name without folders, fit to be shown.

    It names nothing on the disk.
    """
    shown = _NOT_SHOWN.sub("", re.split(r"[/\\]", name)[-1]).strip()
    stem, dot, suffix = shown.rpartition(".")
    short = stem[: max(0, _LONGEST_NAME - len(dot + suffix))] + dot + suffix
    return short[-_LONGEST_NAME:].lstrip(".") or f"file {number}"


def _broken(why: str) -> HTTPException:
    return HTTPException(400, f"the form can not be read: {why}.")
