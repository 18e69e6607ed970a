"""Runs side by side."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import DataError, UnknownNameError

PLAIN = {"loss": [0.9, 0.4, 0.1], "val_loss": [1.0, 0.8, 0.9], "accuracy": [0.5, 0.7, 0.99]}


CALM = {"loss": [0.95, 0.7, 0.6, 0.5], "val_loss": [0.9, 0.7, 0.6, np.nan]}


def test_runs_share_axes_and_state_their_gap():
    plain, calm = plots.compare_runs({"plain": PLAIN, "dropout": CALM}, "loss").axes
    assert plain.get_ylim() == calm.get_ylim()
    assert plain.get_xlim() == calm.get_xlim()
    assert [ax.get_title(loc="left") for ax in (plain, calm)] == ["plain", "dropout"]
    gaps = [ax.texts[0].get_text() for ax in (plain, calm)]
    assert gaps == ["final gap +0.8", "final gap +0"]
    training, validation = plain.lines
    assert training.get_ydata().tolist() == PLAIN["loss"]
    assert validation.get_ydata().tolist() == PLAIN["val_loss"]
    (shade,) = plain.collections
    outline = shade.get_paths()[0].vertices
    assert {tuple(point) for point in zip(range(1, 4), PLAIN["loss"], strict=True)} < {
        tuple(point) for point in outline
    }


def test_a_validation_below_training_is_a_negative_gap():
    history = {"accuracy": [0.75], "val_accuracy": [0.5]}
    (ax,) = plots.compare_runs({"one epoch": history}, "accuracy").axes
    assert ax.texts[0].get_text() == "final gap −0.25"
    assert ax.lines[0].get_marker() == "o"


@pytest.mark.long
@pytest.mark.parametrize("runs", [1, 2, 3, 4, 5, 7])
def test_any_number_of_runs_is_legible(runs):
    figure = plots.compare_runs({f"run {i} {'x' * 40}": CALM for i in range(runs)}, "loss")
    figure.draw_without_rendering()
    assert len(figure.axes) == runs
    assert figure.get_figwidth() == 7.5
    for ax in figure.axes:
        above, below = ax._left_title.get_window_extent(), ax.texts[0].get_window_extent()
        assert above.y0 >= below.y1 - 1
        assert below.y0 >= ax.bbox.y1 - 1
        assert above.x1 <= figure.bbox.width
    columns = 2 if runs == 4 else min(3, runs)
    for ax in figure.axes[-columns:]:
        assert any(label.get_visible() and label.get_text() for label in ax.get_xticklabels())


def test_runs_that_cannot_be_compared_name_themselves():
    with pytest.raises(DataError, match="no run"):
        plots.compare_runs({}, "loss")
    with pytest.raises(UnknownNameError, match=r"'plain'.*'val_accuracy'. Did you mean"):
        plots.compare_runs({"plain": PLAIN}, "accuracy")
    with pytest.raises(UnknownNameError, match=r"'plain'.*'los'. Did you mean 'loss'"):
        plots.compare_runs({"plain": PLAIN}, "los")
    with pytest.raises(DataError, match="'dead' has no epoch with finite loss and val_loss"):
        plots.compare_runs({"dead": {"loss": [np.nan], "val_loss": [1.0]}}, "loss")
