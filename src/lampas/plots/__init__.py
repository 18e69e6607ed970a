"""Figures from plain arrays; each function returns a matplotlib ``Figure``."""

from .class_balance import class_balance as class_balance
from .classification import calibration as calibration
from .classification import roc as roc
from .confusion import confused_pairs as confused_pairs
from .confusion import confusion as confusion
from .decision_surface import decision_surface as decision_surface
from .feature_maps import feature_maps as feature_maps
from .feature_maps import filters as filters
from .forecast import error_by_horizon as error_by_horizon
from .forecast import forecast as forecast
from .health import gradient_through_time as gradient_through_time
from .health import health as health
from .heatmaps import heatmaps as heatmaps
from .images import augmentations as augmentations
from .images import image_grid as image_grid
from .intervals import intervals as intervals
from .regression import fit_against_truth as fit_against_truth
from .regression import predicted_against_true as predicted_against_true
from .regression import residuals as residuals
from .runs import compare_runs as compare_runs
from .spectrograms import spectrograms as spectrograms
from .training import lr_range as lr_range
from .training import training_curves as training_curves

__all__ = sorted(name for name, value in globals().items() if callable(value))
