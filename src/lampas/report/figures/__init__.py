"""The figures of a report: each function takes plain arrays and returns a matplotlib ``Figure``."""

from .augmentations import augmentations
from .calibration import calibration
from .class_balance import class_balance
from .compared import compared
from .confusion import confused_pairs, confusion
from .curves import curves
from .decision_surface import decision_surface
from .feature_maps import feature_maps
from .filters import filters
from .fit_against_truth import fit_against_truth
from .forecast import forecast
from .gradient_through_time import gradient_through_time
from .health import health
from .heatmaps import heatmaps
from .horizon import horizon
from .intervals import intervals
from .lr_range import lr_range
from .pictures import pictures
from .residuals import predicted_against_true, residuals
from .roc import roc
from .spectrograms import spectrograms

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
