from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lampas
from lampas import Dense, Sequential
from lampas.layers.preprocessing.base import RawInputLayer

WORDS = ["one", "three", "seven"]
LETTERS = np.array([[3.0], [5.0], [5.0]])


class Count(RawInputLayer):
    """Reads words as the number of their letters, times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def accepts(self, x: Any) -> bool:
        return isinstance(x, list) and isinstance(x[0], str)

    def convert(self, x: Any) -> np.ndarray:
        return self.factor * np.array([[len(word)] for word in x], np.float32)


class Net(lampas.Model):
    """A model of one's own that reads words."""

    def __init__(self) -> None:
        self.count, self.out = Count(2.0), Dense(1)

    def forward(self, x: Any) -> Any:
        return self.out(self.count(x))


@pytest.mark.long
@pytest.mark.parametrize("make", [lambda: Sequential([Count(2.0), Dense(1)]), Net])
def test_a_model_takes_what_its_reader_reads(make: Any) -> None:
    model = make()
    model.compile("sgd", "mse")
    y = np.ones((3, 1))
    model.fit(WORDS, y, validation_data=(WORDS, y), epochs=2, verbose=0)
    assert model.history.history["val_loss"][-1] == pytest.approx(model.evaluate(WORDS, y)["loss"])
    np.testing.assert_array_equal(model.predict(WORDS), model.predict(2 * LETTERS))
    np.testing.assert_allclose(model(WORDS), model.predict(WORDS), rtol=1e-6)


def test_a_reader_is_saved_with_its_arguments(tmp_path: Path) -> None:
    model = Sequential([Count(2.0), Dense(1)])
    expected = model.predict(WORDS)
    model.save(tmp_path / "net.safetensors")
    loaded = lampas.load(tmp_path / "net.safetensors", Count)
    np.testing.assert_array_equal(loaded.predict(WORDS), expected)


def test_a_reader_without_its_methods_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"RawInputLayer needs a method accepts\(x\)"):
        Sequential([RawInputLayer()]).predict(WORDS)
