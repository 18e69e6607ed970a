"""Ranges and types of arguments: one message for all, before anything is computed."""

import inspect
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import initializers, losses, metrics, optimizers, regularizers, schedules
from lampas.core import arguments
from lampas.core.arguments import Interval, PositiveInt, check_arguments, is_integer, is_number

NAN, INF = float("nan"), float("inf")

OUT_OF_RANGE = [
    (lambda: lp.Dropout(1.5), "Dropout: rate must be at least 0 and less than 1, got 1.5."),
    (lambda: lp.Dropout(1), "Dropout: rate must be at least 0 and less than 1, got 1."),
    (lambda: lp.Dropout(keep=0), "Dropout: keep must be above 0 and at most 1, got 0."),
    (lambda: lp.Dropout(np.array(1j)), "rate must be a number at least 0 and less than 1, got"),
    (lambda: lp.Dropout("0.5"), "rate must be a number at least 0 and less than 1, got '0.5'."),
    (lambda: lp.Dense(0), "Dense: units must be an integer of at least 1, got 0."),
    (lambda: lp.Dense(True), "Dense: units must be an integer of at least 1, got True."),
    (lambda: lp.Dense(2.0), "Dense: units must be an integer of at least 1, got 2.0."),
    (lambda: lp.Dense(None), "Dense: units must be an integer of at least 1, got None."),
    (lambda: lp.Dense(2, use_bias="no"), "Dense: use_bias must be True or False, got 'no'."),
    (lambda: lp.Dense(2, input_shape=3), "a sequence, each item an integer of at least 1, got 3."),
    (lambda: lp.Input((3, -1)), "shape must be a sequence, each item an integer of at least 1"),
    (lambda: lp.Input(n for n in (3,)), "shape must be a sequence, each item an integer of at"),
    (lambda: lp.Reshape((3, 2.5)), "target_shape must be a sequence, each item an integer, got"),
    (lambda: lp.set_seed("a"), "set_seed: seed must be an integer, got 'a'."),
    (lambda: lp.Dense(2, input_dim=0), "input_dim must be an integer of at least 1, got 0."),
    (lambda: lp.Embedding(0, 8), "input_dim must be an integer of at least 1, got 0."),
    (lambda: lp.Embedding(True, 8), "input_dim must be an integer of at least 1, got True."),
    (lambda: lp.Embedding(8, 0), "output_dim must be an integer of at least 1, got 0."),
    (lambda: lp.EmbeddingBag(8, 2, -1), "buckets must be an integer of at least 0, got -1."),
    (lambda: lp.LSTM(0), "LSTM: units must be an integer of at least 1, got 0."),
    (lambda: lp.GRU(2, dropout=-0.1), "GRU: dropout must be at least 0 and less than 1, got -0.1."),
    (lambda: lp.GRUCell(-1), "GRUCell: units must be an integer of at least 1, got -1."),
    (lambda: lp.Conv2D(-1, 3), "Conv2D: filters must be an integer of at least 1, got -1."),
    (lambda: lp.Conv2D(1, (3, 0)), "kernel_size must be a positive integer or 2 of them"),
    (lambda: lp.Conv2D(1, True), "kernel_size must be a positive integer or 2 of them, got True"),
    (lambda: lp.Conv1D(2, 3, groups=0), "groups must be an integer of at least 1, got 0."),
    (lambda: lp.MaxPool2D((2, True)), "pool_size must be a positive integer or 2 of them"),
    (lambda: lp.BatchNormalization(momentum=1.5), "momentum must be at least 0 and at most 1"),
    (lambda: lp.LayerNormalization(epsilon=-1), "epsilon must be at least 0, got -1."),
    (lambda: lp.CenterCrop(0, 3), "CenterCrop: height must be an integer of at least 1, got 0."),
    (lambda: lp.RandomRotation(True), "factor must be a number or a pair of numbers from"),
    (lambda: lp.ZeroPadding2D(True), "padding must be an integer of 0 or more"),
    (lambda: lp.MelSpectrogram(0), "fft_length must be an integer of at least 1, got 0."),
    (lambda: lp.TextVectorization(0), "max_tokens must be an integer of at least 1, got 0."),
    (lambda: lp.LeNet5(classes=0), "LeNet5: classes must be an integer of at least 1, got 0."),
    (lambda: lp.LeNet5(width=INF), "LeNet5: width must be a finite number above 0, got inf."),
    (lambda: losses.BinaryCrossentropy(label_smoothing=10), "at least 0 and at most 1, got 10."),
    (lambda: losses.Huber(-1), "Huber: delta must be above 0, got -1."),
    (lambda: losses.Huber("1"), "Huber: delta must be a number above 0, got '1'."),
    (lambda: losses.BinaryCrossentropy("mse"), "from_logits must be True or False, got 'mse'."),
    (lambda: metrics.AUC(-1), "AUC: num_thresholds must be an integer of at least 2, got -1."),
    (lambda: metrics.TopKCategoricalAccuracy(0), "k must be an integer of at least 1, got 0."),
    (lambda: metrics.Precision(NAN), "must be a finite number, got nan."),
    (lambda: metrics.Sensitivity(-1), "positive must be an integer of at least 0, got -1."),
    (lambda: lp.SGD(momentum=9), "SGD: momentum must be at least 0 and at most 1, got 9."),
    (lambda: lp.SGD(momentum=-1), "SGD: momentum must be at least 0 and at most 1, got -1."),
    (lambda: lp.Adam("0.01"), "learning_rate must be a number above 0 or a function, got '0.01'."),
    (lambda: lp.Adam(NAN), "learning_rate must be a finite number above 0 or a function, got nan."),
    (lambda: lp.Adam(True), "learning_rate must be a number above 0 or a function, got True."),
    (lambda: lp.Adam(beta_1=1.1), "Adam: beta_1 must be at least 0 and less than 1, got 1.1."),
    (lambda: lp.Adam(beta_2=1), "Adam: beta_2 must be at least 0 and less than 1, got 1."),
    (lambda: lp.Adam(epsilon=-1e-7), "Adam: epsilon must be at least 0, got -1e-07."),
    (lambda: lp.AdamW(weight_decay=-1), "AdamW: weight_decay must be at least 0, got -1."),
    (lambda: lp.RMSprop(rho=2), "RMSprop: rho must be at least 0 and less than 1, got 2."),
    (lambda: lp.Adagrad(clipnorm=0), "Adagrad: clipnorm must be above 0, got 0."),
    (lambda: setattr(lp.SGD(), "learning_rate", -1), "learning_rate: rate must be above 0, got -1"),
    (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps must be above 0, got 0."),
    (lambda: schedules.CosineDecay(0.1, 9, 2), "alpha must be at least 0 and at most 1, got 2."),
    (lambda: schedules.WarmUp(0.1, 0), "WarmUp: steps must be an integer of at least 1, got 0."),
    (lambda: schedules.PiecewiseConstantDecay([5], [1.0]), "one more than boundaries; got [5]"),
    (lambda: schedules.PiecewiseConstantDecay([5], [0.1, NAN]), "each item a number at least 0"),
    (lambda: schedules.PiecewiseConstantDecay([5, 2], [1.0, 0.1, 0.01]), "ascending steps"),
    (lambda: initializers.VarianceScaling(scale=-1), "scale must be above 0, got -1."),
    (
        lambda: initializers.VarianceScaling(mode="fan"),
        "must be 'fan_in' or 'fan_out' or 'fan_avg'",
    ),
    (lambda: initializers.RandomNormal(stddev=-1), "stddev must be at least 0, got -1."),
    (lambda: initializers.RandomUniform(2, 1), "minval must be at most maxval, got 2 and 1."),
    (
        lambda: initializers.GlorotUniform("one"),
        "seed must be an integer of at least 0 and at most 4,294,967,295",
    ),
    (lambda: regularizers.L2(-0.1), "L2: l2 must be at least 0, got -0.1."),
    (lambda: lp.EarlyStopping(patience=-1), "patience must be an integer of at least 0, got -1."),
    (lambda: lp.EarlyStopping(min_delta=NAN), "min_delta must be a finite number, got nan."),
    (lambda: lp.EarlyStopping(mode="up"), "mode must be 'auto' or 'min' or 'max', got 'up'."),
    (lambda: lp.ReduceLROnPlateau(factor=1.0), "factor must be above 0 and less than 1, got 1.0."),
    (lambda: lp.ReduceLROnPlateau(min_lr=-1), "min_lr must be at least 0, got -1."),
    (lambda: lp.LearningRateScheduler(0.1), "schedule must be a function, got 0.1."),
    (lambda: lp.HealthMonitor(0), "HealthMonitor: share must be above 0 and at most 1, got 0."),
    (lambda: lp.TensorBoard(update_freq="day"), "'epoch' or 'batch' or an integer of at least 0"),
    (
        lambda: lp.Checkpoint("f", keep=0),
        "Checkpoint: keep must be an integer of at least 1, got 0",
    ),
    (lambda: lp.Checkpoint("f", -1), "Checkpoint: every_seconds must be at least 0, got -1."),
]


@pytest.mark.parametrize(("call", "message"), OUT_OF_RANGE, ids=[m for _, m in OUT_OF_RANGE])
def test_an_argument_out_of_range_is_named_with_its_range(call, message):
    with pytest.raises(lp.ArgumentError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 2.5}, "fit: batch_size must be an integer of at least 1, got 2.5."),
        ({"batch_size": True}, "fit: batch_size must be an integer of at least 1, got True."),
        ({"epochs": None}, "fit: epochs must be an integer of at least 1, got None."),
        ({"verbose": 7}, "fit: verbose must be 'auto' or 0 or 1 or 2, got 7."),
        (
            {"validation_split": 1.0},
            "fit: validation_split must be at least 0 and less than 1, got 1.0",
        ),
        ({"validation_split": -0.1}, "fit: validation_split must be at least 0 and less than 1"),
        ({"shuffle": "batch"}, "fit: shuffle must be True or False, got 'batch'."),
        ({"initial_epoch": -1}, "fit: initial_epoch must be an integer of at least 0, got -1."),
        ({"steps_per_epoch": 0}, "fit: steps_per_epoch must be an integer of at least 1, got 0."),
        (
            {"seed": "a"},
            "fit: seed must be an integer of at least 0 and at most 4,294,967,295, got 'a'.",
        ),
    ],
    ids=str,
)
def test_numbers_of_a_fit_are_checked(options, message):
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), np.float32)
    with pytest.raises(lp.ArgumentError, match="^" + message):
        model.fit(x, x[:, :1], **{"verbose": 0} | options)
    for call in (model.predict, lambda x, batch_size: model.evaluate(x, x[:, :1], batch_size)):
        with pytest.raises(lp.ArgumentError, match="batch_size must be an integer of at least 1"):
            call(x, 0)


