"""HTTP connections with limits: on their number, in all and per client, and on their time."""

from __future__ import annotations

import asyncio
import functools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .access_log import LOG
from .limits import Limits

_LOG_SECONDS = 10.0
_STEPS = 5
"""Steps of receiving and answering a request, of `Limits.seconds` each."""
_FREE_CHUNKS, _MEAN_CHUNK = 1000, 512
"""Chunks of a body that may be small, and bytes that more chunks must have on average."""
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-length: 0\r\n\r\n"
)


class _Http(h11.Connection):
    """HTTP that refuses bodies of many tiny chunks, since each of them takes time to parse."""

    _chunks = _bytes = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Data):
            self._chunks += event.chunk_start
            self._bytes += len(event.data)
            if self._chunks > _FREE_CHUNKS and self._bytes < _MEAN_CHUNK * self._chunks:
                raise h11.RemoteProtocolError("the chunks of the body are too small")
        return event

    def start_next_cycle(self) -> None:
        super().start_next_cycle()
        self._chunks = self._bytes = 0


class Connection(H11Protocol):
    """A connection that is closed when a request does not arrive, or is not taken, in time.

    A new connection that is one too many, in all or of one client, replaces the one that has waited
    longest for a request.

    Args:
        limits: limits of the server.
        options: as uvicorn passes them.
    """

    def __init__(self, limits: Limits, **options: Any) -> None:
        super().__init__(**options)
        self.conn = _Http(h11.SERVER)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since = time.monotonic()

    @property
    def peer(self) -> str:
        """Address of the client."""
        return self.client[0] if self.client else "-"

    @property
    def is_answering(self) -> bool:
        """Whether the headers of a request are complete, and its response is not."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def is_waiting(self) -> bool:
        """Whether the client has to send more before it gets a response."""
        return not self.is_answering or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._restart_timer()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        cycle = self.cycle
        super().data_received(data)
        if self.cycle is not cycle:
            self._restart_timer()

    def send_400_response(self, msg: str) -> None:
        if self.cycle is not None:
            self.cycle.disconnected = True  # The application answers no more.
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # The response to this request has begun.
            self.transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._restart_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _restart_timer(self) -> None:
        self._stop_timer()
        self._waits_since, limits = time.monotonic(), self._limits
        seconds = _STEPS * limits.seconds if self.is_answering else limits.idle_seconds
        self._timer = self.loop.call_later(seconds, self._end, f"nothing came in {seconds:g} s")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _make_room(self) -> None:
        rivals = [c for c in self.connections if isinstance(c, Connection) and c is not self]
        counts = Counter(connection.peer for connection in rivals)
        if counts[self.peer] >= self._limits.peer_connections:
            rivals = [c for c in rivals if c.peer == self.peer]
        elif counts.total() < self._limits.connections:
            return
        waiting = [c for c in rivals if c.is_waiting]
        if waiting:
            last = min(waiting, key=lambda c: (-counts[c.peer], c._waits_since))
            last._end(f"it has {counts[last.peer]} connections")
        else:
            self.transport.write(_REFUSAL)
            self._end(f"it has {counts[self.peer]} connections with open requests")

    def _end(self, reason: str) -> None:
        _log_rarely(self.peer, reason)
        self.connections.discard(self)
        # What the client does not take would keep a connection that is only closed.
        if self.is_answering or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()


_last_logged: dict[str, float] = {}


def _log_rarely(peer: str, reason: str) -> None:
    """Log a closed connection, of each client at most once in a while."""
    now = time.monotonic()
    if now - _last_logged.get(peer, -_LOG_SECONDS) >= _LOG_SECONDS:
        if len(_last_logged) > 1000:
            _last_logged.clear()
        _last_logged[peer] = now
        LOG.warning("%s connection closed: %s", peer, reason)


def connection_factory(limits: Limits) -> Callable[..., Connection]:
    """Return what uvicorn calls for each new connection."""
    return functools.partial(Connection, limits)
