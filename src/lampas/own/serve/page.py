"""The page to drop a file on: one document, which loads nothing and knows nothing of the run."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files

from ... import report

_HERE = __package__


@functools.cache
def page() -> tuple[str, str]:
    """The document, and the policy under which only its own style and script are in force."""
    torch = _asset(report.__name__, "torch.svg").strip()
    style = _asset(report.__name__, "page.css") + _asset(_HERE, "page.css")
    script = _asset(_HERE, "page.js")
    html = _asset(_HERE, "page.html")
    icon = "data:image/svg+xml;base64," + base64.b64encode(torch.encode()).decode()
    parts = {"@icon@": icon, "@torch@": torch, "@style@": style, "@script@": script}
    for mark, part in parts.items():
        html = html.replace(mark, part)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "connect-src 'self'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return html, policy


def _asset(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
