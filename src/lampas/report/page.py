"""The page around a report's sections: head, masthead, contents, foot."""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files

from .words import safe

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