@pytest.mark.parametrize("number", [np.float32, np.float64, jnp.float32, np.array, jnp.array])
def test_numpy_and_jax_scalars_are_numbers(number):
    assert lp.Dropout(number(0.5)).rate == 0.5
    assert lp.Adam(number(0.5)).learning_rate == 0.5
    assert losses.Huber(number(0.5)).delta == 0.5


@pytest.mark.parametrize("integer", [np.int64, np.uint8, jnp.int32, np.array, jnp.array])
def test_numpy_and_jax_integers_are_integers(integer):
    assert lp.Dense(integer(3))(np.ones((2, 2), np.float32)).shape == (2, 3)
    assert not any(map(is_integer, (True, np.True_, jnp.array(True), 3.0, "3", np.ones(2, int))))
    assert not any(map(is_number, (True, np.True_, jnp.array(True), "3", None, np.ones(2), 1j)))


def test_a_number_that_is_not_known_yet_is_a_number():
    penalty = jax.grad(lambda l2: regularizers.L2(l2)(jnp.array([1.0, 2.0])))
    assert penalty(0.1) == 5.0


def test_classes_of_the_user_are_checked_where_they_call_lampas():
    class Narrow(lp.Dense):
        def __init__(self, share: float, **options):
            super().__init__(int(share), **options)

    assert Narrow("2").units == 2
    with pytest.raises(lp.ArgumentError, match="Narrow: units must be an integer of at least 1"):
        Narrow("0")
    with pytest.raises(lp.UnknownNameError, match=r"argument 'shar'\. Did you mean 'share'"):
        Narrow(2, shar=3)


