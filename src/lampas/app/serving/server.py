"""``lampas serve``: the application on a port, until Ctrl-C."""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
import socket
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

SHORTEST_TOKEN = 8
_CONNECTIONS = 500
_BACKLOG = 1024


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    *,
    limits: Limits | None = None,
    show: bool = False,
) -> None:
    """Answer over HTTP with the model in a run's folder, until Ctrl-C.

    Beyond this machine (``host`` other than that of the loopback) a token is needed; one is made
    and printed if none is given.

    Args:
        folder: of the run.
        host: the address to listen at.
        port: likewise; 0 for a free one.
        token: that requests must bring, as ``Authorization: Bearer``.
        limits: what is taken at most.
        show: whether to open the page in the browser.

    Raises:
        FileError: when the folder has no run, or a library is missing.
        ArgumentError: for an address that can not be listened at, or a token that can not be used.
    """
    _require_libraries()
    from ..automl.predictor import Predictor
    from .app import application

    if token is not None:
        _check(token)
    predictor = Predictor(folder)
    with listen(host, port) as listener:
        address = _address(listener)
        if token is None and not _is_local(listener):
            token = secrets.token_urlsafe(16)
            address += f"#token={token}"  # which a browser keeps to itself
        print(f"serving {folder} at {address} until Ctrl-C", flush=True)
        if show:  # a browser in the terminal ends only when it is left
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        _log()
        with suppress(KeyboardInterrupt):
            server(application(predictor, token, limits)).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. Raises ArgumentError when there can be none."""
    refusal = f"can not listen at {host} port {port}: {{}}. Give another --host or --port."
    if not 0 <= port < 2**16:
        raise ArgumentError(refusal.format("ports go from 0 to 65,535"))
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (socket.gaierror, UnicodeError) as error:
        raise ArgumentError(refusal.format("there is no such address")) from error
    except OSError as error:
        raise ArgumentError(refusal.format(os.strerror(error.errno or 0))) from error
    # Connections inherit it; without it each answer waits 40 ms for the asker's acknowledgement.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def server(app: Starlette) -> uvicorn.Server:
    """What speaks HTTP for the application; ``run(sockets=[...])`` blocks."""
    import uvicorn

    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def _require_libraries() -> None:
    try:
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise FileError(
            f"a run is served with starlette, uvicorn and python-multipart, and {error.name} is "
            "not installed: pip install 'lampas[app]'"
        ) from error


def _check(token: str) -> None:
    if (
        len(token) < SHORTEST_TOKEN
        or not token.isascii()
        or not token.isprintable()
        or " " in token
    ):
        raise ArgumentError(
            f"a token has {SHORTEST_TOKEN} letters or more, ASCII and without spaces; leave it "
            "out to have one made."
        )


def _log() -> None:
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
    """What to type into a browser."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"
