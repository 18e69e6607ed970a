"""All tests share one cache of compiled programs, apart from the user's own."""

import gc
import os
from pathlib import Path

os.environ["LAMPAS_CACHE"] = str(Path(__file__).parents[1] / ".pytest_cache" / "lampas")
# What fails here is to be seen whole.
os.environ.setdefault("LAMPAS_TRACEBACK", "full")
# The backend of the Keras that tests compare with: a process that has imported one keeps it.
os.environ.setdefault("KERAS_BACKEND", "torch")


def pytest_ignore_collect(collection_path, config):
    """Whoever runs no test of the peers is spared their import, some seconds in each process."""
    no_peers = "not peer" in config.getoption("markexpr")
    return True if no_peers and collection_path.name == "peers" else None


# What their collection makes stays to the end: the garbage collector need not walk through it.
gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.enable()
