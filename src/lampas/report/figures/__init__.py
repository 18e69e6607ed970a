"""The figures of a report: each function takes plain arrays and returns a matplotlib ``Figure``."""

from .confusion import confusion
from .curves import curves
from .decision_surface import decision_surface
from .feature_maps import feature_maps
from .filters import filters
from .fit_against_truth import fit_against_truth
from .pictures import pictures

__all__ = [
    "confusion",
    "curves",
    "decision_surface",
    "feature_maps",
    "filters",
    "fit_against_truth",
    "pictures",
]
