"""How much one server takes on, and where it says no."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is taken at most; more is refused with a status of 4xx, or 503 where waiting helps.

    Args:
        body: bytes of a request.
        held: bytes of all requests that are being answered.
        unpacked: bytes that a packed file may unfold to.
        cells: of a sheet, empty ones among them.
        columns: of a CSV file.
        files: of a request.
        examples: of a request: rows, texts, pictures.
        seconds: in which a request must have come in, and as many again in which it is answered.
        waiting: requests in the queue.
    """

    body: int = 16 * 2**20
    held: int = 2**30
    unpacked: int = 128 * 2**20
    cells: int = 2_000_000
    columns: int = 2_000
    files: int = 100
    examples: int = 10_000
    seconds: float = 30.0
    waiting: int = 256
