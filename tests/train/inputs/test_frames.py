"""Tables become arrays of their numbers; cells that are not numbers are named by column and row."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.train.inputs.frames import batches_of, split_target, to_arrays
from tests.scale import examples

pd = pytest.importorskip("pandas")
FRAME = pd.DataFrame(
    {"age": [20, 30, 40], "fare": [1.5, 2.5, 3.5], "child": [False, True, False], "y": [0, 1, 1]}
)


def from_tables(x, y=None):
    x, y = split_target(x, y)
    return to_arrays(x, "x"), to_arrays(y, "y")


KINDS = ["int8", "uint8", "int64", "float32", "float64", "bool"]


@examples(25)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
def test_a_frame_is_its_columns_side_by_side(kinds):
    columns = [np.arange(n, n + 3).astype(kind) for n, kind in enumerate(kinds)]
    x, y = from_tables(pd.DataFrame(dict(enumerate(columns))))
    assert y is None
    assert x.dtype == np.result_type(*kinds)
    np.testing.assert_array_equal(x, np.stack(columns, axis=1))


def test_targets_are_found_by_their_name():
    for x, y in (
        from_tables(FRAME, "y"),
        from_tables(FRAME.drop(columns="y"), FRAME["y"]),
        from_tables({"x": FRAME.drop(columns="y"), "y": FRAME["y"]}, "y"),
    ):
        np.testing.assert_array_equal(x, [[20, 1.5, 0], [30, 2.5, 1], [40, 3.5, 0]])
        np.testing.assert_array_equal(y, [0, 1, 1])


def test_frames_may_be_parts_and_arrays_stay_as_they_are():
    x = np.ones((3, 2))
    (first, second), y = from_tables(({"a": FRAME[["age"]], "b": x}, x), FRAME[["y"]])
    np.testing.assert_array_equal(first["a"], [[20], [30], [40]])
    assert first["b"] is x
    assert second is x
    assert y.shape == (3, 1)
    assert from_tables([[1], [2]], [1, 2]) == ([[1], [2]], [1, 2])


@pytest.mark.parametrize(
    "dtype", ["Int64", "boolean", "Float32", "category", "object", "Sparse[int]"]
)
def test_all_kinds_of_numbers_are_numbers(dtype):
    values, _ = from_tables(pd.Series([1, 0, 1]).astype(dtype))
    assert values.dtype.kind in "biuf"
    np.testing.assert_array_equal(values, [1, 0, 1])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            ["Ulm", "Bonn", None],
            r"column 'new' of x has text \(dtype str\), as 'Ulm'; a network needs numbers\. Encode "
            r"its values, .*cat\.codes, or make a column of 0 and 1 of each: pandas\.get_dummies",
        ),
        (pd.Categorical(["a", "b", "a"]), r"text \(dtype category\), as 'a'"),
        (pd.to_datetime(["2020-01-01"] * 3), r"dates \(dtype datetime.*Count the days"),
        ([[1], [2, 3], [4]], "column 'new' of x has rows of different lengths; pad them"),
        ([1.0, None, None], "column 'new' of x has no value in 2 of 3 rows, .* is row 1\\. Fill"),
        (pd.array([1, 2, None], "Int64"), "no value in 1 of 3 rows, the first of them is row 2"),
        (pd.array([True, None, None], "boolean"), "no value in 2 of 3 rows"),
        ([None, None, None], "no value in 3 of 3 rows"),
    ],
)
def test_a_column_without_numbers_is_named(column, message):
    with pytest.raises(lp.DataError, match=message):
        from_tables(FRAME.assign(new=column), "y")


def test_targets_without_numbers_are_named():
    with pytest.raises(lp.DataError, match=r"^y has text .*Encode its values.*codes\.$"):
        from_tables(FRAME, pd.Series(["a", "b", "c"]))
    with pytest.raises(lp.DataError, match=r"^y has no value in 1 of 3 rows, .* row 0"):
        from_tables(FRAME, pd.Series([None, 1, 2]))


def test_names_that_are_not_there_are_reported():
    with pytest.raises(
        lp.DataError, match=r"y='Age' is not among the columns of x: age, .* mean 'age'\?"
    ):
        from_tables(FRAME, "Age")
    with pytest.raises(
        lp.DataError, match=r"y='y' names a column of x, but x is a ndarray of shape"
    ):
        from_tables(np.ones((2, 2)), "y")
    with pytest.raises(lp.DataError, match=r"x has several columns \['a'\]"):
        from_tables(pd.DataFrame(np.ones((2, 2)), columns=["a", "a"]))
    with pytest.raises(lp.DataError, match="x has no columns"):
        from_tables(FRAME[["y"]], "y")


def test_rows_in_another_order_are_reported():
    x, y = FRAME[["age"]], FRAME["y"]
    with pytest.raises(
        lp.DataError, match="same rows in different orders: row 0 is 0 in x and 2 in y"
    ):
        from_tables(x, y[::-1])
    # The same order, or labels that have nothing to do with each other, are all right.
    from_tables(x[::-1], y[::-1])
    from_tables(x, y.set_axis(["a", "b", "c"]))


def test_only_data_sets_are_brought_into_batches():
    source = iter(())
    assert batches_of(source, 2) is source


def frame_model():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [10.0, 20.0]})
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile("sgd", "mse")
    model.fit(frame, np.zeros((2, 1)), verbose=0)
    model.set_weights([np.array([[1.0], [0.0]])])
    return model, frame


@pytest.mark.long
def test_columns_are_found_by_name(tmp_path):
    model, frame = frame_model()
    model.save(tmp_path / "model.safetensors")
    a, swapped = np.array([[1.0], [2.0]]), frame[["b", "a"]]
    for each in (model, lp.load(tmp_path / "model.safetensors")):
        np.testing.assert_allclose(each.predict(swapped), a)
        np.testing.assert_allclose(each.predict([swapped].__iter__), a)
        np.testing.assert_allclose(each(swapped), a)
        np.testing.assert_allclose(each.predict(swapped.to_numpy()), 10 * a)
        np.testing.assert_allclose(each.predict(swapped.set_axis([0, 1], axis=1)), 10 * a)
    assert model.evaluate(swapped, a) == {"loss": 0}
    assert model.evaluate(lambda: [(swapped, a)]) == {"loss": 0}


def test_other_columns_are_an_error():
    model, frame = frame_model()
    expected = (
        "x must have the columns that the model was first used on: 'b' is missing and 'c', 'd' are "
        "unknown. Rename, add or drop columns, or give x.to_numpy() if they correspond by position."
    )
    others = frame.rename(columns={"b": "c"}).assign(d=1.0)
    with pytest.raises(lp.DataError, match=re.escape(expected)):
        model.predict(others)
    with pytest.raises(lp.DataError, match=re.escape(expected)):
        model.fit(others, np.zeros((2, 1)))
    with pytest.raises(lp.DataError, match=re.escape("batch 0 of epoch 0: " + expected)):
        model.predict([others].__iter__)


def test_columns_of_several_tables_are_found_by_name():

    class First(lp.Model):
        def forward(self, inputs):
            return inputs["left"][:, :1] + 0 * inputs["right"][:, :1]

    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [10.0, 20.0]})
    model = First()
    model.predict({"left": frame, "right": frame})
    swapped = model.predict({"left": frame[["b", "a"]], "right": frame})
    np.testing.assert_allclose(swapped, [[1.0], [2.0]])


@pytest.mark.long
def test_columns_of_targets_are_found_by_name():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [10.0, 20.0]})
    model = lp.Sequential([lp.Dense(2, use_bias=False)])
    model.compile(lp.SGD(1e-9), "mse")
    model.fit(frame, frame, verbose=0)
    model.set_weights([np.eye(2)])
    assert model.evaluate(frame, frame[["b", "a"]]) == {"loss": 0}
    with pytest.raises(lp.DataError, match=r"y must have the columns .* 'b' is missing and 'c' is"):
        model.evaluate(frame, frame.rename(columns={"b": "c"}))
    one = lp.Sequential([lp.Dense(1)])
    one.compile("sgd", "mse")
    one.fit(frame, frame[["a"]], verbose=0)
    one.evaluate(frame, frame[["b"]])  # a single column may have any name
