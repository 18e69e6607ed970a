"""How much the randomized tests try: `make soak` sets LAMPAS_TEST_SCALE, the other commands 1."""

import os
from typing import Any

from hypothesis import settings

SCALE = int(os.environ.get("LAMPAS_TEST_SCALE", "1"))


def examples(count: int, **options: Any) -> settings:
    """Settings of a hypothesis test that draws `count` examples, times the scale."""
    return settings(max_examples=count * SCALE, deadline=None, **options)
