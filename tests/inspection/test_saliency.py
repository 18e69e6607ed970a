"""Heat maps against finite differences, and against networks whose evidence is known."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import lampas as lp
from lampas import ArgumentError, DataError, ShapeError, UnknownNameError
from lampas.inspection.saliency import grad_cam, saliency
from tests.oracles import saliency as oracle
from tests.oracles.conv import convolve
from tests.oracles.differences import gradient

pytestmark = pytest.mark.long  # nearly all of it is compilation

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 7, 6, 2)).astype(np.float32)
KERNEL = RNG.normal(size=(3, 3, 2, 4)).astype(np.float32)
WEIGHTS = RNG.normal(size=(5 * 4 * 4, 3)).astype(np.float32) / 4
BIAS = RNG.normal(size=3).astype(np.float32)


class Free(lp.Module):
    """A model whose output no layer makes."""

    def __init__(self, body: lp.Module, end):
        self.body = body
        self.end = end

    def forward(self, x):
        return self.end(self.body(x))


def body(activation: str | None = None, outputs: int = 3) -> lp.Sequential:
    return lp.Sequential(
        [lp.Conv2D(4, 3, activation="tanh"), lp.Flatten(), lp.Dense(outputs, activation)]
    )


def filled(model: lp.Module, outputs: int = 3) -> lp.Module:
    """The model with the weights above."""
    model(X)
    values = [KERNEL, np.zeros(4), WEIGHTS[:, :outputs], BIAS[:outputs]]
    for variable, value in zip(model.variables().values(), values, strict=True):
        variable.value = jax.numpy.asarray(value, jax.numpy.float32)
    return model


def hidden(x: np.ndarray) -> np.ndarray:
    return np.tanh(convolve(x, np.float64(KERNEL), (1, 1), [(0, 0)] * 2, (1, 1)))


def logits(maps: np.ndarray) -> np.ndarray:
    return maps.reshape(-1) @ WEIGHTS + BIAS


def log_softmax(z: np.ndarray) -> np.ndarray:
    return z - np.log(np.sum(np.exp(z)))


def expected(classes: np.ndarray, read=lambda z: z) -> np.ndarray:
    return np.stack(
        [
            oracle.grad_cam(maps, lambda m, c=c: float(read(logits(m))[c]), 7, 6)
            for maps, c in zip(hidden(X), classes, strict=True)
        ]
    )


PROBABLE = np.array([logits(maps).argmax() for maps in hidden(X)])


def chained(last: lp.Layer) -> lp.Sequential:
    return lp.Sequential([body(), last])


@pytest.mark.parametrize(
    ("make", "read"),
    [
        (body, None),
        (lambda: body("softmax"), None),
        (lambda: body(jax.nn.softmax), None),
        (lambda: chained(lp.Activation("softmax")), None),
        (lambda: lp.Sequential([body("softmax"), lp.Dropout(0.5)]), None),
        (lambda: Free(body(), lambda z: z), None),
        (lambda: Free(body(), jax.nn.softmax), log_softmax),
        (lambda: body(lambda z: jax.nn.softmax(z)), log_softmax),
    ],
    ids=["logits", "softmax", "jax", "activation", "dropout", "free", "probabilities", "own"],
)
def test_grad_cam_is_that_of_finite_differences(make, read):
    model, read = filled(make()), read or (lambda z: z)
    np.testing.assert_allclose(grad_cam(model, X), expected(PROBABLE, read), atol=2e-4)


def test_the_class_can_be_chosen_for_all_or_for_each():
    model = filled(body("softmax"))
    np.testing.assert_allclose(grad_cam(model, X, 2), expected([2, 2, 2]), atol=2e-4)
    np.testing.assert_allclose(grad_cam(model, X, [0, 1, 2]), expected([0, 1, 2]), atol=2e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: body(None, 1),
        lambda: body("sigmoid", 1),
        lambda: Free(body(None, 1), lambda z: jax.nn.sigmoid(z)[:, 0]),
    ],
    ids=["logit", "sigmoid", "probability"],
)
def test_one_output_speaks_for_class_1_and_against_class_0(make):
    model = filled(make(), 1)
    for_1 = expected([0, 0, 0])
    for_0 = expected([0, 0, 0], lambda z: -z)
    predicted = np.array([logits(maps)[0] > 0 for maps in hidden(X)])
    assert 0 < predicted.sum() < 3
    np.testing.assert_allclose(grad_cam(model, X, 1), for_1, atol=5e-4)
    np.testing.assert_allclose(grad_cam(model, X, 0), for_0, atol=5e-4)
    probable = np.where(predicted[:, None, None], for_1, for_0)
    np.testing.assert_allclose(grad_cam(model, X), probable, atol=5e-4)


def test_a_class_of_a_probability_next_to_nothing_is_explained_all_the_same():
    x, model = X * 40, Free(filled(body()), lambda z: jax.nn.softmax(3 * z))
    least = np.array([logits(maps).argmin() for maps in hidden(x)])
    shares = np.asarray(model(x))[np.arange(3), least]
    assert 0 < shares.min() < 1e-6
    np.testing.assert_allclose(grad_cam(model, x, least).max((1, 2)), 1, rtol=1e-6)


def corners() -> lp.Sequential:
    """Class 0 is the sum of red, class 1 that of blue."""
    model = lp.Sequential(
        [
            lp.Rescaling(1 / 255),
            lp.Conv2D(2, 3, padding="same", activation="relu"),
            lp.MaxPool2D(),
            lp.GlobalAveragePool2D(),
            lp.Dense(2, "softmax"),
        ]
    )
    model.build((16, 16, 3))
    kernel = np.zeros((3, 3, 3, 2), np.float32)
    kernel[1, 1, 0, 0] = kernel[1, 1, 2, 1] = 1
    model.set_weights([kernel, np.zeros(2), np.eye(2), np.zeros(2)])
    return model


def red_and_blue() -> np.ndarray:
    """Bytes: red in the upper left corner, a little less blue in the lower right one."""
    x = np.zeros((1, 16, 16, 3), np.uint8)
    x[0, :4, :4, 0], x[0, 12:, 10:, 2] = 255, 200
    return x


@pytest.mark.parametrize("layer", [None, "max_pool2d_1"])
def test_the_heat_is_where_the_evidence_is(layer):
    (red, blue) = grad_cam(corners(), np.repeat(red_and_blue(), 2, 0), [0, 1], layer)
    assert red[:4, :4].min() > 0.5
    assert red[6:].max() == red[:, 6:].max() == 0
    assert blue[12:, 10:].min() > 0.5
    assert blue[:10].max() == blue[:, :8].max() == 0
    np.testing.assert_allclose([red.max(), blue.max()], 1, rtol=1e-6)


def test_saliency_is_where_the_evidence_is_and_goes_through_bytes():
    heat = saliency(corners(), np.repeat(red_and_blue(), 2, 0), [0, 1])
    assert heat.shape == (2, 16, 16)
    np.testing.assert_allclose([heat[0, :4, :4].max(), heat[1, 12:, 10:].max()], 1, rtol=1e-6)
    assert not heat[0, 4:].any()
    assert not heat[1, :11].any()


def test_where_nothing_speaks_for_the_class_the_map_is_0():
    model = corners()
    model.layers[-1].kernel.value = jax.numpy.array([[-1.0, 1.0], [-1.0, 1.0]])
    assert not grad_cam(model, red_and_blue(), 0).any()


@pytest.mark.parametrize("classes", [None, 1])
def test_saliency_is_that_of_finite_differences(classes):
    model = filled(body("softmax"))
    heat = saliency(model, X, classes)
    for image, result, probable in zip(X, heat, PROBABLE, strict=True):
        c = probable if classes is None else classes
        grad = np.abs(gradient(lambda x, c=c: logits(hidden(x[None]))[c], image, 1e-5))
        np.testing.assert_allclose(result, grad.max(-1) / grad.max(), atol=2e-4)


def test_saliency_of_images_without_channels_needs_no_convolution():
    model = lp.Sequential([lp.Flatten(), lp.Dense(3)])
    x = X[..., 0]
    heat = saliency(model, x, [0, 1, 2])
    weights = np.abs(model.layers[1].kernel.numpy()).T.reshape(3, 7, 6)
    np.testing.assert_allclose(heat, weights / weights.max((1, 2), keepdims=True), rtol=1e-5)


def test_maps_do_not_depend_on_the_batch():
    model = filled(body())
    for heat in (grad_cam, saliency):
        whole = heat(model, X, [0, 1, 2])
        assert whole.dtype == np.float32
        np.testing.assert_allclose(heat(model, X, [0, 1, 2], batch_size=2), whole, atol=1e-6)


class Residual(lp.Module):
    def __init__(self):
        self.inner = [lp.Conv2D(2, 3, padding="same", activation="tanh")]

    def forward(self, x):
        return x + self.inner[0](x)


def test_a_layer_deep_inside_and_a_whole_block_can_be_inspected():
    block, head = Residual(), lp.Sequential([lp.GlobalAveragePool2D(), lp.Dense(3)])
    model = lp.Sequential([block, head])
    model(X)
    inner = np.asarray(block.inner[0](X))
    weights = head.layers[1].kernel.numpy() / 42
    deep, whole = (grad_cam(model, X, 1, path) for path in ("residual_1/inner/0", "residual_1"))
    for maps, result in ((inner, deep), (inner + X, whole)):
        heat = np.maximum(maps @ weights[:, 1], 0)
        np.testing.assert_allclose(result, heat / heat.max((1, 2), keepdims=True), atol=1e-5)
    np.testing.assert_array_equal(grad_cam(model, X, 1), deep)


class Twice(lp.Module):
    def __init__(self, first: lp.Module, second: lp.Module):
        self.first, self.second = first, second
        self.head = lp.Sequential([lp.GlobalAveragePool2D(), lp.Dense(3)])

    def forward(self, x):
        return self.head(self.second(self.first(x)))


def test_of_a_layer_that_runs_twice_the_last_run_counts():
    first, second = (lp.Conv2D(2, 3, padding="same", activation="tanh") for _ in range(2))
    apart, shared = Twice(first, second), Twice(first, first)
    apart(X)
    second.kernel.value = first.kernel.value
    shared.head = apart.head
    np.testing.assert_allclose(grad_cam(shared, X), grad_cam(apart, X), atol=1e-6)


class Fuse(lp.Layer):
    """Breaks when something hangs on the convolution before it."""

    def __init__(self, watched: lp.Module):
        super().__init__()
        self.watched = watched

    def forward(self, x):
        if "forward" in vars(self.watched):
            raise RuntimeError("burnt")
        return x


def test_a_model_is_left_as_it_was_also_by_errors():
    conv = lp.Conv2D(2, 3)
    head = lp.Dense(3, "softmax")
    model = lp.Sequential([conv, Fuse(conv), lp.Flatten(), head])
    before = model.predict(X)
    activation = head.activation
    with pytest.raises(RuntimeError, match="burnt"):
        grad_cam(model, X)
    saliency(model, X)
    assert "forward" not in vars(conv)
    assert head.activation is activation
    np.testing.assert_array_equal(model.predict(X), before)


def test_a_forward_of_the_objects_own_is_put_back():
    model = filled(body())
    conv = model.layers[0]
    conv.forward = own = conv.forward
    grad_cam(model, X)
    assert conv.forward is own


def test_a_model_without_weights_is_built_and_its_statistics_stay():
    model = lp.Sequential([lp.Conv2D(2, 3), lp.BatchNormalization(), lp.Flatten(), lp.Dense(2)])
    assert grad_cam(model, X).shape == (3, 7, 6)
    assert not model.variables()["batch_normalization_1/moving_mean"].numpy().any()


def test_a_model_without_convolution_is_reported_what_to_do():
    model = lp.Sequential([lp.Flatten(), lp.Dense(2)])
    with pytest.raises(ArgumentError, match=r"no convolution.*`saliency`"):
        grad_cam(model, X)


def test_an_unknown_layer_and_one_without_maps_are_named():
    model = filled(body())
    with pytest.raises(UnknownNameError, match=r"layer 'conv2d_2'. Did you mean 'conv2d_1'"):
        grad_cam(model, X, layer="conv2d_2")
    with pytest.raises(ShapeError, match=r"layer 'flatten_1' is \(\*, 80\)"):
        grad_cam(model, X, layer="flatten_1")


def test_classes_that_do_not_fit_are_refused():
    model = filled(body())
    with pytest.raises(
        ArgumentError, match=r"no class 3: the model distinguishes 3 classes, 0\.\.2"
    ):
        grad_cam(model, X, [0, 3, 1])
    with pytest.raises(ArgumentError, match=r"no class 0\.5"):
        saliency(model, X, 0.5)
    with pytest.raises(ShapeError, match=r"3 images need one class, or one each; .*\(2,\)"):
        saliency(model, X, [0, 1])
    with pytest.raises(ArgumentError, match=r"no class 2: .* 0\.\.1"):
        grad_cam(filled(body(None, 1), 1), X, 2)


def test_what_is_not_an_image_or_no_score_is_refused():
    with pytest.raises(ShapeError, match=r"Images must be .*, got \(3, 6\)"):
        saliency(body(), X[:, 0, :, 0])
    with pytest.raises(DataError, match="no examples"):
        saliency(body(), X[:0])
    with pytest.raises(ShapeError, match=r"one score per class.*\(3, 5, 4, 2\) for a batch of 3"):
        grad_cam(lp.Sequential([lp.Conv2D(2, 3)]), X)
    with pytest.raises(ShapeError, match=r"returns tuple for a batch"):
        grad_cam(Free(body(), lambda z: (z, z)), X)
