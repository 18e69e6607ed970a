"""Receive request bodies within limits, in memory only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request

from .limits import Limits
from .predict_request import PredictRequest

Hold = Callable[[int], None]
"""Counts bytes that a request holds in memory; raises HTTPException 503 if there are too many."""


def busy(reason: str) -> HTTPException:
    """Return a 503 response for a request that may be repeated after a second."""
    return HTTPException(503, f"{reason}. Try again in a moment.", {"Retry-After": "1"})


class HeldBytes:
    """Counts the bytes that all requests hold in memory: bodies, examples and responses.

    Args:
        limit: maximum number of bytes.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0

    @contextmanager
    def request(self) -> Iterator[Hold]:
        """Count the bytes of one request until the context is left."""
        num_bytes = 0

        def hold(size: int) -> None:
            nonlocal num_bytes
            num_bytes += size
            self._bytes += size
            if self._bytes > self._limit:
                raise busy("too much data is being processed")

        try:
            yield hold
        finally:
            self._bytes -= num_bytes


async def receive_request(request: Request, limits: Limits, hold: Hold) -> PredictRequest:
    """Receive a request for predictions.

    Args:
        request: the HTTP request.
        limits: limits of the server.
        hold: counts the bytes of the body.

    Raises:
        HTTPException: 408 if it arrives too slowly, 413 if it is too large, 415 if its content type
            is not supported; others as ``hold``.
    """
    predict_request = PredictRequest(request.headers.get("content-type", ""), b"")
    if not (predict_request.is_json or predict_request.is_form):
        raise HTTPException(
            415,
            'send {"items": [...]} as application/json, or files as multipart/form-data, not '
            f"{predict_request.media_type[:60] or 'a body without a type'!r}.",
        )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.body:
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                hold(len(chunk))
                body += chunk
                if len(body) > limits.body:
                    raise _too_large(limits)
    except TimeoutError:
        raise HTTPException(
            408, f"the request did not arrive within {limits.seconds:g} seconds."
        ) from None
    return predict_request._replace(body=bytes(body))


def _too_large(limits: Limits) -> HTTPException:
    return HTTPException(
        413,
        f"at most {limits.body:,} bytes per request are accepted. Send fewer or smaller files, or "
        "use lampas predict.",
    )
