"""All tests share one cache of compiled programs, apart from the user's own."""

import os
from pathlib import Path

os.environ["LAMPAS_CACHE"] = str(Path(__file__).parents[1] / ".pytest_cache" / "lampas")
# What fails here is to be seen whole.
os.environ.setdefault("LAMPAS_TRACEBACK", "full")
