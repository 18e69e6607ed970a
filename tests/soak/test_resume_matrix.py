"""A fit that stops anywhere resumes to the same weights, for every optimizer and schedule."""

from itertools import product

import pytest

import lampas as lp
from lampas.optimizers import OPTIMIZERS
from tests.train.small_nets import SPARSE, class_examples, same_bits, weights_of
from tests.train.test_checkpoint import StopAfterBatch, StopAt, StopError

pytestmark = pytest.mark.soak

EPOCHS, STEPS = 3, 3
SCHEDULES = {
    "constant": lambda: 0.01,
    "cosine": lambda: lp.optimizers.schedules.CosineDecay(0.02, EPOCHS * STEPS),
    "exponential": lambda: lp.optimizers.schedules.ExponentialDecay(0.02, 2, 0.9),
}
CLIPPING = {"unclipped": {}, "clipped": {"global_clipnorm": 0.5}}


def fit(optimizer, schedule, clipping, *callbacks, checkpoint=None):
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(5, "relu"), lp.BatchNormalization(), lp.Dropout(0.4)])
    model.add(lp.Dense(3, "softmax"))
    model.compile(
        OPTIMIZERS[optimizer](SCHEDULES[schedule](), **CLIPPING[clipping]),
        SPARSE,
        metrics=["accuracy"],
    )
    saved = checkpoint and lp.Checkpoint(checkpoint, every_seconds=0)
    model.fit(*class_examples(), 8, EPOCHS, 0, callbacks, seed=3, checkpoint=saved)
    return weights_of(model), model.history.history


@pytest.mark.parametrize("clipping", CLIPPING)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resume(tmp_path, optimizer, schedule, clipping):
    weights, history = fit(optimizer, schedule, clipping)
    for epoch, batch in product(range(EPOCHS), (None, 0, 1)):
        stop = StopAt(epoch) if batch is None else StopAfterBatch(epoch, batch)
        folder = tmp_path / f"{epoch}-{batch}"
        with pytest.raises(StopError):
            fit(optimizer, schedule, clipping, stop, checkpoint=folder)
        resumed, logs = fit(optimizer, schedule, clipping, checkpoint=folder)
        assert same_bits(resumed, weights), (epoch, batch)
        assert logs == history, (epoch, batch)
