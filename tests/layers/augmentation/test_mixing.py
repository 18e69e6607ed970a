"""MixUp and CutMix: images, and the losses of their targets inside the step of fit."""

from __future__ import annotations

from itertools import permutations, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import ArgumentError, ShapeError

random = np.random.default_rng(0)
X = random.normal(size=(5, 2, 2, 1)).astype(np.float32)
LABELS = np.array([0, 2, 1, 2, 0])
PART = 0.75


class Fixed(lp.MixUp):
    """MixUp in which each image keeps the same part."""

    def mix(self, key, images, others):
        return PART * images + (1 - PART) * others, jnp.full(len(images), PART)


def network() -> lp.Sequential:
    return lp.Sequential([Fixed(), lp.Flatten(), lp.Dense(3, "softmax")])


def crossentropy(model: lp.Sequential, images: np.ndarray) -> np.ndarray:
    """``-log(p)`` of each image and class."""
    dense = model.layers[-1]
    logits = images.reshape(len(images), -1) @ dense.kernel.numpy() + dense.bias.numpy()
    return np.log(np.exp(logits).sum(1, keepdims=True)) - logits


def possible_sums(model: lp.Sequential, rows: list[int], weights: np.ndarray) -> list[float]:
    """The sum of the losses of a batch, for each order in which it may be mixed."""
    sums = []
    for order in permutations(rows):
        others = np.array(order)
        losses = crossentropy(model, PART * X[rows] + (1 - PART) * X[others])
        each = np.arange(len(rows))
        own = PART * weights[rows] * losses[each, LABELS[rows]]
        other = (1 - PART) * weights[others] * losses[each, LABELS[others]]
        sums.append(float(np.sum(own + other)))
    return sums


@pytest.mark.parametrize("case", ["labels", "one-hot, weighted"])
def test_the_loss_is_that_of_both_targets_with_their_own_weights(case: str) -> None:
    model, options, weights = network(), {}, np.ones(5)
    y, loss = LABELS, "sparse_categorical_crossentropy"
    if case != "labels":
        y, loss = np.eye(3, dtype=np.float32)[LABELS], "categorical_crossentropy"
        options = {"sample_weight": np.arange(1.0, 6), "class_weight": {0: 2.0, 1: 1.0, 2: 0.5}}
        weights = np.arange(1.0, 6) * np.array([2.0, 1.0, 0.5])[LABELS]
    model.compile(lp.SGD(1e-20), loss)
    history = model.fit(X, y, 3, 4, shuffle=False, verbose=0, **options)  # batches of 3 and 2
    pairs = product(*(possible_sums(model, rows, weights) for rows in ([0, 1, 2], [3, 4])))
    possible = [(first + second) / 5 for first, second in pairs]
    values = np.array(history.history["loss"])
    assert np.abs(np.array(possible) - values[:, None]).min(1).max() < 1e-4
    unmixed = np.mean(weights * crossentropy(model, X)[range(5), LABELS])
    assert np.abs(values - unmixed).max() > 1e-3


@pytest.mark.long
def test_metrics_compare_with_the_targets_of_the_larger_parts() -> None:
    x = np.eye(3, dtype=np.float32)[LABELS][:, None, None, :]
    model = lp.Sequential([Fixed(), lp.Flatten(), lp.Dense(3, use_bias=False)])
    model.build((None, 1, 1, 3))
    model.layers[-1].set_weights([np.eye(3)])
    model.compile(lp.SGD(1e-20), "mse", metrics=["categorical_accuracy"])
    history = model.fit(x, np.eye(3)[LABELS], 5, 3, verbose=0)
    assert history.history["categorical_accuracy"] == [1.0] * 3


@pytest.mark.long
def test_the_gradient_of_a_mean_squared_error_is_that_of_mixed_targets() -> None:
    y = random.normal(size=(5, 2)).astype(np.float32)
    model = lp.Sequential([Fixed(), lp.Flatten(), lp.Dense(2, use_bias=False)])
    model.compile(lp.SGD(0.1), "mse")
    model.build((None, 2, 2, 1))
    before = model.layers[-1].kernel.numpy()
    model.fit(X, y, 5, 1, verbose=0)
    moved = (before - model.layers[-1].kernel.numpy()) / 0.1
    flat, possible = X.reshape(5, 4), []
    for order in permutations(range(5)):
        rows = list(order)
        mixed, target = (PART * a + (1 - PART) * a[rows] for a in (flat, y))
        possible.append(mixed.T @ (mixed @ before - target) * 2 / 10)
    assert min(np.abs(moved - gradient).max() for gradient in possible) < 1e-5


