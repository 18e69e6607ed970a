"""How far the decoding is, on the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Verbose = Literal["auto", 0, 1, 2]


@contextmanager
def progress(total: int, verbose: Verbose) -> Iterator[Callable[[], None]]:
    """A live bar while pictures are decoded; call what it gives after each.

    Args:
        total: number of pictures.
        verbose: 0 silent; 1 a live bar on a terminal ("auto" too); 2 one line at the end.
    """
    if verbose == 0:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(highlight=False)
    columns = "decoding", BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn()
    live = verbose != 2 and console.is_terminal
    begun = time.perf_counter()
    with Progress(*columns, console=console, transient=True, disable=not live) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
    if verbose == 2:
        seconds = time.perf_counter() - begun
        console.print(f"decoded {total:,} pictures  [dim]({seconds:.2g} s)[/dim]", soft_wrap=True)
