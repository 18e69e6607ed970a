"""The snippets of all files."""

from __future__ import annotations

from tests.idioms import (  # noqa: F401, each registers its snippets
    branches,
    building,
    files,
    inspecting,
    own_classes,
    own_layers,
    own_steps,
    training,
)
from tests.idioms.common import LONG as LONG
from tests.idioms.common import OWN as OWN
from tests.idioms.common import SNIPPETS as SNIPPETS
