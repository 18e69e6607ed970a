"""Configurations of layers, compared with installed Keras."""

import json

import pytest

import lampas as lp
from lampas.core.lookup import snake_case

pytestmark = pytest.mark.peer

LAYERS = {
    "Activation": ("relu",),
    "AveragePooling2D": (2,),
    "BatchNormalization": (),
    "Conv1D": (4, 3),
    "Conv2D": (4, (3, 2), (2, 1), "same"),
    "Conv2DTranspose": (4, 3),
    "Cropping2D": (1,),
    "Dense": (3, "tanh"),
    "DepthwiseConv2D": (3,),
    "Dropout": (0.5,),
    "Embedding": (10, 4),
    "Flatten": (),
    "GRU": (4,),
    "GlobalAveragePooling2D": (),
    "LSTM": (4,),
    "LayerNormalization": (),
    "Masking": (1.0,),
    "MaxPooling2D": ((2, 3),),
    "RandomFlip": (),
    "RandomRotation": (0.1,),
    "Rescaling": (0.5, 1.0),
    "Reshape": ((2, 3),),
    "SeparableConv2D": (4, 3),
    "SimpleRNN": (4,),
    "UpSampling2D": (3,),
}


def plain(value):
    """Lists for tuples, and names for objects."""
    value = json.loads(json.dumps(value))
    return snake_case(value["class_name"]) if isinstance(value, dict) else value


@pytest.mark.parametrize("name", LAYERS)
def test_the_config_of_a_layer_has_the_keys_and_values_of_keras(name, keras):
    ours = getattr(lp, name)(*LAYERS[name], name="layer").get_config()
    theirs = getattr(keras.layers, name)(*LAYERS[name], name="layer").get_config()
    common = ours.keys() & theirs.keys()
    assert {key: plain(ours[key]) for key in common} == {key: plain(theirs[key]) for key in common}
    assert len(common) >= 2
    again = getattr(lp, name).from_config(json.loads(json.dumps(ours))).get_config()
    assert json.dumps(again) == json.dumps(ours)
