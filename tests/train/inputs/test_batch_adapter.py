"""Each batch is checked: what it is, and that it is like the first one."""

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs.batch_adapter import BatchAdapter

X = np.arange(8, dtype=np.float32).reshape(4, 2)
Y = np.array([0, 1, 2, 1])


def formed(*batches, **options):
    form = BatchAdapter(**options)
    return [form.batch(raw, f"batch {n} of epoch 0") for n, raw in enumerate(batches)][-1]


@pytest.mark.parametrize(
    ("raw", "options", "x", "y"),
    [
        ((X, Y), {}, X, Y),
        ([X.tolist(), Y.tolist()], {}, X, Y),
        (({"a": X, "b": Y}, Y), {}, {"a": X, "b": Y}, Y),
        (((X, Y), {"a": Y}), {}, (X, Y), {"a": Y}),
        ({"x": X, "y": Y}, {"target": "y"}, X, Y),
        ({"a": X, "b": X, "y": Y}, {"target": "y"}, {"a": X, "b": X}, Y),
        (X, {"targets": False}, X, ()),
        ((X,), {"targets": False}, X, ()),
        ((X, np.array(["no", "number", "at", "all"])), {"targets": False}, X, ()),
        ({"a": X}, {"targets": False}, {"a": X}, ()),
        (X, {"targets": None}, X, ()),
        ((X, Y), {"targets": None}, X, Y),
    ],
)
def test_batches_come_in_many_forms(raw, options, x, y):
    check_batch(formed(raw, **options), x, y)


def test_batches_may_be_data_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y})
    check_batch(formed(frame, target="y"), X, Y)
    check_batch(formed((pd.DataFrame(X), pd.Series(Y))), X, Y)


def check_batch(batch, x, y):
    assert batch.weights is None
    for ours, expected in ((batch.x, x), (batch.y, y)):
        assert type(ours) is type(expected)
        np.testing.assert_equal(ours, expected)


def test_weights_of_samples_and_classes_are_multiplied():
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    assert formed((X, Y, weights)).weights.tolist() == [1, 2, 3, 4]
    assert formed((X, Y), class_weight={1: 10}).weights.tolist() == [1, 10, 1, 10]
    one_hot = np.eye(3)[Y]
    assert formed((X, one_hot, weights), class_weight={1: 10, 7: 0}).weights.tolist() == [
        *(1, 20, 3, 40)
    ]
    with pytest.raises(lp.ArgumentError, match="class_weight='balanced' needs all targets at once"):
        BatchAdapter(class_weight="balanced")
    with pytest.raises(lp.DataError, match="class_weight is for one array of class labels"):
        formed((X, (Y, Y)), class_weight={1: 10})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (X, r"batch 1 of epoch 0: a batch must be \(x, y\) or .*, this is a ndarray of shape \(4"),
        ((X, Y, Y, Y), "this is a tuple of 4"),
        ({"a": X, "y": Y}, r"this is a dict of \['a', 'y'\]; name the one with the targets, y='y'"),
        ((X, Y[:3]), "0: the batch must have as many targets as inputs: x has 4, y has 3"),
        ((X[:0], Y[:0]), "0: the batch has no examples: x and y is empty"),
        ((X, None), "0: the batch has no targets: y is None"),
        ((X, 3), "y is a single number, so this is probably one example, not a batch"),
        ((X, Y.astype(str)), "batch 1 of epoch 0: y must be numbers"),
        ((np.where(X == 5, np.nan, X), Y), r"batch 1 of epoch 0: x\[2, 1\] of the batch is nan"),
        ((X, Y, np.ones((4, 2))), "sample_weight must be one number for each of 4 examples"),
        ((X[:, :1], Y), r"x has shape \(\*, 1\), in the first batch it was \(\*, 2\)\. Bring all"),
        ((X, Y * 1.5), r"y is float64, in the first batch it was int64\. .* y\.astype\('int64'\)"),
        ((X, (Y, Y)), r"0: it has the parts x, y\[0\], y\[1\], the first batch had x, y\. All"),
        ((X, Y, np.ones(4)), "has the parts x, y, sample_weight, the first batch had x, y"),
    ],
)
def test_a_batch_that_cannot_be_used_is_reported(raw, message):
    with pytest.raises(lp.DataError, match=message):
        formed((X, Y), raw)


def test_the_name_of_the_targets_must_be_there():
    with pytest.raises(lp.DataError, match=r"0: y='lable' is not among .*\. Did you mean 'label'"):
        formed({"image": X, "label": Y}, target="lable")
    with pytest.raises(lp.DataError, match="y='label' names a column of x, but x is a tuple"):
        formed((X, Y), target="label")


def test_inputs_may_be_read_first():
    def lengths(texts):
        return np.array([[len(text)] for text in texts])

    assert formed((["a", "bcd"], [0, 1]), convert=lengths).x.tolist() == [[1], [3]]
    named = {"text": np.array(["a", "bcd"]), "label": [0, 1]}
    assert formed(named, target="label", convert=lengths).x.tolist() == [[1], [3]]


def test_inputs_and_targets_of_each_batch_are_checked():
    def refuse(x, y):
        if y.max() > 2:
            raise lp.DataError("labels must be 0 to 2")

    form = BatchAdapter()
    form.check = refuse
    form.batch((X, Y), "batch 0")
    with pytest.raises(lp.DataError, match=r"^batch 1: labels must be 0 to 2$"):
        form.batch((X, Y + 1), "batch 1")


def test_what_the_device_holds_alike_is_alike():
    narrow = (X, Y.astype(np.int32))
    assert formed((X.astype(np.float64), Y), narrow).x is X
