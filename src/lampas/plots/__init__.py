"""Figures from plain arrays; each function returns a matplotlib ``Figure``."""

from .class_balance import class_balance
from .classification import calibration, roc
from .confusion import confused_pairs, confusion
from .decision_surface import decision_surface
from .feature_maps import feature_maps, filters
from .forecast import error_by_horizon, forecast
from .health import gradient_through_time, health
from .heatmaps import heatmaps
from .images import augmentations, image_grid
from .intervals import intervals
from .regression import fit_against_truth, predicted_against_true, residuals
from .runs import compare_runs
from .spectrograms import spectrograms
from .training import lr_range, training_curves

__all__ = [
    "augmentations",
    "calibration",
    "class_balance",
    "compare_runs",
    "confused_pairs",
    "confusion",
    "decision_surface",
    "error_by_horizon",
    "feature_maps",
    "filters",
    "fit_against_truth",
    "forecast",
    "gradient_through_time",
    "health",
    "heatmaps",
    "image_grid",
    "intervals",
    "lr_range",
    "predicted_against_true",
    "residuals",
    "roc",
    "spectrograms",
    "training_curves",
]
