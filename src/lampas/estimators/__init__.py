"""Lampas's networks as scikit-learn's estimators, for its pipelines, searches and scores."""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "lampas.Classifier and lampas.Regressor are estimators of scikit-learn, which is not "
        "installed: pip install 'lampas[app]'"
    ) from error

from .classifier import Classifier
from .factory import multilayer_perceptron
from .regressor import Regressor

__all__ = ["Classifier", "Regressor", "multilayer_perceptron"]
