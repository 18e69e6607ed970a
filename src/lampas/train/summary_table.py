"""The table of a model's layers that ``model.summary()`` displays, as text and as HTML."""

from __future__ import annotations

import html
import io
import itertools
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import ArgumentError
from ..core.terminal import plain

if TYPE_CHECKING:
    from rich.table import Table

DEFAULT_WIDTH, MAX_WIDTH = 100, 120
"""Width of the text where there is no terminal, and in a wide one."""
NUMBERS = ("parameters", "multiplications")
"""The columns that are aligned to the right."""


@dataclass(frozen=True)
class Row:
    """One layer; what is not known before the shape of the input is None."""

    path: str
    name: str
    kind: str
    outputs: tuple[str, ...]
    """Shape of each output, the batch axis as ``*``."""
    parameters: int | None
    """Number of trained values."""
    states: int
    """Number of values that are not trained: running statistics and frozen parameters."""
    multiplications: int | None
    """Multiplications by weights for one example, of all calls together."""
    bytes: int
    """Memory of the variables."""
    inputs: tuple[str, ...] = ()
    """Names of the layers whose outputs it takes, in a graph with branches."""
    calls: int = 1
    """How often the layer is called in one forward pass."""
    parts: tuple[Row, ...] = ()
    """The layers inside."""

    def walk(self, expand: bool, depth: int = 0) -> Iterator[tuple[int, Row]]:
        """The row with its depth, and those inside if ``expand``."""
        yield depth, self
        for part in self.parts if expand else ():
            yield from part.walk(expand, depth + 1)

    @property
    def label(self) -> str:
        """``dense_1 (Dense)``, with the number of calls if there are several."""
        calls = f" ×{self.calls}" if self.calls > 1 else ""
        return f"{self.name} ({self.kind}{calls})"

    @property
    def output(self) -> str:
        """The shapes of the outputs, separated by commas."""
        return ", ".join(self.outputs) or "?"

    @property
    def size(self) -> str:
        """Number of values, trained or not."""
        return _number(None if self.parameters is None else self.parameters + self.states)

    @property
    def trained(self) -> str:
        """Whether training changes the variables: "yes", "no", "partly", or "-" without any."""
        if not self.states:
            return "yes" if self.parameters else "-"
        return "partly" if self.parameters else "no"


