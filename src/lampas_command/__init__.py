"""Entry point of the ``lampas`` command: Ctrl-C stops it at any time, imports included.

It is not part of the package ``lampas``, whose import takes seconds and could not catch it.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_interrupted = False


def main() -> None:
    """Run the command; after Ctrl-C it ends with one line and return code 130."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # Ctrl-C is ignored.
        from lampas.app.cli import main as run

        run()
        return
    signal.signal(signal.SIGINT, _stop)
    from lampas.app.cli import main as run

    with suppress(ImportError):  # `run` says what is missing.
        import lampas.app.cli.commands  # noqa: F401
    signal.signal(signal.SIGINT, _interrupt)
    sys.unraisablehook = _interrupt_again
    try:
        run()
    except Exception:  # Libraries turn the interrupt of an import into errors of their own.
        if _interrupted:
            _stop()
        raise
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        signal.signal(signal.SIGINT, _stop)  # The interpreter may still wait for threads.


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _interrupted
    _interrupted = True
    raise KeyboardInterrupt


def _interrupt_again(unraisable: UnraisableHookArgs) -> None:
    """Repeat an interrupt that a callback of the interpreter, such as the collector's, has lost."""
    if unraisable.exc_type is KeyboardInterrupt:
        threading.Timer(0.01, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


def _stop(number: int = 0, frame: FrameType | None = None) -> None:
    """End the process at once."""
    with suppress(OSError):
        os.write(2, b"stopped\n")
    os._exit(130)
