from __future__ import annotations

from tests.download.conftest import cache, serve

__all__ = ["cache", "serve"]
