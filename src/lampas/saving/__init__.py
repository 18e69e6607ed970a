"""Save and load models and weights, and describe them as plain data."""

from .config import deserialize_keras_object as deserialize_keras_object
from .config import serialize_keras_object as serialize_keras_object
from .model_file import load as load
from .model_file import load_model as load_model
from .model_file import save_model as save_model
from .registry import custom_object_scope as custom_object_scope
from .registry import get_custom_objects as get_custom_objects
from .registry import get_registered_name as get_registered_name
from .registry import get_registered_object as get_registered_object
from .registry import register_keras_serializable as register_keras_serializable

CustomObjectScope = custom_object_scope

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "register_keras_serializable",
    "save_model",
    "serialize_keras_object",
]
