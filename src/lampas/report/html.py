"""The report: one HTML file that holds everything it shows.

It loads nothing and runs nothing: styles and pictures are inside, there is no script, and a content
security policy says so to the browser. It is light or dark as the reader's system is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..core.errors import ShapeError
from ..core.whole import write_whole
from .embed import embed
from .errors import ReportError
from .page import Section, page
from .words import is_number, paragraphs, safe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Report:
    """A page that grows from top to bottom; every method returns the report, so calls chain.

    What comes before the first ``section`` stands in the page's head: put the key figures there.
    Every text given is shown as it is; none of it is read as HTML.

    Example::

        report = Report("Handwritten digits", "LeNet, 12 epochs")
        report.facts({"Test accuracy": "98.9 %", "Parameters": 61706})
        report.section("Training").figure(curves(history, best_epoch=9), "How training went.")
        report.write("report.html")
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self.title = title
        self.subtitle = subtitle
        self._sections = [Section("")]
        self._figures = 0
        self._tables = 0

    def section(self, title: str, intro: str = "") -> Self:
        """Begin a section: what is added from here on belongs to it."""
        self._sections.append(Section(title))
        return self.text(intro)

    def facts(self, facts: Mapping[str, object]) -> Self:
        """A row of big figures: name -> value. The first is the one that matters most.

        Numbers are written with four digits; give a string to write one otherwise.
        """
        pairs = (f"<div><dt>{safe(k)}</dt><dd>{safe(v)}</dd></div>" for k, v in facts.items())
        return self._add(f'<dl class="facts">{"".join(pairs)}</dl>')

    def text(self, text: str) -> Self:
        """Plain paragraphs, divided by empty lines."""
        return self._add(paragraphs(text))

    def code(self, text: str) -> Self:
        """Text set in a fixed-width letter, line for line."""
        return self._add(f'<pre tabindex="0"><code>{safe(text)}</code></pre>')

    def table(
        self, headers: Sequence[str], rows: Sequence[Sequence[object]], caption: str = ""
    ) -> Self:
        """A table with a numbered caption; columns of numbers are set to the right.

        Raises:
            ShapeError: a row has not as many cells as there are headers.
        """
        for index, row in enumerate(rows):
            if len(row) != len(headers):
                raise ShapeError(f"Row {index} has {len(row)} cells under {len(headers)} headers.")
        self._tables += 1
        name = f"Table {self._tables}"
        return self._add(
            f'<div class="table" role="region" aria-label="{name}" tabindex="0"><table>'
            f"<caption>{_numbered(name, caption)}</caption>{_cells(headers, rows)}</table></div>"
        )

    def figure(self, figure: Figure, caption: str = "", alt: str = "") -> Self:
        """A matplotlib figure with a numbered caption.

        Args:
            figure: from ``lampas.report.figures``, or any other; it is drawn now.
            caption: what to see in it.
            alt: what it shows, for those who can not see it; the caption when left out.
        """
        self._figures += 1
        name = f"Figure {self._figures}"
        drawn = embed(figure, alt or caption or name, f"figure-{self._figures}-")
        return self._add(
            f'<figure><div class="plot">{drawn}</div>'
            f"<figcaption>{_numbered(name, caption)}</figcaption></figure>"
        )

    def html(self) -> str:
        """The whole page."""
        head, *sections = self._sections
        return page(safe(self.title), safe(self.subtitle), head, sections)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to ``path``, whole or not at all, and return where it is.

        Missing folders are made.

        Raises:
            ReportError: the folder can not be written to.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, self.html().encode())
        except OSError as error:
            raise ReportError(
                f"The report could not be written to the folder {str(path.parent.absolute())!r} "
                f"as {path.name!r}: {error.strerror or error}. "
                f"Give a folder that you may write to, or free this one."
            ) from error
        return path

    def _add(self, block: str) -> Self:
        self._sections[-1].blocks.append(block)
        return self


def _numbered(name: str, caption: str) -> str:
    return f"<b>{name}</b> {safe(caption)}".rstrip()


def _cells(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The head and body of a table; a column is numeric when all its values are, None aside."""
    columns = [[row[i] for row in rows if row[i] is not None] for i in range(len(headers))]
    kinds = [' class="number"' if c and all(map(is_number, c)) else "" for c in columns]

    def line(tag: str, cells: Sequence[object]) -> str:
        inner = (
            f"<{tag}{kind}>{safe(cell)}</{tag[:2]}>"
            for kind, cell in zip(kinds, cells, strict=True)
        )
        return f"<tr>{''.join(inner)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<thead>{line('th', headers)}</thead><tbody>{body}</tbody>"
