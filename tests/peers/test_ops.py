"""The functions of ops and the merge layers beside those of Keras."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from functools import reduce
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import layers, ops
from tests.layers.test_merging import CASES as MERGED
from tests.layers.test_merging import FIRST, SECOND, A, B
from tests.oracles.ops import CASES, EAGER, Case

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning"),
]

LEFT_OUT = {"sparse", "ragged", "synchronized", "data_format", "reduction", "crop_to_aspect_ratio"}
"""Arguments of Keras that are for its other backends, or have one value here."""
OTHER_SHAPES = {"diag", "multi_hot", "svd", "tensordot"}
"""Functions whose symbolic result in Keras is not that which they compute, or is an error."""
OTHER_ON_TORCH = {
    *("binary_crossentropy", "count_nonzero", "cross", "one_hot", "slice", "stop_gradient"),
    *("unstack", "vdot", "empty_like", "nonzero"),
}
"""Functions that Keras on PyTorch computes otherwise, or refuses for these arguments."""
OTHER_NAMES = {
    *("stop_gradient", "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"),
    *("bitwise_left_shift", "bitwise_right_shift"),
}
"""Functions of which Keras calls the arrays x and y, or variable."""


def function_of(module: Any, name: str) -> Any:
    return reduce(getattr, name.split("."), module)


def numbers(keras: ModuleType, tree: Any) -> list[np.ndarray]:
    leaves = tree if isinstance(tree, list | tuple) else [tree]
    return [np.asarray(keras.ops.convert_to_numpy(leaf)) for leaf in leaves]


def public_functions() -> dict[str, Any]:
    prefixes = {"": ops, "image.": ops.image}
    return {
        prefix + name: value
        for prefix, module in prefixes.items()
        for name, value in vars(module).items()
        if inspect.isfunction(value) and name in getattr(module, "__all__", vars(module))
    }


def test_arguments_and_defaults_are_those_of_keras(keras: ModuleType) -> None:
    different = {}
    for name, function in public_functions().items():
        ours = inspect.signature(function).parameters
        theirs = inspect.signature(function_of(keras.ops, name)).parameters
        expected = [key for key in theirs if key not in LEFT_OUT][: len(ours)]
        defaults = {key: (ours[key].default, theirs[key].default) for key in ours if key in theirs}
        unequal = [key for key, (a, b) in defaults.items() if a != b]
        if (list(ours) != expected and name not in OTHER_NAMES) or unequal:
            different[name.rpartition(".")[2]] = list(ours), expected, unequal
    assert different.keys() == {"multi_hot"}, different  # it needs num_classes


def can_compare(case: Case) -> bool:
    return (case.name in OTHER_ON_TORCH) == (os.environ["KERAS_BACKEND"] == "jax")


def test_numbers_are_those_of_keras_on_jax() -> None:
    """Those of OTHER_ON_TORCH, in a process of their own: a process can import one Keras only."""
    test = f"{__file__}::test_numbers_are_those_of_keras"
    command = [sys.executable, "-m", "pytest", "-m", "peer", "-p", "no:cacheprovider", test]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]
    count = sum(case.name in OTHER_ON_TORCH for case in CASES + EAGER)
    assert f"{count} passed" in ended.stdout


@pytest.mark.parametrize("case", [c for c in CASES + EAGER if can_compare(c)], ids=str)
def test_numbers_are_those_of_keras(keras: ModuleType, case: Case) -> None:
    if case.name == "repeat":  # Keras takes no list
        case = case._replace(args=(case.args[0], np.array(case.args[1])))
    theirs = function_of(keras.ops, case.name)(*case.args, **case.options)
    ours = function_of(ops, case.name)(*case.args, **case.options)
    leaves = jax.tree.leaves(ours)
    for a, b in zip(leaves, numbers(keras, theirs), strict=True):
        assert np.shape(a) == b.shape
        assert np.asarray(a).dtype.kind == b.dtype.kind
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("case", [c for c in CASES if c.name not in OTHER_SHAPES], ids=str)
def test_shapes_and_dtypes_in_a_graph_are_those_of_keras(keras: ModuleType, case: Case) -> None:
    def outputs(module: Any) -> list[Any]:
        def symbolic(leaf: Any) -> Any:
            if not isinstance(leaf, np.ndarray) or leaf.shape[:1] != (3,):
                return leaf
            return module.Input(leaf.shape[1:], dtype=ops.dtype(ops.array(leaf)))

        args = jax.tree.map(symbolic, case.args)
        output = function_of(module.ops, case.name)(*args, **case.options)
        return list(output) if isinstance(output, list | tuple) else [output]

    for a, b in zip(outputs(lp), outputs(keras), strict=True):
        assert a.shape == tuple(b.shape)
        assert np.dtype(a.dtype).kind == np.dtype(b.dtype).kind


@pytest.mark.parametrize(("name", "options", "x", "_"), MERGED, ids=[c[0] for c in MERGED])
def test_merged_arrays_are_those_of_keras(keras, name, options, x, _) -> None:
    theirs = numbers(keras, getattr(keras.layers, name)(x, **options))[0]
    ours = getattr(layers, name)(x, **options)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert ours.shape == theirs.shape
    assert ours.dtype.kind == theirs.dtype.kind


@pytest.mark.parametrize("masks", [(FIRST, SECOND), (FIRST, None), (None, SECOND)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in ("add", "subtract", "multiply", "average", "maximum", "minimum")),
        *(("concatenate", {"axis": axis}) for axis in (-1, 1)),
        ("dot", {"axes": 2}),
    ],
)
def test_masks_are_those_of_keras(keras, name, options, masks) -> None:
    from keras.src.backend import get_keras_mask, set_keras_mask

    def tensor(array: np.ndarray, mask: np.ndarray | None) -> Any:
        x = keras.ops.convert_to_tensor(array)
        if mask is not None:
            set_keras_mask(x, keras.ops.convert_to_tensor(mask))
        return x

    pairs = list(zip((A, B), masks, strict=True))
    theirs = getattr(keras.layers, name)([tensor(*pair) for pair in pairs], **options)
    ours = getattr(layers, name)([lp.set_mask(jnp.array(a), m) for a, m in pairs], **options)
    np.testing.assert_allclose(ours, numbers(keras, theirs)[0], rtol=1e-5, atol=1e-6)
    expected, mask = get_keras_mask(theirs), lp.get_mask(ours)
    if expected is None or keras.ops.all(expected):  # all steps are data
        assert mask is None or mask.all()
    else:
        np.testing.assert_array_equal(mask, numbers(keras, expected)[0])
