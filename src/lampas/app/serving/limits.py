"""Limits of the server on requests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Maximum sizes; larger requests are refused with status 4xx, or 503 if waiting helps.

    Args:
        body: bytes per request.
        buffered: bytes of all requests that are being processed.
        unpacked: bytes of the content of a compressed file.
        cells: cells of an Excel sheet, empty ones included.
        columns: columns of a CSV file.
        files: files per request.
        examples: examples per request: rows, texts, images.
        seconds: time to receive a request, and again to answer it.
        waiting: requests in the queue.
    """

    body: int = 16 * 2**20
    buffered: int = 2**30
    unpacked: int = 128 * 2**20
    cells: int = 2_000_000
    columns: int = 2_000
    files: int = 100
    examples: int = 10_000
    seconds: float = 30.0
    waiting: int = 256
