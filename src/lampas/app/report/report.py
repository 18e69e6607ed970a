"""The report: one HTML file that holds everything it shows.

It loads nothing and runs nothing: styles and pictures are inside, there is no script, and a content
security policy says so to the browser. It is light or dark as the reader's system is.

The page around a report's sections: head, masthead, contents, foot.

Values and paragraphs as a reader expects them, safe inside HTML.
"""

from __future__ import annotations

import base64
import functools
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from importlib.resources import files
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ...core.errors import ShapeError
from ...core.filesystem import write_whole
from ...plots.errors import ReportError
from ...plots.svg import embed

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
            figure: from ``lampas.plots``, or any other; it is drawn now.
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


# Nothing is loaded and nothing runs, whatever a caption may contain.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SECTIONS_FOR_CONTENTS = 3


@dataclass
class Section:
    """A heading (plain text; none for the page's head) and the HTML beneath it."""

    title: str
    blocks: list[str] = field(default_factory=list)


def page(title: str, subtitle: str, head: Section, sections: Sequence[Section]) -> str:
    """The whole document; ``title`` and ``subtitle`` are HTML-safe already."""
    contents = _contents(sections) if len(sections) >= SECTIONS_FOR_CONTENTS else ""
    body = "\n".join(_section(number, section) for number, section in enumerate(sections, start=1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="{_icon()}">
<style>
{_asset("page.css")}</style>
</head>
<body>
<header><div class="column">
<p class="brand">{_asset("torch.svg").strip()}Lampas</p>
<h1>{title}</h1>
{f'<p class="subtitle">{subtitle}</p>' if subtitle else ""}
{"".join(head.blocks)}
</div></header>
<main class="column">
{contents}
{body}
</main>
<footer class="column">{_foot()}</footer>
</body>
</html>
"""


def _section(number: int, section: Section) -> str:
    blocks = "\n".join(section.blocks)
    return f'<section id="section-{number}">\n<h2>{safe(section.title)}</h2>\n{blocks}\n</section>'


def _contents(sections: Sequence[Section]) -> str:
    links = (
        f'<li><a href="#section-{number}">{safe(section.title)}</a></li>'
        for number, section in enumerate(sections, start=1)
    )
    return f'<nav aria-label="Contents"><ol>{"".join(links)}</ol></nav>'


def _foot() -> str:
    now = datetime.now().astimezone()
    shown = f"{now.day} {now:%B %Y, %H:%M}"
    return (
        f'Made with Lampas on <time datetime="{now.isoformat(timespec="minutes")}">{shown}</time>.'
    )


def _icon() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(_asset("torch.svg").encode()).decode()


@functools.cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SMALLEST_PLAIN, LARGEST_PLAIN = 1e-4, 1e6


def show(value: object) -> str:
    """A value in plain words: ``61706`` -> ``61,706``, ``0.98765`` -> ``0.9877``, None -> ``–``."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return _show_real(float(value))
    return str(value)


def is_number(value: object) -> bool:
    """Whether ``value`` belongs on the right of its column."""
    return isinstance(value, Real) and not isinstance(value, bool)


def safe(value: object) -> str:
    """``show(value)`` with everything that HTML would read as its own made harmless."""
    return escape(NOT_TEXT.sub("", show(value)))


def paragraphs(text: str) -> str:
    """Plain text -> ``<p>`` elements; an empty line divides paragraphs."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{safe(part)}</p>" for part in parts if part)


def _show_real(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    plain = value == 0 or SMALLEST_PLAIN <= size < LARGEST_PLAIN
    text = f"{value:,.0f}" if 1e4 <= size < LARGEST_PLAIN else f"{value:.4g}"
    return (text if plain else f"{value:.3g}").replace("-", "−")
