"""A table that is written as Markdown and printed to the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rich.table

NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """A table of text; the first column names the row."""

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> Iterator[str]:
        """The lines of a heading and a Markdown table."""
        yield from (f"## {self.title}", "")
        yield _line(self.columns)
        yield _line(["---"] + ["---:"] * (len(self.columns) - 1))
        yield from map(_line, self.rows)
        yield ""

    def rich(self) -> rich.table.Table:
        """The table for the terminal."""
        table = rich.table.Table(title=self.title, title_justify="left")
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="right" if index else "left", no_wrap=not index)
        for row in self.rows:
            table.add_row(*row)
        return table


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def significant(number: float) -> str:
    """Three significant digits, without an exponent."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:#.3g}" if number >= 1e-3 else f"{number:.2g}"