def test_a_function_says_its_name_and_leaves_defaults_unchecked():
    @check_arguments
    def draw(count: PositiveInt, *, text: str = "", size: PositiveInt = 0) -> int:
        return count + size

    assert draw(2) == 2
    assert inspect.signature(draw).parameters.keys() == {"count", "text", "size"}
    with pytest.raises(lp.ArgumentError, match="draw: size must be an integer of at least 1"):
        draw(1, size=0)


def test_a_text_is_a_string():
    @check_arguments
    def draw(title: str, label: str | None = None, color: str | Path = "red") -> None:
        pass

    draw("a", None, Path("b"))
    draw(np.str_("a"), label="b", color=3)  # Path has no rule
    for wrong in ({"title": 3}, {"title": None}, {"title": "a", "label": ["b"]}):
        with pytest.raises(lp.ArgumentError, match=r"draw: \w+ must be a string, got"):
            draw(**wrong)


def test_parameters_are_checked_by_the_constructor_of_a_class_of_lampas():
    class Own(lp.Dropout):
        def __init__(self, rate: float) -> None:
            super().__init__(0.5)

    arguments.check_parameters(lp.Dropout, {"rate": 0.5, "other": "free"})
    with pytest.raises(lp.ArgumentError, match="Dropout: rate must be at least 0 and less than 1"):
        arguments.check_parameters(lp.Dropout, {"rate": 2.0})
    arguments.check_parameters(Own, {"rate": "2"})


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "text"),
    [
        (Interval(), [0, -1e300, 10**400], [NAN, INF, -INF], ""),
        (Interval(0, 1), [0, 1], [-1e-9, 1.1], "at least 0 and at most 1"),
        (Interval(0, 1, "left"), [0, 0.99], [1], "at least 0 and less than 1"),
        (Interval(0, 1, "right"), [1], [0], "above 0 and at most 1"),
        (Interval(high=2, closed="neither"), [-5], [2, -INF], "less than 2"),
    ],
)
def test_an_interval_has_its_ends_or_not(interval, inside, outside, text):
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in outside)
    assert str(interval) == text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.Dense(2, seed=1), r"Dense: there is no seed=1\. .*set_seed.*fit\(seed=0\)"),
        (
            lambda: lp.Conv2D(1, 3, data_format="channels_first"),
            r"Conv2D: there is no data_format='channels_first'\. The channels are the last axis",
        ),
        (lambda: lp.Adam(use_ema=True), "Adam: there is no use_ema=True. Write ema_momentum=0.99"),
        (lambda: lp.Input((2,), sparse=True), "Input: there is no sparse=True. .*x.toarray"),
        (lambda: lp.Dropout(0.5, noise_shape=(2, 1)), r"there is no noise_shape=\(2, 1\)\. Write"),
        (lambda: lp.Adam(lr=0.1), "Adam: unknown argument 'lr'. Write learning_rate="),
        (lambda: lp.Adam(decay=0.1), "Adam: unknown argument 'decay'. Pass a schedule"),
        (lambda: lp.Dense(2, activaton="relu"), "Did you mean 'activation'"),
    ],
)
def test_names_of_other_frameworks_have_a_hint(call, message):
    with pytest.raises(lp.UnknownNameError, match=message):
        call()


