"""Models, and how to clone, save and load them, under Keras's names."""

from .saving import load_model as load_model
from .saving import save_model as save_model
from .train.cloning import clone_model as clone_model
from .train.cloning import model_from_json as model_from_json
from .train.model import Model as Model
from .train.sequential import Sequential as Sequential

__all__ = [
    *("Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"),
]
