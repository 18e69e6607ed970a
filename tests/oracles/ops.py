"""Calls of the functions of ``ops``, with the same from NumPy or from formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

_random = np.random.default_rng(0)


def _array(*shape: int) -> np.ndarray:
    return _random.uniform(-0.9, 0.9, shape).astype(np.float32)


X, Y = _array(3, 4), _array(3, 4)
"""Rows of a batch of 3."""
P = np.abs(X) + 0.05
Z, W = _array(3, 4, 5), _array(3, 5, 2)
INTEGERS, DIVISORS = np.array([[0, 2, 5, 1]] * 3), np.array([[3, 1, 4, 6]] * 3)
B, C = X > 0, Y > 0
N = np.where(X > 0.3, np.nan, X)
R = np.argsort(X, axis=-1)
WEIGHTS = _array(4, 2)
SQUARE = np.eye(2, dtype=np.float32) + _array(3, 2, 2) / 4
DEFINITE = SQUARE @ SQUARE.mT


class Case(NamedTuple):
    """A call, and a function of NumPy that gives the same for the same arguments."""

    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    reference: Callable[..., Any]

    def __str__(self) -> str:
        return self.name + "".join(f"-{key}={value}" for key, value in self.options.items())


def case(name: str, *args: Any, by: Callable[..., Any] | None = None, **options: Any) -> Case:
    return Case(name, args, options, by or getattr(np, name))


def each(function: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    return np.vectorize(function, otypes=[np.float64])


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def one_hot(x: np.ndarray, num_classes: int, axis: int = -1) -> np.ndarray:
    return np.moveaxis(np.eye(num_classes + 1)[np.minimum(x, num_classes), :-1], -1, axis)


def crossentropy(target: np.ndarray, output: np.ndarray, from_logits: bool = False) -> np.ndarray:
    p = softmax(output) if from_logits else output / output.sum(-1, keepdims=True)
    return -(target * np.log(p)).sum(-1)


def scatter(x: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
    x = x.copy()
    for place, value in zip(indices, updates, strict=True):
        x[tuple(place)] = value
    return x


CASES = [
    *(
        case(name, X)
        for name in (
            *("absolute", "abs", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "cos"),
            *("cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "isfinite", "log1p", "negative"),
            *("rad2deg", "reciprocal", "sign", "signbit", "sin", "sinc", "sinh", "square", "tan"),
            *("tanh", "trunc", "round", "ravel", "sort", "argsort", "cumsum", "cumprod", "diff"),
            *("ones_like", "zeros_like", "flip", "transpose", "fabs", "ptp"),
            *("fliplr", "flipud"),
        )
    ),
    *(case(name, P) for name in ("arccos", "log", "log10", "log2", "sqrt")),
    *(case(name, N) for name in ("isinf", "isnan", "isneginf", "isposinf", "nan_to_num")),
    *(case(name, N) for name in ("nanmax", "nanmean", "nanmin", "nansum", "nanvar", "nanstd")),
    *(
        case(name, X, Y)
        for name in (
            *("add", "arctan2", "divide", "true_divide", "equal", "greater", "greater_equal"),
            *("heaviside", "hypot", "less", "less_equal", "logaddexp", "logaddexp2", "maximum"),
            *("minimum", "fmax", "fmin", "multiply", "not_equal", "subtract", "isclose", "fmod"),
            *("append", "outer", "vdot", "inner"),
        )
    ),
    *(
        case(name, INTEGERS, DIVISORS)
        for name in (
            *("bitwise_and", "bitwise_or", "bitwise_xor", "floor_divide", "mod", "gcd", "lcm"),
            *("left_shift", "right_shift", "true_divide", "add"),
        )
    ),
    *(case(name, B, C) for name in ("logical_and", "logical_or", "logical_xor")),
    *(
        case(name, x, **options)
        for name in ("sum", "mean", "std", "var", "prod", "max", "min", "median", "all", "any")
        for x in [Z > 0 if name in ("all", "any") else Z]
        for options in ({}, {"axis": 1}, {"axis": (1, 2), "keepdims": True})
    ),
    *(case(name, Z, axis=-1, keepdims=True) for name in ("argmax", "argmin")),
    case("nanprod", N, axis=0),
    case("add", X, 1.5),
    case("subtract", 1.0, X),
    case("arccosh", P + 1),
    case("logical_not", B),
    case("bitwise_not", INTEGERS, by=np.invert),
    case("power", P, X),
    case("rsqrt", P, by=lambda x: x**-0.5),
    case("erf", X, by=each(math.erf)),
    case("erfc", X, by=each(math.erfc)),
    case("erfinv", np.vectorize(math.erf)(X).astype(np.float32), by=lambda _: X),
    case("stop_gradient", X, by=np.array),
    case("divide_no_nan", X, B * Y, by=lambda a, b: np.where(b == 0, 0, a / (b + (b == 0)))),
    case("clip", X, -0.2, 0.3),
    case("where", B, X, Y),
    case("round", X, decimals=2),
    case("cast", X, "int32", by=np.ndarray.astype),
    case("full_like", X, 2.5),
    case("max", X, initial=3.0),
    case("min", X, axis=0, initial=-3.0),
    case("amax", X, axis=1),
    case("amin", X, axis=1),
    case("logsumexp", X, axis=-1, by=lambda x, axis: np.log(np.exp(x).sum(axis))),
    case("count_nonzero", INTEGERS, axis=1),
    case("average", X, axis=1, weights=P[0]),
    case("quantile", X, 0.3, axis=1),
    case("percentile", X, [30, 50], axis=1),
    case("allclose", X, X + 1e-7),
    case("isin", INTEGERS, [1, 2]),
    case("empty_like", X, by=np.zeros_like),
    case("saturate_cast", 300 * X, "uint8", by=lambda x, _: np.clip(x, 0, 255).astype("uint8")),
    case("array_split", X, 3, axis=1),
    case("cdist", X, Y, by=lambda x, y: np.linalg.norm(x[:, None] - y, axis=-1)),
    case("layer_normalization", X, P[0], Y[0],
         by=lambda x, g, b: (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True) * g + b),
    case("max_pool", Z, 2, 2, by=lambda x, *_: np.stack([x[:, :2].max(1), x[:, 2:].max(1)], 1)),
    case("average_pool", Z, 2, 1, padding="same",
         by=lambda x, *_, padding: np.concatenate([(x[:, :3] + x[:, 1:]) / 2, x[:, 3:]], 1)),
    case("image.extract_patches", Z[..., None], 2,
         by=lambda x, _: x[:, :, :4].reshape(3, 2, 2, 2, 2).swapaxes(2, 3).reshape(3, 2, 2, 4)),
    case("image.extract_patches", Z[..., None], 4, 1,
         by=lambda x, *_: np.stack([x[:, :, i : i + 4].reshape(3, 1, 16) for i in (0, 1)], 2)),
    case("cumsum", X, axis=1),
    case("cumprod", X, axis=1),
    case("diff", X, n=2),
    case("top_k", X, 2, by=lambda x, k: (-np.sort(-x)[:, :k], np.argsort(-x)[:, :k])),
    case("in_top_k", np.array([0, 1, 2]), X, 2,
         by=lambda y, p, k: [y[i] in np.argsort(-p[i])[:k] for i in range(3)]),
    case("searchsorted", np.array([-0.5, 0.0, 0.5, 1.0], np.float32), X),
    case("digitize", X, np.array([-0.5, 0.0, 0.5], np.float32)),
    case("segment_sum", X, np.array([0, 1, 0]), num_segments=2,
         by=lambda x, ids, num_segments: [x[0] + x[2], x[1]]),
    case("segment_max", X, np.array([0, 1, 0]), num_segments=2,
         by=lambda x, ids, num_segments: [np.maximum(x[0], x[2]), x[1]]),
    case("get_item", Z, (slice(None), -1), by=lambda x, key: x[key]),
    case("reshape", Z, (-1, 20)),
    case("reshape", Z, (-1, 4, 5, 1)),
    case("concatenate", [X, Y], axis=-1),
    case("concatenate", [X, Y]),
    case("stack", [X, Y], axis=1),
    case("unstack", X, axis=1, by=lambda x, axis: list(x.T)),
    case("hstack", [X, Y]),
    case("vstack", [X, Y]),
    case("append", X, Y, axis=1),
    case("split", X, 2, axis=1),
    case("split", X, [1, 3], axis=1),
    case("expand_dims", X, 1),
    case("expand_dims", X, axis=-1),
    case("squeeze", Z[:, :1], axis=1),
    case("transpose", Z, (0, 2, 1)),
    case("swapaxes", Z, 1, 2),
    case("moveaxis", Z, 1, -1),
    case("repeat", X, 2, axis=1),
    case("repeat", X, [1, 0, 2, 1], axis=1),
    case("tile", X, (1, 3)),
    case("flip", X, axis=1),
    case("roll", X, 1, axis=1),
    case("rot90", X),
    case("pad", X, ((0, 0), (1, 2))),
    case("pad", X, ((0, 0), (1, 2)), constant_values=7),
    case("pad", X, ((0, 0), (1, 2)), mode="reflect"),
    case("take", X, [0, 3], axis=1),
    case("take_along_axis", X, R, axis=-1),
    case("slice", X, (1, 1), (2, -1), by=lambda x, start, shape: x[1:3, 1:]),
    case("slice_update", X, (0, 2), Y[:, :1],
         by=lambda x, start, y: np.concatenate([x[:, :2], y, x[:, 3:]], 1)),
    case("scatter_update", X, [[0, 1], [2, 3]], np.array([5.0, 6.0], np.float32), by=scatter),
    case("tril", X),
    case("triu", Z, k=1),
    case("diag", X),
    case("diagonal", Z, axis1=1, axis2=2),
    case("meshgrid", X[:, 0], Y[0], indexing="ij"),
    case("matmul", Z, W),
    case("matmul", X, WEIGHTS),
    case("dot", X, WEIGHTS),
    case("tensordot", Z, W, axes=([2], [1])),
    case("tensordot", X, WEIGHTS, axes=1),
    case("einsum", "bij,bjk->bik", Z, W),
    case("cross", X[:, :3], Y[:, :3]),
    case("trace", SQUARE, axis1=1, axis2=2),
    case("norm", X, by=np.linalg.norm),
    case("norm", X, axis=1, keepdims=True, by=np.linalg.norm),
    case("norm", X, ord=1, axis=1, by=np.linalg.norm),
    case("det", SQUARE, by=np.linalg.det),
    case("logdet", DEFINITE, by=lambda x: np.linalg.slogdet(x)[1]),
    case("inv", SQUARE, by=np.linalg.inv),
    case("pinv", X, by=np.linalg.pinv),
    case("solve", SQUARE, Z[:, :2], by=np.linalg.solve),
    case("cholesky", DEFINITE, by=np.linalg.cholesky),
    case("svd", X, compute_uv=False, by=np.linalg.svd),
    case("relu", X, by=lambda x: np.maximum(x, 0)),
    case("relu6", 9 * X, by=lambda x: np.clip(x, 0, 6)),
    case("sigmoid", X, by=sigmoid),
    case("log_sigmoid", X, by=lambda x: np.log(sigmoid(x))),
    case("softplus", X, by=lambda x: np.log1p(np.exp(x))),
    case("softsign", X, by=lambda x: x / (1 + np.abs(x))),
    case("silu", X, by=lambda x: x * sigmoid(x)),
    case("swish", X, by=lambda x: x * sigmoid(x)),
    case("hard_sigmoid", 4 * X, by=lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    case("hard_silu", 4 * X, by=lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    case("hard_tanh", 2 * X, by=lambda x: np.clip(x, -1, 1)),
    case("selu", X, by=lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * np.expm1(x))),
    case("sparse_plus", 2 * X,
         by=lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))),
    case("sparse_sigmoid", 2 * X, by=lambda x: np.clip((x + 1) / 2, 0, 1)),
    case("leaky_relu", X, by=lambda x: np.where(x > 0, x, 0.2 * x)),
    case("leaky_relu", X, negative_slope=0.1,
         by=lambda x, negative_slope: np.where(x > 0, x, 0.1 * x)),
    case("elu", X, alpha=2.0, by=lambda x, alpha: np.where(x > 0, x, 2 * np.expm1(x))),
    case("celu", X, alpha=2.0, by=lambda x, alpha: np.where(x > 0, x, 2 * np.expm1(x / 2))),
    case("gelu", X, approximate=False,
         by=lambda x, approximate: x / 2 * (1 + each(math.erf)(x / 2**0.5))),
    case("gelu", X,
         by=lambda x: x / 2 * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))),
    case("squareplus", X, by=lambda x: (x + np.sqrt(x**2 + 4)) / 2),
    case("tanh_shrink", X, by=lambda x: x - np.tanh(x)),
    case("hard_shrink", X, by=lambda x: np.where(np.abs(x) > 0.5, x, 0)),
    case("soft_shrink", X, by=lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)),
    case("threshold", X, 0.1, -1.0, by=lambda x, t, value: np.where(x > t, x, value)),
    case("glu", X, by=lambda x: x[:, :2] * sigmoid(x[:, 2:])),
    case("softmax", X, by=softmax),
    case("softmax", Z, axis=1, by=softmax),
    case("log_softmax", X, by=lambda x: np.log(softmax(x))),
    case("one_hot", INTEGERS, 4, by=one_hot),
    case("one_hot", INTEGERS, 6, axis=1, by=one_hot),
    case("multi_hot", INTEGERS, 6, by=lambda x, n: one_hot(x, n).max(1)),
    case("normalize", X, by=lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)),
    case("normalize", X, order=1,
         by=lambda x, order: x / np.abs(x).sum(-1, keepdims=True)),
    case("moments", X, 1, by=lambda x, axes: (x.mean(axes), x.var(axes))),
    case("moments", X, [0, 1], keepdims=True,
         by=lambda x, axes, keepdims: (x.mean(keepdims=True), x.var(keepdims=True))),
    case("binary_crossentropy", B * 1.0, P, by=lambda y, p: -np.log(np.where(y, p, 1 - p))),
    case("binary_crossentropy", B * 1.0, X, from_logits=True,
         by=lambda y, x, from_logits: -np.log(np.where(y, sigmoid(x), 1 - sigmoid(x)))),
    case("categorical_crossentropy", P, P, by=crossentropy),
    case("categorical_crossentropy", P, X, from_logits=True, by=crossentropy),
    case("sparse_categorical_crossentropy", np.array([0, 1, 3]), P,
         by=lambda y, p: crossentropy(one_hot(y, 4), p)),
    case("sparse_categorical_crossentropy", np.array([[0], [1], [3]]), X, from_logits=True,
         by=lambda y, p, from_logits: crossentropy(one_hot(y[:, 0], 4), p, from_logits)),
    case("image.rgb_to_grayscale", Z[:, :, None, :3],
         by=lambda x: x @ np.array([[0.2989], [0.587], [0.114]])),
]  # fmt: skip
"""Every operation, but those for which NumPy has no unique result."""

EAGER = [
    case(
        "scatter",
        np.array([[0], [1], [0]]),
        X,
        (2, 4),
        by=lambda indices, x, shape: np.stack([x[0] + x[2], x[1]]),
    ),
    case("kron", SQUARE[0], SQUARE[1]),
    case("nonzero", INTEGERS),
    case("unique", INTEGERS),
    case("bincount", np.array([0, 2, 2]), minlength=4),
    case("bincount", np.array([0, 2, 2]), weights=P[0, :3]),
    case("broadcast_to", X, (2, 3, 4)),
    case("trace", X),
    case("diag", X[0]),
    case("zeros", (2, 3)),
    case("ones", (2, 3), "int32"),
    case("full", (2,), 3, by=lambda shape, value: np.full(shape, value, np.float32)),
    case("eye", 3, k=1),
    case("identity", 3),
    case("tri", 3, 4),
    case("arange", 5),
    case("arange", 1, 6, 2),
    case("arange", 0.5, 2),
    case("linspace", 0.0, 1.0, 5),
    case("array", [[1, 2]]),
    case("convert_to_tensor", [1.0, 2.0], by=np.array),
    case("convert_to_numpy", X, by=np.array),
    case("copy", X),
    case("shape", Z),
    case("ndim", Z),
    case("size", Z),
]
"""Calls that have no place in a graph."""
