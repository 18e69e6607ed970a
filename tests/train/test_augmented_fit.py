"""Augmentation inside a fit: the same images whatever the batches, and one resampling per run."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

X = np.random.default_rng(0).integers(0, 256, (24, 10, 12, 3), np.uint8)


class Album(lp.Layer):
    """Adds up everything it has seen of each kind of image in training."""

    def build(self, shape):
        self.sums = self.state(shape[1:], "zeros")

    def forward(self, x):
        if lp.is_training():
            self.sums.value = self.sums.value + x.sum(0)
        return x


def album(batch_size, x=X, epochs=2, seed=3):
    model = lp.Sequential(
        [
            lp.RandomFlip(),
            lp.RandomRotation(0.1),
            lp.RandomTranslation(0.2, 0.2),
            lp.RandomZoom(0.2),
            lp.RandomBrightness(0.2),
            lp.RandomContrast(0.3),
            Album(),
            lp.GlobalAveragePool2D(),
            lp.Dense(1),
        ]
    )
    model.compile(lp.SGD(1e-9), "mse")
    model.fit(x, np.zeros((len(x), 1)), batch_size, epochs, verbose=0, seed=seed)
    return model.variables()["album_1/sums"].numpy()


@pytest.mark.long
def test_what_is_drawn_for_an_image_does_not_depend_on_the_batches():
    one_by_eight, all_at_once = album(8), album(24)
    np.testing.assert_allclose(one_by_eight, all_at_once, rtol=1e-4)
    np.testing.assert_allclose(album(7), all_at_once, rtol=1e-4)


@pytest.mark.long
def test_every_epoch_and_every_seed_draw_again():
    first = album(8, epochs=1)
    assert np.abs(album(8, epochs=2) - 2 * first).max() > 10
    assert np.abs(album(8, epochs=1, seed=4) - first).max() > 10


@pytest.mark.long
def test_streamed_images_are_augmented_alike(tmp_path):
    np.save(tmp_path / "x.npy", X)
    streamed = album(8, np.load(tmp_path / "x.npy", mmap_mode="r"))
    np.testing.assert_array_equal(streamed, album(8))


@pytest.mark.long
@pytest.mark.parametrize("training", [True, False])
def test_geometric_layers_in_a_row_are_one_resampling(training):
    def resamplings(*layers):
        model = lp.Sequential(layers)
        (params, state), apply = lp.functional(model)

        def run(x, key):
            return apply(params, state, x, training=training, rng=key)[0]

        return str(jax.make_jaxpr(run)(jnp.asarray(X), jax.random.key(0))).count(" gather[")

    rotation = resamplings(lp.RandomRotation(0.1))
    several = resamplings(
        lp.RandomFlip(), lp.RandomRotation(0.1), lp.RandomTranslation(0.1, 0.1), lp.RandomZoom(0.1)
    )
    assert several == rotation
    assert (rotation > 0) == training
    apart = resamplings(lp.RandomRotation(0.1), lp.Rescaling(1.0), lp.RandomRotation(0.1))
    assert apart == 2 * rotation