@dataclass(frozen=True)
class SummaryTable:
    """The layers of a model in the order of their first calls, and its totals.

    It displays itself when it is printed and in a notebook. A layer that is called several times
    has one row.

    Args:
        name: name of the model.
        rows: one for each layer; those inside of it are its ``parts``.
        parameters: number of trained values.
        states: number of values that are not trained.
        multiplications: by weights for one example; None if they depend on its size.
        bytes: memory of all variables.
        optimizer_values: number of values that the optimizer keeps; 0 before the first step.
        hint: how to make known what is not.
    """

    name: str
    rows: tuple[Row, ...]
    parameters: int
    states: int
    multiplications: int | None
    bytes: int
    optimizer_values: int = 0
    hint: str = ""

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html()

    def text(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> str:
        """The table as text; the arguments are those of ``model.summary``."""
        from rich.console import Console
        from rich.measure import Measurement

        width = line_length or min(MAX_WIDTH, shutil.get_terminal_size((DEFAULT_WIDTH, 1))[0])
        text = io.StringIO()
        console = Console(file=text, width=width, markup=False, emoji=False, highlight=False)
        columns = self._columns(expand_nested, show_trainable, layer_range)
        ends = [int(p if p > 1 else p * width) for p in positions or ()]
        table = _table(columns, ends)
        needed = Measurement.get(console, console.options.update(max_width=10 * width), table)
        if not ends and needed.minimum > width:
            columns.pop("multiplications")  # to give its space to the names
            table = _table(columns, ends)
        console.print(table)
        return plain("\n".join([self.name, text.getvalue().rstrip(), *self.totals()]))

    def html(
        self,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> str:
        """The table as HTML; the arguments are those of ``model.summary``."""
        columns = self._columns(expand_nested, show_trainable, layer_range)
        sides = ["right" if heading in NUMBERS else "left" for heading in columns]

        def line(tag: str, cells: Sequence[str]) -> str:
            styled = (
                f'<{tag} style="text-align: {side}; white-space: pre; padding: 2px 8px">'
                f"{html.escape(cell)}</{tag}>"
                for side, cell in zip(sides, cells, strict=True)
            )
            return f"<tr>{''.join(styled)}</tr>"

        body = "".join(line("td", cells) for cells in zip(*columns.values(), strict=True))
        totals = "<br>".join(map(html.escape, self.totals()))
        return (
            f"<div><strong>{html.escape(self.name)}</strong><table><thead>"
            f"{line('th', list(columns))}</thead><tbody>{body}</tbody></table><p>{totals}</p></div>"
        )

    def _columns(
        self, expand_nested: bool, show_trainable: bool, layer_range: Sequence[str] | None
    ) -> dict[str, list[str]]:
        """The cells of each column, by its heading."""
        shown = [
            pair for row in select_range(self.rows, layer_range) for pair in row.walk(expand_nested)
        ]
        rows = [row for _, row in shown]
        columns = {
            "layer (kind)": [f"{'  ' * depth}{row.label}" for depth, row in shown],
            "output": ["\n".join(row.outputs) or "?" for row in rows],
            "parameters": [row.size for row in rows],
            "multiplications": [_number(row.multiplications) for row in rows],
        }
        if any(row.inputs for row in rows):
            columns["connected to"] = ["\n".join(row.inputs) or "-" for row in rows]
        if show_trainable:
            columns["trained"] = [row.trained for row in rows]
        return columns

    def totals(self) -> list[str]:
        """Lines with the number of values, trained and not, or what to do where it is unknown."""
        lines = [
            f"Total: {self.parameters + self.states:,} parameters ({_memory(self.bytes)}), "
            f"{_number(self.multiplications)} multiplications per example",
            f"Trained: {self.parameters:,}",
            f"Not trained: {self.states:,}",
        ]
        if self.optimizer_values:
            lines.append(f"Optimizer: {self.optimizer_values:,}")
        if any(row.parameters is None for row in self.rows):
            return [self.hint]
        return [*lines, self.hint] if self.hint else lines


def _table(columns: Mapping[str, Sequence[str]], ends: Sequence[int]) -> Table:
    """A table to print.

    Args:
        columns: the cells of each column, by its heading.
        ends: where the first columns end; the others are as wide as their cells.
    """
    from rich.table import Table

    table = Table()
    borders = 3
    sizes = (max(1, b - a - borders) for a, b in itertools.pairwise([0, *ends]))
    widths = dict(zip(columns, sizes, strict=False))
    for heading in columns:
        table.add_column(
            heading,
            justify="right" if heading in NUMBERS else "left",
            no_wrap=heading in ("output", *NUMBERS) and heading not in widths,
            overflow="fold",
            width=widths.get(heading),
        )
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*cells)
    return table


def select_range(rows: Sequence[Row], layer_range: Sequence[str] | None) -> Sequence[Row]:
    """The rows from the first whose name matches the first pattern to the last of the second.

    Args:
        rows: the rows of a model.
        layer_range: two names or regular expressions; None for all rows.

    Raises:
        ArgumentError: when there are not two patterns, or one matches no name.
    """
    if layer_range is None:
        return rows
    names = [row.name for row in rows]
    if isinstance(layer_range, str) or len(layer_range) != 2:
        raise ArgumentError(
            "layer_range takes the names of the first and the last layer, "
            f'["{names[0]}", "{names[-1]}"] for example; got {layer_range!r}.'
        )
    matches = [[i for i, name in enumerate(names) if re.match(p, name)] for p in layer_range]
    for pattern, indices in zip(layer_range, matches, strict=True):
        if not indices:
            raise ArgumentError(
                f"layer_range: no layer is named {pattern!r}. The layers are {', '.join(names)}."
            )
    if matches[0][0] > matches[1][-1]:
        matches.reverse()
    return rows[matches[0][0] : matches[1][-1] + 1]


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _memory(size: int) -> str:
    """``85.9 KB``, in units of 1024 bytes."""
    power = max(0, size.bit_length() - 1) // 10
    return f"{size / 1024**power:.{min(power, 1)}f} {('B', 'KB', 'MB', 'GB', 'TB')[power]}"
