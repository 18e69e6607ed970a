"""A curve separates classes that a line does not."""

import pytest

import lampas as lp
from lampas.app.examples import boundary
from tests.app.examples.example_runs import load_run


@pytest.mark.long
@pytest.mark.parametrize("shape", ["moons", "circles", "spirals"])
def test_a_curve_parts_what_a_line_does_not(shape, tmp_path):
    result = boundary.run(shape, out=tmp_path, verbose=0)
    assert result.network > 0.95 > result.perceptron + 0.05
    load_run(tmp_path)


def test_an_unknown_shape_offers_the_nearest(tmp_path):
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'moons'"):
        boundary.run("moon", out=tmp_path)
