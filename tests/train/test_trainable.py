"""Models that are copied and pickled: weights come along, compiled programs do not."""

import copy
import pickle

import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import same_bits, weights_of


@pytest.mark.long
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_fitted_model_can_be_copied(copied, examples):
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*examples, verbose=0)
    twin = copied(model)
    assert same_bits(weights_of(twin), weights_of(model))
    assert np.array_equal(twin.predict(examples[0]), model.predict(examples[0]))
    with pytest.raises(lp.NotBuiltError, match="must be compiled first"):
        twin.evaluate(*examples)
    twin.compile("adam", "sparse_categorical_crossentropy")
    twin.fit(*examples, verbose=0)
    assert not same_bits(weights_of(twin), weights_of(model))


@pytest.mark.long
def test_a_history_does_not_keep_the_data_alive(examples):
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    assert model.fit(*examples, verbose=0).fit_state is None


def test_a_model_knows_how_it_was_compiled():
    model = lp.Sequential([lp.Input((4,)), lp.Dense(3)])
    assert not model.compiled
    model.compile("adam", "mse")
    assert model.compiled
    assert model.compute_output_shape((None, 4)) == (None, 3)
