"""Learning curves."""

from __future__ import annotations

import io

import numpy as np
import pytest

from lampas.core.errors import DataError
from lampas.plots import training_curves
from lampas.plots.style import FLAME, SEA

HISTORY = {
    "loss": [2.0, 1.0, 0.7],
    "accuracy": [0.2, 0.5, 0.6],
    "val_loss": [2.1, 1.2, 1.3],
    "val_accuracy": [0.2, 0.45, 0.4],
}


def line(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def test_each_metric_has_a_panel_with_both_sides():
    loss, accuracy = training_curves(HISTORY).axes
    assert [ax.get_title("left") for ax in (loss, accuracy)] == ["loss", "accuracy"]
    assert line(loss, "training").get_xdata().tolist() == [1, 2, 3]
    assert line(loss, "training").get_ydata().tolist() == HISTORY["loss"]
    assert line(accuracy, "validation").get_ydata().tolist() == HISTORY["val_accuracy"]
    assert line(loss, "training").get_color() == SEA
    assert line(loss, "validation").get_color() == FLAME


def test_best_epoch_is_marked_where_the_axis_counts_from_one():
    for ax, value in zip(training_curves(HISTORY, best_epoch=1).axes, (1.2, 0.45), strict=True):
        assert list(line(ax, "best: epoch 2").get_xdata()) == [2, 2]
        ring = ax.lines[-1]
        assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([2], [value])
        assert ax.get_title("right") == f"{value:g} at epoch 2"


def test_best_epoch_without_validation_marks_the_training_value():
    (ax,) = training_curves({"loss": [3.0, 1.0, 2.0]}, best_epoch=1).axes
    assert list(ax.lines[-1].get_ydata()) == [1.0]


@pytest.mark.parametrize("epoch", [-1, 3])
def test_best_epoch_must_exist(epoch):
    with pytest.raises(DataError, match=r"epochs 0\.\.2"):
        training_curves(HISTORY, best_epoch=epoch)


@pytest.mark.parametrize("history", [{}, {"loss": []}])
def test_an_empty_history_is_an_error(history):
    with pytest.raises(DataError, match="empty"):
        training_curves(history)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([10.0, 1.0, 0.01], "log"),
        ([10.0, 1.0, 0.5], "linear"),
        ([0.001, 0.5, 0.99], "linear"),  # rises, as an accuracy does
        ([10.0, 0.1, 0.0], "linear"),
        ([10.0, np.nan, 0.01], "log"),
    ],
)
def test_scale_is_logarithmic_when_a_metric_falls_through_decades(values, scale):
    (ax,) = training_curves({"loss": values}).axes
    assert ax.get_yscale() == scale


def test_log_ticks_are_plain_numbers():
    figure = training_curves({"loss": [10.0, 1.0, 0.001]})
    figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "0.01" in labels
    assert not any("$" in label for label in labels)


def drawn(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def test_one_epoch_is_drawn_as_points():
    figure = training_curves({"loss": [1.5], "val_loss": [1.4]}, best_epoch=0)
    dots = [dot for dot in figure.axes[0].lines if dot.get_marker() == "o"]
    assert [list(dot.get_ydata()) for dot in dots[:2]] == [[1.5], [1.4]]
    assert drawn(figure)


def test_five_thousand_epochs_reach_the_end():
    figure = training_curves({"loss": np.geomspace(5, 0.01, 5000)}, best_epoch=4999)
    left, right = figure.axes[0].get_xlim()
    assert left < 1
    assert right >= 5000
    assert drawn(figure)


def test_what_is_not_finite_leaves_a_gap():
    (ax,) = training_curves({"loss": [1.0, np.inf, 0.8, np.nan]}).axes
    y = line(ax, "training").get_ydata()
    assert np.isnan(y).tolist() == [False, True, False, True]
    # Values with no neighbour would vanish as a line, so they are dots.
    assert ax.lines[-1].get_xdata().tolist() == [1, 3]


def test_validation_every_few_epochs_is_seen():
    sparse = np.where(np.arange(20) % 5 == 4, 0.5, np.nan)
    (ax,) = training_curves({"loss": np.linspace(1, 0.1, 20), "val_loss": sparse}).axes
    assert ax.lines[-1].get_xdata().tolist() == [5, 10, 15, 20]


def test_a_metric_without_finite_values_says_so():
    figure = training_curves({"loss": [np.nan, np.nan]}, best_epoch=0)
    assert [text.get_text() for text in figure.axes[0].texts] == ["no finite value"]
    assert drawn(figure)


def test_metrics_without_a_twin_and_an_odd_number_of_panels():
    figure = training_curves({"loss": [1, 2], "val_auc": [0.5, 0.6], "learning_rate": [0.1, 0.1]})
    titles = [ax.get_title("left") for ax in figure.axes]
    assert titles == ["loss", "auc", "learning rate"]


def test_the_legend_names_each_thing_once():
    (legend,) = training_curves(HISTORY, best_epoch=1).legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["training", "validation", "best: epoch 2"]
