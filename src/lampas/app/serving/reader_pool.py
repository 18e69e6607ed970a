"""Processes that read requests into arrays; one that hangs or crashes is ended and replaced."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException

from ...core.errors import DataError
from .limits import Limits
from .predict_request import ExampleReader, Examples, PredictRequest
from .request_body import busy

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

READERS = 4
PATIENCE = 0.5
"""Seconds that a request is read before it makes room for a smaller one."""
_IN_PARTS = "Send it in parts."
_FORMATS = ("Avif", "Bmp", "Gif", "Jpeg2K", "Jpeg", "Mpo", "Png", "Ppm", "Tiff", "WebP")
_LIBRARIES = {
    "table": ("pandas", "openpyxl", "pyarrow.parquet"),
    "images": ("PIL.Image", *(f"PIL.{name}ImagePlugin" for name in _FORMATS)),
    "audio": ("soundfile", "scipy.signal"),
}
"""Imported before processes are forked, since their import takes seconds; some may be missing."""
GROWTH = 64 * 2**20
"""Bytes by which the memory of a process may grow before a new one replaces it."""


class PoolState(NamedTuple):
    """State of the processes.

    Args:
        busy: number of processes that are reading.
        free: number of processes that wait for a request.
        replaced: number of processes that hung or crashed since the server started.
    """

    busy: int
    free: int
    replaced: int


class ReaderPool:
    """Read requests in processes of limited memory.

    Args:
        reader: reads the examples of a request.
        limits: limits of the server.
    """

    def __init__(self, reader: ExampleReader, limits: Limits) -> None:
        self._reader = reader
        self._limits = limits
        self._free: list[_Process] = []
        self._waiting: list[tuple[int, int, asyncio.Future[_Process]]] = []
        self._numbers = itertools.count()
        self._busy: set[_Process] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(READERS, "lampas-reader")
        self._replaced = 0
        self._stopped = False

    @property
    def state(self) -> PoolState:
        """The number of busy, free and replaced processes."""
        return PoolState(len(self._busy), len(self._free), self._replaced)

    def start(self) -> None:
        """Start the processes in the background; must be called in the event loop."""
        for _ in range(READERS):
            self._add_process()

    async def stop(self) -> None:
        """End all processes, also those that are reading."""
        self._stopped = True
        await asyncio.gather(*self._starting)
        for process in (*self._busy, *self._free):
            process.end()
        self._threads.shutdown(wait=False)

    async def read(self, request: PredictRequest) -> Examples:
        """Read a request; a process that is still reading when this is cancelled is ended.

        Of waiting requests, the smallest is read first. A larger one that is being read makes room
        for it after a while.

        Raises:
            HTTPException: 503 if others waited while it was read, or it had to wait too long;
                others as `ExampleReader.read`.
            DataError: if reading took too long, or the process crashed; others as
                `ExampleReader.read`.
        """
        size, seconds = len(request.body), self._limits.seconds
        async with asyncio.timeout(seconds):
            process = await self._take(size)
        self._busy.add(process)
        loop = asyncio.get_running_loop()
        reading = loop.run_in_executor(self._threads, process.ask, request)
        end = loop.time() + seconds
        try:
            while not (await asyncio.wait([reading], timeout=PATIENCE))[0]:
                if loop.time() > end:
                    raise DataError(f"reading it takes more than {seconds:g} seconds. {_IN_PARTS}")
                smaller = [w for other, _, w in self._waiting if other < size and not w.done()]
                if len(smaller) > len(self._starting):
                    raise busy("reading took long while others waited")
            result = reading.result()
        except (EOFError, OSError):
            raise DataError(
                "the process that read the request crashed. Send the files one by one to find the "
                "one that it cannot read."
            ) from None
        finally:
            if not reading.done():
                process.end()
                reading.cancel()
            self._busy.discard(process)
            if process.is_alive:
                self._release(process)
            else:
                self._replaced += not process.has_grown
                self._add_process()
        if isinstance(result, Exception):
            raise result
        return result

    async def _take(self, size: int) -> _Process:
        """Wait for a free process."""
        if self._free:
            return self._free.pop()
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (size, next(self._numbers), waiter))
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._release(waiter.result())
            raise

    def _release(self, process: _Process) -> None:
        """Give a process to the smallest request that waits."""
        while self._waiting:
            waiter = heapq.heappop(self._waiting)[-1]
            if not waiter.done():
                waiter.set_result(process)
                return
        self._free.append(process)

    def _add_process(self) -> None:
        task = asyncio.get_running_loop().create_task(self._start_process())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start_process(self) -> None:
        while not self._stopped:
            with suppress(OSError):  # There is too little memory.
                self._release(await asyncio.to_thread(_Process, self._reader, self._limits.memory))
                return
            await asyncio.sleep(1)


class _Process:
    """A process that reads one request after another."""

    def __init__(self, reader: ExampleReader, memory: int) -> None:
        context = _context(_LIBRARIES.get(reader.kind.name, ()))
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_read_requests, args=(theirs, reader, memory), daemon=True
        )
        with _START_LOCK:
            self._process.start()
        theirs.close()
        self.has_grown = False
        self.is_alive = True

    def ask(self, request: PredictRequest) -> Examples | Exception:
        """Return the examples of a request, or the error of reading it; blocks.

        Raises:
            EOFError, OSError: if the process has ended.
        """
        try:
            self._connection.send(request)
            result, self.has_grown = self._connection.recv()
        except (EOFError, OSError):
            self.end()
            raise
        if self.has_grown:
            self.end()
        return result

    def end(self) -> None:
        """End the process at once."""
        self.is_alive = False
        self._process.kill()


_START_LOCK = threading.Lock()
"""Starting a process is not thread-safe."""


def _context(libraries: Sequence[str]) -> SpawnContext | ForkServerContext:
    """Where possible, processes are forked from one that has imported everything and no threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *libraries])
    return context


def _read_requests(connection: Connection, reader: ExampleReader, memory: int) -> None:
    """Read requests until the server closes the connection; runs in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server.
    os.environ["JAX_PLATFORMS"] = "cpu"
    _limit_memory(memory)
    begun = _peak_memory()
    with suppress(EOFError, OSError):
        while True:
            request = connection.recv()
            result = _read(reader, request)
            del request
            connection.send((result, _peak_memory() - begun > GROWTH))


def _read(reader: ExampleReader, request: PredictRequest) -> Examples | Exception:
    try:
        return reader.read(request)
    except MemoryError:
        return DataError(f"reading the request needs too much memory. {_IN_PARTS}")
    except Exception as error:
        if not isinstance(error, HTTPException | DataError):
            error.add_note(traceback.format_exc())
        return error


if sys.platform == "win32":

    def _limit_memory(memory: int) -> None:
        """Windows has no such limit."""

    def _peak_memory() -> int:
        return 0

else:
    import resource

    def _limit_memory(memory: int) -> None:
        """Limit the memory, beside that of the imported libraries."""
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (memory + 2**30, hard))

    def _peak_memory() -> int:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak
