"""What the tool says in the terminal while it works."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .kind import Found, Kind, Parts


def show_found(kind: Kind, found: Found) -> None:
    """What was found and decided, and why; then what to look into."""
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2))
    for what, why in found.reasons:
        table.add_row(f"[bold]{escape(what)}[/]", escape(why))
    console.print(table)
    for warning in found.warnings:
        console.print(f"[yellow]look into this[/] {escape(warning)}", soft_wrap=True)


def show_parts(kind: Kind, parts: Parts, folder: Path, goes_on: bool) -> None:
    """How many examples are in each part, and where the run is."""
    train, validation, test = map(kind.examples, parts)
    console = Console(highlight=False)
    console.print(
        f"{train:,} examples to learn from, {validation:,} to stop by, {test:,} to be judged by"
    )
    if goes_on:
        console.print(f"going on with the run in {escape(str(folder))}")
