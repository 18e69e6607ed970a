"""Neural networks as scikit-learn estimators, for pipelines, searches and cross-validation."""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "lampas.Classifier and lampas.Regressor need scikit-learn, which is not "
        "installed: pip install 'lampas[app]'"
    ) from error

from .classifier import Classifier
from .factory import multilayer_perceptron
from .regressor import Regressor

__all__ = ["Classifier", "Regressor", "multilayer_perceptron"]
