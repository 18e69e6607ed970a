"""Synthetic images are repeatable, varied and neither trivial nor impossible to classify."""

import numpy as np
import pytest

from lampas import ArgumentError
from lampas.datasets.synthetic import cells, flowers, synthetic_cells, synthetic_flowers

GENERATORS = pytest.mark.parametrize(
    ("draw", "classes"), [(synthetic_flowers, flowers.CLASSES), (synthetic_cells, cells.CLASSES)]
)


@pytest.fixture(scope="module")
def blossoms():
    return synthetic_flowers(200, 32)


@pytest.fixture(scope="module")
def blood():
    return synthetic_cells(400, 48)


@GENERATORS
def test_the_same_seed_draws_the_same_and_fewer_are_the_first_of_more(draw, classes):
    x, y = draw(14, 24, seed=3)
    again, labels = draw(11, 24, seed=3)
    np.testing.assert_array_equal(again, x[:11])
    np.testing.assert_array_equal(labels, np.arange(11) % len(classes))
    assert (x.shape, x.dtype, y.dtype) == ((14, 24, 24, 3), np.uint8, np.int32)
    other, _ = draw(11, 24, seed=4)
    assert (other != again).mean() > 0.3


@GENERATORS
def test_no_two_images_are_alike(draw, classes):
    x, _ = draw(40, 16)
    assert len({picture.tobytes() for picture in x}) == 40


@GENERATORS
@pytest.mark.parametrize(("n", "size"), [(0, 64), (5, 4)])
def test_nothing_to_draw_is_an_error(draw, classes, n, size):
    with pytest.raises(ArgumentError, match=f"got n={n}, size={size}"):
        draw(n, size)


def test_a_flower_is_the_same_at_any_size():
    large, small = synthetic_flowers(1, 96)[0][0], synthetic_flowers(1, 32)[0][0]
    shrunk = large.reshape(32, 3, 32, 3, 3).mean((1, 3))
    assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.9


def test_colour_alone_tells_some_flowers_but_not_all(blossoms):
    x, y = blossoms
    share = nearest(x.mean((1, 2)), y)
    assert 0.25 < share < 0.7


def test_sunflowers_are_yellower_than_roses(blossoms):
    x, y = blossoms
    yellow = (x[..., :2].min(-1).astype(int) - x[..., 2]).mean((1, 2))
    assert yellow[y == 3].mean() > yellow[y == 2].mean() + 5


def test_cells_are_cut_out_on_black(blood):
    x, _ = blood
    corners = x[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.max() == 0
    middle = x[:, 20:28, 20:28].mean((1, 2, 3))
    assert middle.min() > 40
    covered = (x.max(-1) > 0).mean((1, 2))
    assert 0.3 < covered.min() < covered.max() < 0.75


def test_infected_cells_have_more_that_is_dark_but_no_sure_sign(blood):
    x, y = blood
    grey = x.mean(-1)
    across = np.linspace(-1, 1, x.shape[1])
    inside = (np.hypot(across, across[:, None]) < 0.65) & (grey > 0)
    typical = np.array([np.median(g[i]) for g, i in zip(grey, inside, strict=True)])
    dark = ((grey < 0.75 * typical[:, None, None]) & inside).mean((1, 2))
    assert dark[y == 0].mean() > 1.5 * dark[y == 1].mean()
    # The best of all thresholds is better than a guess, and far from enough.
    best = max(((dark > t) == (y == 0)).mean() for t in np.quantile(dark, np.linspace(0, 1, 50)))
    assert 0.6 < best < 0.92


def test_stain_does_not_tell_the_infected(blood):
    x, y = blood
    colour = np.array([np.median(p[p.max(-1) > 0], 0) for p in x])
    assert nearest(colour, y) < 0.65


def nearest(features, y):
    """How often the nearest other example is of the same class."""
    distance = np.square(features[:, None] - features[None]).sum(-1)
    np.fill_diagonal(distance, np.inf)
    return (y[distance.argmin(1)] == y).mean()