@pytest.mark.long
def test_a_run_repeats_and_evaluation_mixes_nothing() -> None:
    results = []
    for eagerly in (False, False, True):
        lp.set_seed(3)
        model = lp.Sequential([lp.MixUp(1.0), lp.CutMix(), lp.Flatten(), lp.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eagerly)
        model.fit(X, LABELS, 5, verbose=0)
        results.append(model.layers[-1].kernel.numpy())
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_allclose(results[0], results[2], atol=1e-5)
    losses = crossentropy(model, X)
    np.testing.assert_allclose(model.predict(X), np.exp(-losses), atol=1e-5)
    loss = model.evaluate(X, LABELS, verbose=0)
    np.testing.assert_allclose(loss, losses[range(5), LABELS].mean(), rtol=1e-5)


def test_what_is_recorded_is_what_the_images_consist_of() -> None:
    """Image i is 1 in channel i, so the means of the channels are the parts of a row."""
    count = 12
    images = np.tile(np.eye(count, dtype=np.float32)[:, None, None], (1, 6, 6, 1))
    up, cut = lp.MixUp(1.0), lp.CutMix((1, 1))

    def run(key):
        outputs = []
        for module in (up, cut, lambda x: cut(up(x))):
            with lp.forward_pass(training=True, key=key) as ctx:
                ctx.mixture = []
                mixed = module(images)
                outputs.append((mixed, ctx.mixture))
        return outputs

    for (mixed, mixture), parts in zip(jax.jit(run)(jax.random.key(1)), (2, 2, 4), strict=True):
        assert len(mixture) == parts
        recorded = sum(weight[:, None] * np.eye(count)[rows] for rows, weight in mixture)
        np.testing.assert_allclose(np.mean(mixed, (1, 2)), recorded, atol=1e-5)
        np.testing.assert_allclose(np.sum(recorded, 1), 1, atol=1e-5)
        rows, own = mixture[0]
        np.testing.assert_array_equal(rows, np.arange(count))
        assert np.all(own >= 0.5 - 1e-6) or parts == 4
        assert np.unique(np.round(own, 4)).size > 4
    assert set(np.unique(jax.jit(run)(jax.random.key(1))[1][0])) == {0, 1}  # cut, not blended


def test_a_dict_is_mixed_with_its_labels() -> None:
    lp.set_seed(0)
    images = np.tile(np.eye(4, dtype=np.uint8)[:, None, None], (1, 2, 2, 1))
    out = lp.MixUp(1.0)({"images": images, "labels": np.eye(4)})
    np.testing.assert_allclose(out["labels"], out["images"][:, 0, 0], atol=1e-6)
    assert not np.array_equal(out["labels"], np.eye(4))
    assert lp.MixUp()({"images": images}).keys() == {"images"}
    same = lp.MixUp()({"images": images, "labels": np.eye(4)}, training=False)
    np.testing.assert_array_equal(same["labels"], np.eye(4))


def test_labels_of_a_dict_must_be_one_hot() -> None:
    for labels in (LABELS, LABELS[:, None]):
        with pytest.raises(ShapeError, match=r"one-hot.*np\.eye\(classes\)\[labels\].*fit mixes"):
            lp.MixUp()({"images": X, "labels": labels})
    with pytest.raises(ArgumentError, match=r'"labels": \.\.\.}, got the keys \[\'image\'\]'):
        lp.CutMix()({"image": X})
    with pytest.raises(ShapeError, match=r"expects 4 axes"):
        lp.CutMix()(X[0])


class OwnLoss(lp.Model):
    def __init__(self):
        self.mix, self.flatten, self.dense = lp.MixUp(), lp.Flatten(), lp.Dense(1)

    def forward(self, x):
        return self.dense(self.flatten(self.mix(x)))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return jnp.mean((y - y_pred) ** 2)


def test_where_the_targets_would_stay_as_they_are_it_is_refused() -> None:
    model = OwnLoss()
    model.compile("sgd")
    with pytest.raises(ArgumentError, match=r"mix \(MixUp\): .*call the layer before the model"):
        model.fit(X, LABELS[:, None].astype(np.float32), verbose=0)
    assert model(X, training=True).shape == (5, 1)  # by hand it mixes images, as in Keras


def test_rows_that_are_no_examples_are_refused() -> None:
    halves = lp.Lambda(lambda x: x[:, :1])
    model = lp.Sequential([lp.Lambda(lambda x: jnp.concatenate([x, x])), lp.MixUp(), halves])
    model.layers.append(lp.Lambda(lambda x: x[: len(x) // 2]))
    model.layers += [lp.Flatten(), lp.Dense(1)]
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"has mixed 10 rows, and the batch has 5"):
        model.fit(X, LABELS[:, None].astype(np.float32), verbose=0)
