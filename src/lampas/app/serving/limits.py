"""Limits of the server on requests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Maximum sizes; larger requests are refused with status 4xx, or 503 if waiting helps.

    Args:
        body: bytes per request.
        buffered: bytes of all requests that are being processed: bodies, examples, responses.
        unpacked: bytes of the files of a request when unpacked.
        lines: lines of a CSV file, empty ones included.
        cells: cells of a table, empty ones included.
        columns: columns of a CSV file.
        pixels: pixels of an image.
        files: files per request.
        examples: examples per request: rows, texts, images.
        memory: bytes that a process may take to read a request.
        seconds: time for each step: to receive a request, to wait for a process that reads it, to
            read it, to predict, and to send the response.
        idle_seconds: time that a connection waits for a request.
        waiting: requests that wait for their answer.
        connections: open connections.
        peer_connections: open connections of one client.
    """

    body: int = 16 * 2**20
    buffered: int = 2**30
    unpacked: int = 128 * 2**20
    lines: int = 1_000_000
    cells: int = 2_000_000
    columns: int = 2_000
    pixels: int = 50_000_000
    files: int = 100
    examples: int = 10_000
    memory: int = 2 * 2**30
    seconds: float = 30.0
    idle_seconds: float = 10.0
    waiting: int = 256
    connections: int = 500
    peer_connections: int = 250