@pytest.mark.long
def test_arguments_that_ask_for_the_default_are_accepted(tmp_path):
    lp.Adam(use_ema=False, ema_overwrite_frequency=None, loss_scale_factor=None)
    lp.ModelCheckpoint(tmp_path / "best.safetensors", save_freq="epoch")
    lp.TensorBoard(tmp_path, write_graph=True, profile_batch=0)
    inputs = lp.Input((4, 4, 1), sparse=False, ragged=None)
    x = lp.Conv2D(2, 3, data_format="channels_last")(inputs)
    x = lp.BatchNormalization(synchronized=False)(x)
    x = lp.Reshape((-1, 2))(lp.MaxPooling2D(data_format=None)(x))
    x = lp.LSTM(2, unroll=False, use_cudnn="auto", implementation=2)(x)
    outputs = lp.Dropout(0.5, noise_shape=None, seed=None)(x)
    model = lp.Model(inputs, outputs)
    model.save(tmp_path / "model.safetensors")
    restored = lp.load(tmp_path / "model.safetensors")
    pictures = np.ones((2, 4, 4, 1))
    np.testing.assert_array_equal(restored.predict(pictures), model.predict(pictures))
    assert lp.Conv2D.from_config(restored.layers[1].get_config()).filters == 2


def test_the_dtype_of_weights_is_float32():
    assert lp.Dense(2, dtype="float32")([[1.0]]).shape == (1, 2)
    with pytest.raises(lp.ArgumentError, match=r"got dtype='float16'. compile\(precision="):
        lp.Dense(2, dtype="float16")


