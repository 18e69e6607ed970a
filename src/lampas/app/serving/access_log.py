"""What every response has: headers that keep it to itself, and a line in the log."""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("lampas.serve")
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page: nothing in it is loaded or run."""


class Record:
    """Writes a line a request; an error that nobody expected is told there and nowhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"Content-Security-Policy": POLICY}).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception:
            LOG.exception("an error that was not expected")
            if not status:
                failed = JSONResponse({"error": "the server failed; its log says more."}, 500)
                await failed(scope, receive, noting)
        finally:
            _write(scope, status, time.perf_counter() - start)


def _write(scope: Scope, status: int, seconds: float) -> None:
    # As it came, percent signs and all: nothing in it can begin a line of its own.
    path = scope.get("raw_path", b"").decode("latin-1")[:100]
    client = (scope.get("client") or ("-",))[0]
    method, milliseconds = scope["method"], round(1000 * seconds)
    LOG.info("%s %s %a %s %d ms", client, method, path, status or "-", milliseconds)
