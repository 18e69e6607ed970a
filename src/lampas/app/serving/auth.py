"""Who may come in: those with the token, or those on this machine, from no foreign page."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Door:
    """Lets a request pass, or answers 401 or 403.

    Without a token the server must be asked by a name of this machine, so that no foreign name that
    was made to point here (DNS rebinding) opens it to a web page. The page itself, which knows
    nothing of the run, is for all.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.token is None and not _is_local(host):
            return _no(403, "this server is for this machine: ask it as localhost.")
        if origin is not None and urlsplit(origin).netloc != host:
            return _no(403, "this server answers no pages but its own.")
        if self.token is not None and scope["path"] != "/" and not self._knows(headers):
            challenge = {"WWW-Authenticate": "Bearer"}
            return _no(401, "the token is needed, as Authorization: Bearer TOKEN.", challenge)
        return None

    def _knows(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), (self.token or "").encode())
        return scheme.lower() == "bearer" and same


def _is_local(host: str) -> bool:
    """Whether a Host header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname
        return name == "localhost" or ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _no(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message}, status, headers)
