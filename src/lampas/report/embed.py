"""A matplotlib figure as a piece of HTML, in the form that suits it."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from .svg import POINTS_TO_PIXELS, draw, inline_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
