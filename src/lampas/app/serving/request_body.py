"""Receive request bodies within limits, in memory only, and parse uploaded files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..automl.task import InputFile
from .limits import Limits
from .predict_request import FilesRequest, JsonRequest, PredictRequest
from .reader_pool import busy

_MAX_NAME_LENGTH = 120
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class RequestReader:
    """Receive requests while the buffered bytes stay within the limits.

    Args:
        limits: limits of the server.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffered = 0

    @asynccontextmanager
    async def read_request(self, request: Request) -> AsyncIterator[PredictRequest]:
        """Receive a request; its bytes count as buffered until the context is left.

        Raises:
            HTTPException: 400 if it is malformed, 408 if it arrives too slowly, 413 if it is too
                large, 415 if its content type is not supported, 503 if the buffer is full.
        """
        request.state.size = 0
        try:
            async with asyncio.timeout(self._limits.seconds):
                predict_request = await self._parse(request)
            yield predict_request
        except TimeoutError:
            raise HTTPException(
                408, f"the request did not arrive within {self._limits.seconds:g} seconds."
            ) from None
        finally:
            self._buffered -= request.state.size

    async def _parse(self, request: Request) -> PredictRequest:
        content_type = request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        stream = self._counted(request)
        if media_type == "application/json":
            return JsonRequest(b"".join([chunk async for chunk in stream]))
        if media_type == "multipart/form-data":
            form = MultipartFiles(content_type, self._limits.files)
            async for chunk in stream:
                form.write(chunk)
            return FilesRequest(form.close())
        raise HTTPException(
            415,
            'send {"items": [...]} as application/json, or files as multipart/form-data, not '
            f"{media_type[:60] or 'a body without a type'!r}.",
        )

    async def _counted(self, request: Request) -> AsyncIterator[bytes]:
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limits.body:
            raise self._too_large()
        async for chunk in request.stream():
            request.state.size += len(chunk)
            self._buffered += len(chunk)
            if request.state.size > self._limits.body:
                raise self._too_large()
            if self._buffered > self._limits.buffered:
                raise busy("too much data is being processed")
            yield chunk

    def _too_large(self) -> HTTPException:
        return HTTPException(
            413,
            f"at most {self._limits.body:,} bytes per request are accepted. Send fewer or smaller "
            "files, or use lampas predict.",
        )


class MultipartFiles:
    """Collect the files of a ``multipart/form-data`` body (RFC 7578), chunk by chunk, in memory.

    Starlette's own form parser would write large files to disk.

    Args:
        content_type: content type of the request, with the boundary.
        max_parts: maximum number of parts.

    Raises:
        HTTPException: 400 if the form is malformed, here and in ``write`` and ``close``.
    """

    def __init__(self, content_type: str, max_parts: int) -> None:
        self._max_parts = max_parts
        self._files: list[tuple[str, bytearray]] = []
        self._parts = 0
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise _malformed("its content type has no boundary")
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
                },
            )
        except ValueError as error:
            raise _malformed(str(error)) from error

    def write(self, chunk: bytes) -> None:
        """Parse the next bytes."""
        try:
            self._parser.write(chunk)
        except ValueError as error:
            raise _malformed(str(error)) from error

    def close(self) -> tuple[InputFile, ...]:
        """Return the files in order; other fields are ignored."""
        if self._parser.state != MultipartState.END:
            raise _malformed("it is incomplete")
        if not self._files:
            raise _malformed("it has no file. Send at least one file, with its name")
        return tuple(
            InputFile(display_name(name, number), bytes(content))
            for number, (name, content) in enumerate(self._files, 1)
        )

    def _on_part(self) -> None:
        self._parts += 1
        if self._parts > self._max_parts:
            raise ValueError(f"it has more than {self._max_parts} parts")
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


def display_name(name: str, number: int) -> str:
    """Return the name of an uploaded file for responses: without folders or invisible characters.

    It is never used as a path.
    """
    visible = _INVISIBLE.sub("", re.split(r"[/\\]", name)[-1]).strip()
    stem, dot, suffix = visible.rpartition(".")
    short = stem[: max(0, _MAX_NAME_LENGTH - len(dot + suffix))] + dot + suffix
    return short[-_MAX_NAME_LENGTH:].lstrip(".") or f"file {number}"


def _malformed(reason: str) -> HTTPException:
    return HTTPException(400, f"the form cannot be read: {reason}.")
