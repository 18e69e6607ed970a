"""The figures of a report: each function takes plain arrays and returns a matplotlib ``Figure``."""

from .class_balance import class_balance
from .classification import calibration, roc
from .confusion import confused_pairs, confusion
from .decision_surface import decision_surface
from .feature_maps import feature_maps, filters
from .forecast import forecast, horizon
from .health import gradient_through_time, health
from .heatmaps import heatmaps
from .images import augmentations, pictures
from .intervals import intervals
from .regression import fit_against_truth, predicted_against_true, residuals
from .runs import compared
from .spectrograms import spectrograms
from .training import curves, lr_range

__all__ = [
    "augmentations",
    "calibration",
    "class_balance",
    "compared",
    "confused_pairs",
    "confusion",
    "curves",
    "decision_surface",
    "feature_maps",
    "filters",
    "fit_against_truth",
    "forecast",
    "gradient_through_time",
    "health",
    "heatmaps",
    "horizon",
    "intervals",
    "lr_range",
    "pictures",
    "predicted_against_true",
    "residuals",
    "roc",
    "spectrograms",
]
