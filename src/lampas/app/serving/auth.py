"""Middleware that authorizes requests by a token, or by coming from this machine."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class AuthMiddleware:
    """Refuse unauthorized requests with status 401 or 403.

    Without a token, the Host header must name this machine; this prevents DNS rebinding, by which
    a web page under a foreign name could reach the server. The page at ``/``, which contains
    nothing about the run, needs no token.

    Args:
        app: the application.
        token: the token that requests need; None to accept requests from this machine only.
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
            return _refuse(403, "this server accepts requests to localhost only.")
        if origin is not None and _host(origin) != host:
            return _refuse(403, "this server accepts requests from its own page only.")
        if self.token is not None and scope["path"] != "/" and not self._has_token(headers):
            challenge = {"WWW-Authenticate": "Bearer"}
            return _refuse(401, "a token is required: Authorization: Bearer TOKEN.", challenge)
        return None

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        is_valid = hmac.compare_digest(token.strip().encode(), (self.token or "").encode())
        return scheme.lower() == "bearer" and is_valid


def _host(origin: str) -> str | None:
    """The host and port of an origin; None if it is malformed."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    """Whether a Host header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname
        return name == "localhost" or ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _refuse(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message}, status, headers)
