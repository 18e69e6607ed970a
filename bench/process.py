"""Start the process of a framework and communicate with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from .peers import PEERS

ROOT = Path(__file__).parent.parent

ALLOCATORS = {
    "default": {},
    # By default glibc's malloc returns large freed blocks to the system, so that each step maps its
    # memory again, page by page; with these settings it keeps them.
    "pinned": {
        "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
        "MALLOC_TRIM_THRESHOLD_": str(4 * 2**30),
        "MALLOC_TOP_PAD_": str(64 * 2**20),
    },
}


class PeerError(Exception):
    """The process of a framework failed; the message goes into the notes."""


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module of this package."""
    return [sys.executable, "-m", f"bench.{module}", *arguments]


def environment(peer: str, allocator: str, lampas_cache: str) -> dict[str, str]:
    """The user's environment and that of the peer; cache and allocator are not the user's."""
    excluded = ("JAX_COMPILATION_CACHE", "MALLOC_")
    user = {k: v for k, v in os.environ.items() if not k.startswith(excluded)}
    settings = {**PEERS[peer].environment, **ALLOCATORS[allocator], "LAMPAS_CACHE": lampas_cache}
    return {**user, **settings}


def last_words(errors: str) -> str:
    """The last line that a process printed to stderr, in which Python names the exception."""
    return next(reversed(errors.strip().splitlines()), "no message")


class Process:
    """A long-lived worker; ``ask`` sends a request and waits for the answer."""

    def __init__(self, peer: str, allocator: str, lampas_cache: str) -> None:
        self.errors = TemporaryFile("w+")  # noqa: SIM115  (closed in `close`)
        self.child = subprocess.Popen(
            command("worker", peer),
            cwd=ROOT,
            env=environment(peer, allocator, lampas_cache),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer of the worker.

        Raises:
            PeerError: when the worker raised an exception or ended.
        """
        try:
            print(json.dumps({"do": do, **arguments}), file=self.child.stdin, flush=True)
            line = self.child.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.errors.seek(0)
            raise PeerError(f"exit {self.child.wait()}: {last_words(self.errors.read())}")
        reply = json.loads(line)
        if "error" in reply:
            raise PeerError(reply["error"])
        return reply["answer"]

    def close(self) -> None:
        """End the process immediately."""
        self.child.kill()
        self.child.communicate()
        self.errors.close()
