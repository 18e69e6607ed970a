"""A matplotlib figure as inline SVG that takes its ink from the page around it.

A matplotlib figure as a piece of HTML, in the form that suits it.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from .style import GRID, GROUND, INK, MUTED, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


POINTS_TO_PIXELS = 96 / 72
# Pixels per inch of what matplotlib itself turns into pixels inside the SVG.
RASTER_DPI = 200

# Pure black is what figures drawn by others use for ink.
VARIABLES = {
    INK: "var(--ink)",
    "#000000": "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    GROUND: "var(--ground)",
}
COLOUR = re.compile("|".join(VARIABLES))
FONT_FAMILY = re.compile(r"font-family:[^;]*|(?<=px )'.*?sans-serif")
HUNDREDTHS = re.compile(r"(\.\d\d)\d+")
LINK = re.compile(r"^#|(?<=url\()#")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def inline_svg(figure: Figure, alt: str, prefix: str) -> str:
    """Draw ``figure`` as an ``<svg>`` element.

    Args:
        figure: any matplotlib figure; its colours of ``style`` become the page's.
        alt: what a reader who can not see it is told.
        prefix: put before every id, so that figures in one page do not share them.
    """
    root = ElementTree.fromstring(NOT_XML.sub("", draw(figure, "svg").decode()))
    for parent in root.iter():
        _clean(parent, prefix)
    width = float(root.attrib["viewBox"].split()[2]) * POINTS_TO_PIXELS
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "style": f"--width:{width:.0f}px",
        "role": "img",
        "aria-label": alt,
    }
    return ElementTree.tostring(root, encoding="unicode")


def draw(figure: Figure, kind: str) -> bytes:
    """The bytes of ``figure`` as ``"svg"`` or ``"png"``, on a clear ground."""
    file = io.BytesIO()
    with style(), warnings.catch_warnings():
        # The page has the letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(file, format=kind, dpi=RASTER_DPI, transparent=True)
    return file.getvalue()


def _clean(element: ElementTree.Element, prefix: str) -> None:
    """Drop namespaces, metadata, page-wide styles and white space; rename ids; free colours."""
    element.tag = _local(element.tag)
    for child in list(element):
        if _local(child.tag) in ("metadata", "style"):
            element.remove(child)
    element.attrib = {
        _local(name): _value(_local(name), text, prefix) for name, text in element.attrib.items()
    }
    element.text, element.tail = _words(element.text), _words(element.tail)


def _words(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _value(name: str, text: str, prefix: str) -> str:
    if name == "id":
        return prefix + text
    if name in ("href", "clip-path"):
        return LINK.sub(f"#{prefix}", text)
    if name == "style":
        return COLOUR.sub(lambda match: VARIABLES[match[0]], FONT_FAMILY.sub("", text))
    return HUNDREDTHS.sub(r"\1", " ".join(text.split())) if name == "d" else text


SVG_LIMIT = 400_000
POINTS_PER_INCH = 72


def embed(figure: Figure, alt: str, prefix: str) -> str:
    """Draw ``figure`` as inline SVG, or as PNG where the SVG is both large and the larger.

    SVG stays sharp and follows the page into the dark; pictures inside it are kept pixel by pixel.
    A PNG can not follow, so the page gives it a light card to lie on.

    Args:
        figure: any matplotlib figure.
        alt: what a reader who can not see it is told.
        prefix: unlike that of any other figure on the page.
    """
    svg = inline_svg(figure, alt, prefix)
    if len(svg) <= SVG_LIMIT:
        return svg
    png = base64.b64encode(draw(figure, "png")).decode()
    return svg if len(svg) <= len(png) else _image(figure, png, alt)


def _image(figure: Figure, png: str, alt: str) -> str:
    width, height = figure.get_size_inches() * POINTS_PER_INCH * POINTS_TO_PIXELS
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return f'<img class="card" alt="{escape(alt)}" {size} src="data:image/png;base64,{png}">'
