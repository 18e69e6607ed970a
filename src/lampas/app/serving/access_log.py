"""Middleware that logs every request and adds security headers to every response."""

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
"""Content security policy of responses other than the page: nothing is loaded or run."""


class AccessLogMiddleware:
    """Log one line per request; details of unexpected errors go to the log only.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"Content-Security-Policy": POLICY}).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            pass  # The client has disconnected.
        except Exception:
            LOG.exception("unexpected error")
            if not status:
                error = "internal server error; see the server's log for details."
                response = JSONResponse({"error": error}, 500)
                await response(scope, receive, send_with_headers)
        finally:
            # The raw path is percent-encoded, so it cannot contain a line break.
            path = scope.get("raw_path", b"").decode("latin-1")[:100]
            client, milliseconds = scope.get("client") or "-", 1000 * (time.perf_counter() - start)
            row = client[0], scope["method"], path, status or "-", round(milliseconds)
            LOG.info("%s %s %a %s %d ms", *row)
