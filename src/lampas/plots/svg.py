"""Convert a matplotlib figure to HTML: inline SVG with the page's colors, or PNG."""

from __future__ import annotations

import base64
import io
import re
import warnings
from html import escape
from xml.etree import ElementTree

from .style import GRID, GROUND, INK, MUTED, Figure, style

POINTS_TO_PIXELS = 96 / 72
# Pixels per inch of the rasterized parts of an SVG.
RASTER_DPI = 200

# Figures in other styles use pure black for text and lines.
VARIABLES = {
    INK: "var(--ink)",
    "#000000": "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    GROUND: "var(--ground)",
}
COLOR = re.compile("|".join(VARIABLES))
FONT_FAMILY = re.compile(r"font-family:[^;]*|(?<=px )'.*?sans-serif")
HUNDREDTHS = re.compile(r"(\.\d\d)\d+")
LINK = re.compile(r"^#|(?<=url\()#")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def inline_svg(figure: Figure, alt: str, prefix: str) -> str:
    """Render ``figure`` as an ``<svg>`` element.

    Args:
        figure: any matplotlib figure; the colors of ``style`` are replaced by the page's.
        alt: alternative text for readers who cannot see the figure.
        prefix: put before every id, so that ids are unique on the page.
    """
    root = ElementTree.fromstring(NOT_XML.sub("", render(figure, "svg").decode()))
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


def render(figure: Figure, kind: str) -> bytes:
    """Return the bytes of ``figure`` as ``"svg"`` or ``"png"``, with a transparent background."""
    file = io.BytesIO()
    with style(), warnings.catch_warnings():
        # The page's font has the letters that matplotlib's font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(file, format=kind, dpi=RASTER_DPI, transparent=True)
    return file.getvalue()


def _clean(element: ElementTree.Element, prefix: str) -> None:
    """Remove namespaces, metadata, page-wide styles and white space; replace ids and colors."""
    element.tag = _local(element.tag)
    for child in list(element):
        if _local(child.tag) in ("metadata", "style"):
            element.remove(child)
    attributes = [(_local(name), text) for name, text in element.attrib.items()]
    element.attrib = {name: _value(name, text, prefix) for name, text in attributes}
    texts = element.text, element.tail
    element.text, element.tail = (text if text and text.strip() else None for text in texts)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _value(name: str, text: str, prefix: str) -> str:
    if name == "id":
        return prefix + text
    if name in ("href", "clip-path"):
        return LINK.sub(f"#{prefix}", text)
    if name == "style":
        return COLOR.sub(lambda match: VARIABLES[match[0]], FONT_FAMILY.sub("", text))
    return HUNDREDTHS.sub(r"\1", " ".join(text.split())) if name == "d" else text


SVG_LIMIT = 400_000
POINTS_PER_INCH = 72


def figure_to_html(figure: Figure, alt: str, prefix: str) -> str:
    """Render ``figure`` as inline SVG, or as PNG if the SVG is above `SVG_LIMIT` and larger.

    An SVG stays sharp and follows the page's dark mode. A PNG does not, so the page shows it on a
    light card.

    Args:
        figure: any matplotlib figure.
        alt: alternative text for readers who cannot see the figure.
        prefix: prefix of all ids, unique on the page.
    """
    svg = inline_svg(figure, alt, prefix)
    if len(svg) <= SVG_LIMIT:
        return svg
    png = base64.b64encode(render(figure, "png")).decode()
    if len(svg) <= len(png):
        return svg
    width, height = figure.get_size_inches() * POINTS_PER_INCH * POINTS_TO_PIXELS
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return f'<img class="card" alt="{escape(alt)}" {size} src="data:image/png;base64,{png}">'
