"""Build a report as one HTML file.

The file contains everything it shows: styles and images are embedded, there is no script, and its
content security policy forbids loading or running anything. It follows the system's dark mode.
"""

from __future__ import annotations

import base64
import functools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ...core.errors import LampasError, ShapeError
from ...core.filesystem import atomic_write
from ...plots.formatting import display_text
from ...plots.svg import figure_to_html

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from matplotlib.figure import Figure

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class ReportError(LampasError):
    """A report cannot be rendered or written."""


@dataclass
class Section:
    """A heading (empty for the page's head) and the blocks of HTML below it."""

    title: str
    blocks: list[Markup] = field(default_factory=list)


class Report:
    """A page that is written from top to bottom; every method returns the report for chaining.

    Blocks before the first ``section`` belong to the page's head: put the key figures there. All
    texts are escaped, so they are never interpreted as HTML.

    Args:
        title: title of the page.
        subtitle: one line below the title.

    Example::

        report = Report("Handwritten digits", "LeNet, 12 epochs")
        report.facts({"Test accuracy": "98.9%", "Parameters": 61706})
        report.section("Training").figure(training_curves(history), "Loss and accuracy.")
        report.write("report.html")
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self.title = title
        self.subtitle = subtitle
        self._sections = [Section("")]
        self._figures = 0
        self._tables = 0

    def section(self, title: str, intro: str = "") -> Self:
        """Begin a section; later blocks belong to it.

        Args:
            title: heading of the section.
            intro: first paragraphs.
        """
        self._sections.append(Section(title))
        return self.text(intro)

    def facts(self, facts: Mapping[str, object]) -> Self:
        """Add a row of key figures, the most important first.

        Args:
            facts: name -> value; numbers are written with four digits, strings as they are.
        """
        return self._add("facts", facts.items())

    def text(self, text: str) -> Self:
        """Add paragraphs of plain text, separated by empty lines."""
        paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text))
        return self._add("paragraphs", [part for part in paragraphs if part])

    def code(self, text: str) -> Self:
        """Add text in a monospaced font, line by line."""
        return self._add("code", text)

    def table(
        self, headers: Sequence[str], rows: Sequence[Sequence[object]], caption: str = ""
    ) -> Self:
        """Add a table with a numbered caption; columns of numbers are right-aligned.

        Args:
            headers: column names.
            rows: cells, row by row; None is shown as a dash.
            caption: caption of the table.

        Raises:
            ShapeError: if a row has more or fewer cells than there are headers.
        """
        for index, row in enumerate(rows):
            if len(row) != len(headers):
                raise ShapeError(f"Row {index} has {len(row)} cells under {len(headers)} headers.")
        self._tables += 1
        numeric = [_is_numeric([row[i] for row in rows]) for i in range(len(headers))]
        return self._add("table", f"Table {self._tables}", caption, headers, rows, numeric)

    def figure(self, figure: Figure, caption: str = "", alt: str = "") -> Self:
        """Add a matplotlib figure with a numbered caption.

        Args:
            figure: from ``lampas.plots``, or any other; it is rendered now.
            caption: caption of the figure.
            alt: alternative text for readers who cannot see the figure; by default the caption.
        """
        self._figures += 1
        name = f"Figure {self._figures}"
        drawing = figure_to_html(figure, alt or caption or name, f"figure-{self._figures}-")
        return self._add("figure", name, caption, drawing)

    def html(self) -> str:
        """Return the whole page."""
        head, *sections = self._sections
        logo = _asset("torch.svg")
        template = _environment().get_template("page.html")
        return template.render(
            title=self.title,
            subtitle=self.subtitle,
            head=head,
            sections=sections,
            style=_asset("page.css"),
            logo=logo.strip(),
            icon=base64.b64encode(logo.encode()).decode(),
            now=datetime.now().astimezone(),
        )

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page atomically and return its path; missing folders are created.

        Args:
            path: the HTML file.

        Raises:
            ReportError: if the file cannot be written.
        """
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, self.html().encode())
        except OSError as error:
            raise ReportError(
                f"The report could not be written to the folder {str(path.parent.absolute())!r} "
                f"as {path.name!r}: {error.strerror or error}. Choose a folder with write "
                "permission and free space."
            ) from error
        return path

    def _add(self, macro: str, *args: object) -> Self:
        """Add a block, rendered by a macro of ``templates/blocks.html``."""
        self._sections[-1].blocks.append(getattr(_blocks(), macro)(*args))
        return self


def _is_numeric(column: Sequence[object]) -> bool:
    """Whether a column contains numbers, apart from None."""
    values = [value for value in column if value is not None]
    return bool(values) and all(
        isinstance(value, Real) and not isinstance(value, bool) for value in values
    )


@functools.cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader
    except ImportError as error:
        raise ReportError(
            "Reports are rendered with Jinja2, which is not installed. "
            "Install it with: pip install 'lampas[app]'"
        ) from error
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["text"] = _clean_text
    return environment


@functools.cache
def _blocks() -> Any:
    return _environment().get_template("blocks.html").module


def _clean_text(value: object) -> str:
    """Format a value and remove the characters that HTML does not allow."""
    return _NOT_TEXT.sub("", display_text(value))


@functools.cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
