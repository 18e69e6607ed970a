"""Indices that are not in the table of an embedding are errors wherever the host sees them."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs.index_checks import IndexInput, find_index_inputs

IDS = np.array([[0, 9], [3, 4]])
WRONG = np.array([[0, 9], [10, 4]])
Y = np.ones((2, 1))
MESSAGE = r"x, input of embedding_1, has the index 10(\.0)? in row 1 \(1 such .* indices 0 to 9"


@pytest.fixture(scope="module")
def model():
    model = lp.Sequential([lp.Embedding(10, 3), lp.Flatten(), lp.Dense(1)])
    model.compile("sgd", "mse")
    model.build((2,))
    return model


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.fit(WRONG, Y, verbose=0),
        lambda m: m.fit(IDS, Y, validation_data=(WRONG, Y), verbose=0),
        lambda m: m.evaluate(WRONG, Y),
        lambda m: m.predict(WRONG),
        lambda m: m.predict(WRONG.astype(np.float32)),
        lambda m: m.predict(jnp.asarray(WRONG)),
        lambda m: m.fit(lambda: iter([(IDS, Y), (WRONG, Y)]), verbose=0),
        lambda m: m.predict(iter([WRONG])),
    ],
)
def test_an_index_outside_the_table_is_an_error(model, call):
    with pytest.raises(lp.DataError, match=MESSAGE):
        call(model)


@pytest.mark.long
def test_a_direct_call_names_index_and_row():
    wrong = {"10 in row 1": WRONG, r"1\.5 in row 0": [[1.5]], "-1 in row 0": [[-1]]}
    wrong |= {"1099511627776.0 in row 0": [[2**40]]}  # 0 in 32 bits
    for layer in (lp.Embedding(10, 3), lp.EmbeddingBag(10, 3, buckets=0)):
        for index, x in wrong.items():
            with pytest.raises(lp.DataError, match=f"the input has the index {index}"):
                layer(x)


def test_rows_on_the_disk_are_counted_from_the_first(model, tmp_path, monkeypatch):
    monkeypatch.setattr("lampas.train.source.ROWS_PER_CHECK", 2)
    rows = np.memmap(tmp_path / "x", np.int32, "w+", shape=(5, 2))
    rows[4, 0] = 10
    with pytest.raises(lp.DataError, match="has the index 10 in row 4"):
        model.predict(rows)


class Ratings(lp.Model):
    """Users and items in the columns of one array, as recommenders have them."""

    def __init__(self):
        self.users, self.items = lp.Embedding(4, 2), lp.Embedding(3, 2)
        self.shifted = lp.Embedding(5, 2)

    def forward(self, x):
        product = self.users(x[:, 0]) * self.items(x[..., 1:].astype(jnp.int8)[:, 0])
        return (product * self.shifted(x[:, 0] + 1)).sum(-1, keepdims=True)


def test_columns_are_checked_each_by_its_table():
    model = Ratings()
    x = np.array([[3, 2], [0, 0]])
    assert np.isfinite(model.predict(x)).all()
    assert list(find_index_inputs(model, x)) == [
        IndexInput(0, [(slice(None), slice(0, 1, None))], 4, "users"),
        IndexInput(0, [(slice(None), slice(1, 2, None))], 3, "items"),
    ]
    with pytest.raises(lp.DataError, match="x, input of items, has the index 3 in row 1"):
        model.predict(np.array([[0, 0], [0, 3]]))


class Pair(lp.Model):
    def __init__(self):
        self.first, self.second = lp.Embedding(4, 1), lp.Embedding(3, 1)

    def forward(self, x):
        return self.first(x["a"]) + self.second(x["b"].reshape(-1))


def test_an_input_of_several_is_named():
    with pytest.raises(lp.DataError, match=r"x\['b'\], input of second, has the index 3 in row 1"):
        Pair().predict({"a": np.array([3, 3]), "b": np.array([[0], [3]])})


class Next(lp.Model):
    def __init__(self):
        self.table = lp.Embedding(4, 1)

    def forward(self, x):
        return self.table(x + 1)


def test_the_vectors_of_wrong_indices_that_are_computed_are_nan():
    output = Next().predict(np.array([[0, 3, -2, 2]]))[0, :, 0]
    assert np.isnan(output).tolist() == [False, True, True, False]


def test_labels_outside_the_classes_are_an_error_in_own_loops_too():
    loss = lp.losses.SparseCategoricalCrossentropy()
    with pytest.raises(lp.DataError, match=r"labels must be 0 to 1 .* got 5.0 in row 1"):
        loss([0, 5], [[0.5, 0.5], [0.5, 0.5]])
