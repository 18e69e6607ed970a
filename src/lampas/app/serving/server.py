"""Run the web application on a port until Ctrl-C, as ``lampas serve`` does."""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import os
import re
import secrets
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import ArgumentError, FileError

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from .limits import Limits

MIN_TOKEN_LENGTH = 8
_BACKLOG = 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _LARGE_BLOCK = -1, -3, 2**20


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    *,
    limits: Limits | None = None,
    show: bool = False,
) -> None:
    """Serve the predictions of a trained run over HTTP until Ctrl-C.

    If the server is reachable from other machines (``host`` is not a loopback address), requests
    need a token; without ``token``, one is generated and printed.

    Args:
        folder: folder of the run.
        host: address to listen on.
        port: port to listen on; 0 for a free port.
        token: token that requests need, as ``Authorization: Bearer TOKEN``.
        limits: limits of the server.
        show: whether to open the page in the browser.

    Raises:
        FileError: if the folder has no run, or a library is missing.
        ArgumentError: if the address is not available, or the token is invalid.
    """
    _require_libraries()
    _return_freed_memory()
    from ..automl.predictor import Predictor
    from .app import make_app

    if token is not None:
        _check_token(token)
    predictor = Predictor(folder)
    with listen(host, port) as listener:
        address = _address(listener)
        if token is None and not _is_local(listener):
            token = secrets.token_urlsafe(16)
            address += f"#token={token}"  # Browsers do not send the fragment.
        print(f"serving {folder} at {address} until Ctrl-C", flush=True)
        if show:  # A browser in the terminal blocks until it is closed.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        _log_to_stderr()
        with suppress(KeyboardInterrupt):
            make_server(make_app(predictor, token, limits), limits).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises ArgumentError if the address is not available."""
    refusal = f"cannot listen on {host} port {port}: {{}}. Choose another --host or --port."
    if not 0 <= port < 2**16:
        raise ArgumentError(refusal.format("ports are numbers from 0 to 65,535"))
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (socket.gaierror, UnicodeError) as error:
        raise ArgumentError(refusal.format("the address does not exist")) from error
    except OSError as error:
        raise ArgumentError(refusal.format(os.strerror(error.errno or 0))) from error
    # Connections inherit it; without it each answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def make_server(app: Starlette, limits: Limits | None = None) -> uvicorn.Server:
    """Return the HTTP server of an application; its ``run(sockets=[...])`` blocks."""
    import uvicorn

    from .connections import connection_factory
    from .limits import Limits

    config = uvicorn.Config(
        app,
        http=connection_factory(limits or Limits()),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def _require_libraries() -> None:
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise FileError(
            f"serving needs starlette and uvicorn, and {error.name} is not installed: "
            "pip install 'lampas[app]'"
        ) from error


def _return_freed_memory() -> None:
    """Return large blocks of memory to the system when they are freed.

    After the first of them, glibc would keep blocks of up to 32 MB.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # Another C library.
            for option in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
                ctypes.CDLL(None).mallopt(option, _LARGE_BLOCK)


def _check_token(token: str) -> None:
    if not re.fullmatch(rf"[!-~]{{{MIN_TOKEN_LENGTH},}}", token):
        raise ArgumentError(
            f"a token needs {MIN_TOKEN_LENGTH} or more printable ASCII characters without spaces; "
            "omit it to generate one."
        )


def _log_to_stderr() -> None:
    """Write the log to standard error."""
    from .access_log import LOG

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


def _is_local(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def _address(listener: socket.socket) -> str:
    """The URL to open in a browser."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = socket.gethostname()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"
