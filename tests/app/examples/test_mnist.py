"""Digits are classified by all networks."""

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import mnist
from lampas.applications import image_networks as networks
from tests.app.examples.example_runs import command, load_run


@pytest.mark.long
def test_digits_are_read(tmp_path):
    digits = lp.datasets.digits()
    assert digits.train[0].shape[1:] == (8, 8, 1)
    result = mnist.run("digits", epochs=8, out=tmp_path, verbose=0)
    assert result.accuracy > 0.9
    x, y = digits.test
    assert (load_run(tmp_path).predict(x).argmax(1) == y).mean() == pytest.approx(result.accuracy)


@pytest.mark.long
def test_digits_by_another_network_from_variants(tmp_path):
    words = ("--data", "digits", "--model", "lenet", "--augment", "--epochs", 2, "--out", tmp_path)
    share = float(command("mnist", *words).split("accuracy ")[-1].split()[0])
    assert 0.3 < share <= 1
    page = (tmp_path / "report.html").read_text()
    assert "The network lenet on digits, augmented" in page
    assert "random variants" in page


@pytest.mark.long
@pytest.mark.parametrize("name", networks.NETWORKS)
def test_every_network_reads_digits_of_both_sizes(name):
    for side in (28, 8):
        model = networks.image_network(name, (side, side, 1), 10, mnist.augmentation())
        model.build((side, side, 1))
    digit = np.zeros((side, side, 1), np.uint8)
    assert model.predict(digit[None]).shape == (1, 10)


def test_an_unknown_network_offers_the_nearest(tmp_path):
    with pytest.raises(
        lp.UnknownNameError, match=r"Unknown network 'lenett'\. Did you mean 'lenet'"
    ):
        mnist.run("digits", model="lenett", out=tmp_path)
