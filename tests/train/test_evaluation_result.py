"""What evaluate returns: values by name, values in order, and a number."""

import copy
import json
import pickle

import numpy as np
import pytest

import lampas as lp
from lampas.train.evaluation_result import EvaluationResult

VALUES = {"loss": 0.25, "accuracy": 0.9}
TWO, ONE = EvaluationResult(VALUES), EvaluationResult(loss=0.25)


def test_by_name_it_is_a_dict():
    assert TWO["accuracy"] == TWO.get("accuracy") == 0.9
    assert TWO.get("auc") is None
    assert "loss" in TWO
    assert "auc" not in TWO
    assert list(TWO.keys()) == ["loss", "accuracy"]
    assert list(TWO.items()) == list(VALUES.items())
    assert dict(TWO) == {**TWO} == TWO == VALUES
    assert json.loads(json.dumps(TWO)) == VALUES
    assert str(TWO) == f"{TWO}" == repr(TWO) == "{'loss': 0.25, 'accuracy': 0.9}"
    assert len(TWO) == 2
    with pytest.raises(KeyError):
        TWO["auc"]


def test_in_order_it_is_a_list():
    loss, accuracy = TWO
    assert [loss, accuracy] == list(TWO) == TWO[:] == [TWO[0], TWO[-1]] == [0.25, 0.9]
    assert list(reversed(TWO)) == [0.9, 0.25]
    assert dict(zip(["a", "b"], TWO, strict=True)) == {"a": 0.25, "b": 0.9}
    np.testing.assert_array_equal(np.array(TWO), [0.25, 0.9])
    np.testing.assert_array_equal(np.round([TWO, TWO], 1), [[0.2, 0.9], [0.2, 0.9]])
    with pytest.raises(IndexError):
        TWO[2]


def test_a_single_value_is_a_number():
    assert float(ONE) == ONE[0] == ONE["loss"] == ONE == 0.25
    assert f"{ONE:.4f}" == "0.2500"
    assert "%.1f" % ONE == "0.2"  # noqa: UP031
    assert round(ONE, 1) == 0.2
    assert ONE < 0.5 <= 2 * ONE
    assert ONE != 0.5
    assert ONE == pytest.approx(0.25) == pytest.approx(np.float32(0.25))
    assert ONE == {"loss": 0.25}
    assert TWO != 0.25
    assert 1 - ONE == 3 * ONE == 1 - ONE / 1 == 0.75
    assert ONE**2 == abs(-ONE) ** 2 == 0.0625
    assert 1 / ONE == 4
    assert pytest.approx(1.1892071) == 2**ONE
    assert ONE + ONE == ONE - (-ONE) == 0.5
    assert np.sqrt(ONE) == 0.5
    assert min([EvaluationResult(loss=3.0), ONE]) == 0.25
    assert np.mean([ONE, EvaluationResult(loss=0.75)]) == 0.5
    np.testing.assert_array_equal(np.array([1.0, 2.0]) * ONE, [0.25, 0.5])


@pytest.mark.parametrize(
    "use", [float, lambda r: f"{r:.3f}", lambda r: r < 1, lambda r: r + 1, lambda r: 1 / r, round]
)
def test_several_values_are_no_number(use):
    with pytest.raises(lp.ArgumentError, match=r"2 values, loss, accuracy, .*result\[\"loss\"\]"):
        use(TWO)


def test_copies_are_equal():
    assert pickle.loads(pickle.dumps(TWO)) == copy.deepcopy(TWO) == TWO
    assert type(copy.copy(TWO)) is EvaluationResult
