"""A finished run."""

import pytest

from lampas.app.examples import xor


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run that nobody changes."""
    folder = tmp_path_factory.mktemp("runs") / "xor"
    return xor.run(20, seed=5, out=folder, verbose=0).report.parent
