"""Models with several inputs and outputs, and custom losses."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.train.multi_output import LossesAndMetrics
from tests.train.small_nets import SPARSE, same_bits, weights_of

COUNT = 20
RNG = np.random.default_rng(0)
ONE = RNG.normal(size=(COUNT, 4)).astype(np.float32)
TWO = RNG.normal(size=(COUNT, 3)).astype(np.float32)
KIND, SIZE = RNG.integers(0, 3, COUNT), ONE[:, :1] + TWO[:, :1]


class Named(lp.Model):
    def __init__(self):
        self.one, self.two = lp.Dense(5, "tanh"), lp.Dense(5, "tanh")
        self.kind, self.size = lp.Dense(3, "softmax"), lp.Dense(1)

    def forward(self, x):
        hidden = self.one(x["one"]) + self.two(x["two"])
        return {"kind": self.kind(hidden), "size": self.size(hidden)}


class Numbered(Named):
    def forward(self, x):
        out = super().forward({"one": x[0], "two": x[1]})
        return out["kind"], out["size"]


X, Y = {"one": ONE, "two": TWO}, {"kind": KIND, "size": SIZE}
LOSSES = {"kind": SPARSE, "size": "mse"}


def compiled(kind=Named, **options):
    lp.set_seed(0)
    model = kind()
    settings = {"optimizer": lp.SGD(0.1), "loss": LOSSES} | options
    model.compile(**settings)
    return model


def expected(model, weight=1.0):
    out = model.predict(X)
    kind = -np.log(out["kind"][np.arange(COUNT), KIND]).mean()
    size = np.square(out["size"] - SIZE).mean()
    return {"loss": kind + weight * size, "kind_loss": kind, "size_loss": size}


@pytest.mark.long
def test_every_output_has_its_error_and_metrics():
    model = compiled(metrics={"kind": ["accuracy"], "size": "mae"}, loss_weights={"size": 0.25})
    history = model.fit(X, Y, 8, 3, verbose=0, validation_data=(X, Y))
    measured = model.evaluate(X, Y)
    names = ["loss", "kind_loss", "size_loss", "kind_accuracy", "size_mae"]
    assert list(measured.keys()) == names
    for name, value in expected(model, 0.25).items():
        assert measured[name] == pytest.approx(value, rel=1e-5), name
    out = model.predict(X)
    assert measured["kind_accuracy"] == pytest.approx((out["kind"].argmax(1) == KIND).mean())
    assert measured["size_mae"] == pytest.approx(np.abs(out["size"] - SIZE).mean(), rel=1e-5)
    assert history.history["val_size_loss"][-1] == pytest.approx(measured["size_loss"], rel=1e-6)
    assert history.history["loss"][-1] < history.history["loss"][0]


@pytest.mark.long
def test_a_step_is_that_of_the_weighted_sum():
    model = compiled(loss_weights={"kind": 2.0, "size": 0.0})
    model.fit(X, Y, COUNT, 1, verbose=0)
    alone = compiled(loss={"kind": lambda t, p: 2 * lp.losses.get(SPARSE)(t, p), "size": "mse"},
                     loss_weights={"size": 0.0})  # fmt: skip
    alone.fit(X, Y, COUNT, 1, verbose=0)
    assert same_bits(weights_of(model), weights_of(alone))


@pytest.mark.long
def test_outputs_without_names_are_numbered():
    model = compiled(Numbered, loss=[SPARSE, "mse"], metrics=[["accuracy"], []])
    model.fit((ONE, TWO), (KIND, SIZE), 8, 1, verbose=0)
    measured = model.evaluate((ONE, TWO), (KIND, SIZE))
    assert list(measured.keys()) == ["loss", "output_1_loss", "output_2_loss", "output_1_accuracy"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "y", "said"),
    [
        ({"loss": {"kind": SPARSE, "sise": "mse"}}, Y, "sise"),
        ({}, {"kind": KIND}, "targets y has \\['kind'\\]"),
        ({}, SIZE, "targets y is a single array"),
        ({"loss": "mse"}, SIZE, "give compile a loss for each"),
    ],
)
def test_names_that_do_not_fit_are_reported(options, y, said):
    model = compiled(**options)
    with pytest.raises((lp.DataError, TypeError, ValueError), match=said):
        model.fit(X, y, 8, verbose=0)


def test_weights_and_metrics_of_unknown_outputs():
    with pytest.raises(lp.ArgumentError, match=r"loss_weights name the outputs \['depth'\]"):
        compiled(loss_weights={"depth": 1.0})
    with pytest.raises(lp.ArgumentError, match=r"metrics name the outputs \['depth'\]"):
        compiled(metrics={"depth": "mae"})
    with pytest.raises(lp.ArgumentError, match="loss_weights belong to a model of several"):
        compiled(loss="mse", loss_weights=[1.0])
    with pytest.raises(lp.ArgumentError, match=r"loss has 3 entries, for the 2 outputs \['a', 'b'"):
        LossesAndMetrics(["mse"] * 3).resolve(["a", "b"])
    for loss in (["mse", "mae"], {"a": "mse", "b": "mae"}, []):
        with pytest.raises(lp.ArgumentError, match=r"loss has \d entries, and the model has one"):
            LossesAndMetrics(loss).resolve(())
    with pytest.raises(lp.ArgumentError, match="a loss for at least one of the outputs"):
        LossesAndMetrics([None, None]).resolve()


A, B = jnp.array([[1.0], [2.0]]), jnp.array([[0.0], [1.0]])
FORMS = [
    ("mse", None, ["mae"]),
    (["mse", "mse"], [1.0, 1.0], [["mae"], ["mae"]]),
    (["mse", "mse"], None, ["mae", "mae"]),
    ({"a": "mse", "b": "mse"}, {"a": 1.0}, {"b": ["mae"], "a": "mae"}),
]


@pytest.mark.parametrize(("loss", "weights", "metrics"), FORMS)
@pytest.mark.parametrize("y", [[A, B], (A, B), {"b": B, "a": A}])
@pytest.mark.parametrize("out", [[A + 1, B + 2], {"b": B + 2, "a": A + 1}])
def test_every_form_of_losses_metrics_and_targets_is_the_same(loss, weights, metrics, y, out):
    function, resolved = LossesAndMetrics(loss, weights, metrics).resolve(["a", "b"])
    assert function(y, out).tolist() == [5.0, 5.0]
    values = {metric.name: metric.result(np.asarray(metric.update(y, out))) for metric in resolved}
    assert list(values) == ["a_loss", "b_loss", "a_mae", "b_mae"]
    assert list(values.values()) == [1, 4, 1, 2]


@pytest.mark.parametrize("loss", [[None, "mse"], {"b": "mse", "a": None}])
@pytest.mark.parametrize("y", [[A, B], [B], B, {"b": B}])
def test_an_output_without_a_loss_is_not_trained(loss, y):
    function, resolved = LossesAndMetrics(loss).resolve(["a", "b"])
    assert function(y, [A + 1, B + 2]).tolist() == [4.0, 4.0]
    assert resolved == []
    assert function.logged_weights == []


def test_an_output_whose_loss_was_left_out_is_told():
    with pytest.warns(UserWarning, match=r"outputs \['a'\] have no loss.*loss=\{'a': None"):
        LossesAndMetrics({"b": "mse"}).resolve(["a", "b"])


def test_outputs_of_a_dict_have_no_order():
    _, resolved = LossesAndMetrics("mse").resolve({"b", "a"})
    assert [metric.name for metric in resolved] == ["a_loss", "b_loss"]
    _, resolved = LossesAndMetrics({"b": "mse", "a": "mse"}).resolve({"b", "a"})
    assert [metric.name for metric in resolved] == ["b_loss", "a_loss"]
    with pytest.raises(
        lp.ArgumentError, match=r"give each its own: loss=\{'a': \.\.\., 'b': \.\.\.\}"
    ):
        LossesAndMetrics(["mse", "mae"]).resolve({"b", "a"})


@pytest.mark.long
def test_a_list_of_targets_is_one_for_each_output():
    model = compiled(Numbered, loss="mse", metrics=["mae"])
    kinds = np.eye(3, dtype=np.float32)[KIND]
    measured = model.evaluate([ONE, TWO], [kinds, SIZE[:, 0]])
    assert list(measured.keys())[:3] == ["loss", "output_1_loss", "output_2_loss"]
    out = model.predict((ONE, TWO))
    assert measured["output_1_loss"] == pytest.approx(np.square(out[0] - kinds).mean(), rel=1e-5)
    assert measured["output_2_mae"] == pytest.approx(np.abs(out[1] - SIZE).mean(), rel=1e-5)
    assert model.compile_options.metrics[0].name == "output_1_loss"


@pytest.mark.long
def test_batches_have_lists_of_inputs_and_targets():
    left, right = lp.Input((4,)), lp.Input((4,))
    both = lp.layers.concatenate([left, right])
    model = lp.Model([left, right], [lp.Dense(1, name="a")(both), lp.Dense(2, name="b")(both)])
    model.compile("sgd", "mse")
    targets = [ONE[:, 0], TWO[:, :2]]

    def batches():
        for rows in (slice(0, 10), slice(10, 20)):
            yield [ONE[rows], ONE[rows]], [y[rows] for y in targets]

    expected = model.evaluate([ONE, ONE], targets)
    assert model.evaluate(batches) == pytest.approx(dict(expected), rel=1e-5)
    for mine, other in zip(model.predict(batches), model.predict([ONE, ONE]), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_names_that_would_be_logged_twice():
    chosen = {"kind": [lp.metrics.MeanMetricWrapper(lambda y, p: p, "size_loss")]}
    with pytest.raises(lp.ArgumentError, match=r"would be logged as \['kind_size_loss'\]"):
        LossesAndMetrics({"kind": "mse", "kind_size": "mse"}, None, chosen).resolve()


def test_labels_out_of_range_are_found_in_one_output():
    with pytest.raises(lp.DataError, match="labels must be 0 to 2"):
        compiled().fit(X, {"kind": KIND + 1, "size": SIZE}, 8, verbose=0)


def test_weights_of_classes_need_one_target():
    with pytest.raises(lp.DataError, match="class_weight is for one array of class labels"):
        compiled().fit(X, Y, 8, verbose=0, class_weight="balanced")


@pytest.mark.parametrize("weights", [{"kind": np.ones(20)}, (np.ones(20), np.ones(20))])
def test_weights_of_examples_are_one_array(weights):
    with pytest.raises(lp.DataError, match=r"sample_weight is one number for each example, got se"):
        compiled().fit(X, Y, 8, verbose=0, sample_weight=weights)


class Auto(lp.Model):
    """Learns to give back what it gets, from a code whose size counts too."""

    def __init__(self):
        self.code, self.back = lp.Dense(2, "tanh"), lp.Dense(4)

    def forward(self, x):
        return self.back(self.code(x))

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        return jnp.mean((x - y_pred) ** 2) + 0.1 * jnp.mean(jnp.abs(self.code(x)))


@pytest.mark.long
def test_an_error_of_ones_own_needs_no_loss_and_no_targets():
    model = compiled(Auto, loss=None)
    history = model.fit(ONE, batch_size=8, epochs=20, verbose=0, validation_data=(ONE,))
    measured = model.evaluate(ONE)
    code = np.tanh(ONE @ model.code.kernel.numpy() + model.code.bias.numpy())
    expected_loss = np.square(model.predict(ONE) - ONE).mean() + 0.1 * np.abs(code).mean()
    assert measured["loss"] == pytest.approx(expected_loss, rel=1e-4)
    assert history.history["val_loss"][-1] == pytest.approx(expected_loss, rel=1e-4)
    assert history.history["loss"][-1] < history.history["loss"][0]


@pytest.mark.long
def test_it_may_go_on_from_the_loss_of_compile():
    class Doubled(Named):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)

    model = compiled(Doubled)
    assert model.evaluate(X, Y)["loss"] == pytest.approx(2 * expected(model)["loss"], rel=1e-5)


def test_an_error_for_each_example_is_refused():
    class Each(Auto):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return jnp.mean((x - y_pred) ** 2, 1)

    with pytest.raises(lp.ShapeError, match=r"returned shape \(8,\). Take its mean"):
        compiled(Each, loss=None).fit(ONE, batch_size=8, verbose=0)


def test_without_one_a_loss_and_targets_are_needed():
    with pytest.raises(lp.ArgumentError, match="compile was given no loss, and no layer adds one"):
        compiled(loss=None).fit(X, batch_size=8, verbose=0)
    with pytest.raises(lp.DataError, match="no targets"):
        compiled().fit(X, batch_size=8, verbose=0)


@pytest.mark.long
def test_layers_draw_in_an_error_of_ones_own():
    class Noisy(Auto):
        def __init__(self):
            super().__init__()
            self.drop = lp.Dropout(0.5)

        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return jnp.mean((self.drop(x) - y_pred) ** 2)

    def trained():
        model = compiled(Noisy, loss=None)
        model.fit(ONE, batch_size=8, epochs=2, verbose=0, seed=5)
        return weights_of(model)

    assert same_bits(trained(), trained())


@pytest.mark.long
def test_metrics_of_an_output_convert_its_logits_and_know_their_direction():
    def own(y_true, y_pred):
        return jnp.mean(jnp.abs(y_true - y_pred))

    loss = {"kind": lp.losses.BinaryCrossentropy(from_logits=True), "size": own}
    chosen = {"kind": ["auc", "recall", "recall"], "size": ["mae", lambda y, p: p]}
    _, metrics = LossesAndMetrics(loss, None, chosen).resolve()
    directions = {metric.name: metric.larger_is_better for metric in metrics}
    assert directions == {
        **dict.fromkeys(["kind_loss", "size_loss", "size_mae"], False),
        **dict.fromkeys(["kind_auc", "kind_recall", "kind_recall_2"], True),
        "size_<lambda>": None,
    }
    y = {"kind": jnp.array([[1.0], [0.0]]), "size": jnp.array([[1.0], [2.0]])}
    out = {"kind": jnp.array([[0.1], [-3.0]]), "size": jnp.array([[2.0], [5.0]])}
    values = {metric.name: metric.result(np.asarray(metric.update(y, out))) for metric in metrics}
    assert values["kind_recall"] == values["kind_auc"] == 1
    assert values["size_loss"] == values["size_mae"] == 2