def test_input_dim_and_input_length_are_shapes():
    model = lp.Sequential([lp.Dense(3, input_dim=4)])
    assert model.summary_table().parameters == 15
    tokens = lp.Sequential([lp.Embedding(10, 2, input_length=5), lp.Flatten()])
    assert tokens.input_shape == (None, 5)


def constructors():
    for module in (lp, losses, metrics, optimizers, schedules, initializers, regularizers):
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__.startswith("lampas."):
                yield name, value


@pytest.mark.parametrize("name", sorted({name for name, _ in constructors()}))
def test_every_number_of_a_constructor_is_checked(name):
    """NaN and a text are refused for each parameter that is a number, whatever its range."""
    kind = dict(constructors())[name]
    if issubclass(kind, BaseException) or name in UNCHECKED:
        pytest.skip("not a constructor of numbers")
    for parameter in inspect.signature(kind).parameters.values():
        if set(str(parameter.annotation).split(" | ")) - {"None", "Schedule"} <= NUMBERS:
            for wrong in (NAN, "number"):
                with pytest.raises(lp.ArgumentError, match=rf"\b{parameter.name} must be"):
                    kind(**required(kind) | {parameter.name: wrong})


NUMBERS = {"int", "float"} | {
    n for n in vars(arguments) if n.endswith(("Int", "Float", "Fraction"))
}
UNCHECKED = ("Classifier", "Regressor", "LRFinderResult", "DivergedError")


def required(kind):
    """Something for each parameter without a default: checks come before they are used."""
    parameters = inspect.signature(kind).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        p.name: len if p.name == "schedule" else 1
        for p in parameters
        if p.default is p.empty and p.kind in kinds
    }


def test_a_position_has_the_meaning_of_keras():
    assert lp.metrics.BinaryAccuracy("acc").name == "acc"
    assert lp.initializers.GlorotUniform(7) == lp.initializers.GlorotUniform(seed=7)
    model = lp.Sequential([lp.Dense(1)])
    assert model.predict([[1.0], [2.0]], 1, 0).shape == (2, 1)
    checkpoint = lp.ModelCheckpoint("net", "loss", 1)
    assert (checkpoint.verbose, checkpoint.save_best_only) == (1, False)


@pytest.mark.long
def test_the_check_costs_microseconds():
    import timeit

    assert min(timeit.repeat(lambda: lp.Dropout(0.5), number=1000, repeat=5)) < 0.1
