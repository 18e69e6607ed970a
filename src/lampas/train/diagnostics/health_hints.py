"""Hints from the measurements of a network: which problem is where, and what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .health_samples import HealthSample, LayerHealth, ParameterHealth, by_path, kernels, layer_of

MIN_SAMPLES = 3
"""Samples that a hint on the course of a fit needs; fewer may be chance."""
USUAL_RATIO = 1e-3
"""Update over weight, a rule of thumb (A. Karpathy, notes to Stanford's CS231n)."""
FAR_FACTOR = 100.0
"""A ratio this many times larger or smaller than usual: the rule is one of orders of magnitude."""
UNEVEN = 1e3
"""Ratio of the gradients over weights of the first kernel and the last: by plain gradient descent
one of them trains a thousand times slower than the other."""
GROWTH = 100.0
"""Ratio of the outputs of the first layer and a later one; good initializations keep their size
(Glorot and Bengio, 2010), and beyond this, training soon diverges."""
DEAD = 0.4
"""Some units of a healthy ReLU layer are 0; when nearly half are, it is that much smaller."""
SATURATED = 0.5
"""When most outputs lie in flat regions, little of the gradient is passed on."""
FALLEN = 0.99
"""A loss above this fraction of its earlier level has not fallen."""
MAX_NAMED = 3
"""Layers that one hint names."""


def hints(samples: Sequence[HealthSample]) -> list[str]:
    """Problems in plain words, each with the paths, the values, and what to change.

    Layers are judged by the later half of the samples, gradients and updates by all of them; each
    number is a median.
    """
    if not samples:
        return []
    layers = by_path([sample.layers for sample in samples[len(samples) // 2 :]])
    parameters = by_path([sample.parameters for sample in samples])
    return [
        *_unmoved(parameters),
        *_vanishing_or_exploding(parameters),
        *_update_sizes(parameters),
        *_dead_and_saturated(layers),
        *_growing(layers, parameters),
        *_not_falling(samples),
    ]


def _unmoved(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """Parameters without a gradient, and weights that do not change in spite of one."""
    without_gradient = [
        path for path, series in parameters.items() if all(p.gradient == 0 for p in series)
    ]
    if without_gradient:
        yield (
            f"No gradient reaches {_join(without_gradient)}. Either forward does not use it, or an "
            "operation with zero gradient follows: a step, a rounding, an argmax, a layer of dead "
            "units. Use it, freeze it, or replace the gradient of the step (StraightThrough)."
        )
    unmoved = [
        path
        for path, series in parameters.items()
        if path not in without_gradient and all(p.update == 0 for p in series)
    ]
    if unmoved:
        yield (
            f"{_join(unmoved)} has a gradient but does not move: its updates are too small for the "
            "precision of its dtype. Raise the learning rate, or check whether the gradients are "
            "clipped too much."
        )


def _vanishing_or_exploding(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """Gradients that vanish or explode in backpropagation."""
    medians = _medians(kernels(parameters), "gradient_ratio")
    ratios = [(path, ratio) for path, ratio in medians.items() if ratio > 0]
    if len(ratios) < 2:
        return
    (first, early), (last, late) = ratios[0], ratios[-1]
    between = f"(gradient over weight: {early:.2g} in {first}, {late:.2g} in {last})"
    if early * UNEVEN < late:
        yield (
            f"The gradient vanishes in backpropagation: {late / early:,.0f} times smaller at the "
            f"first kernel than at the last {between}. Early layers hardly train. Use relu in "
            "place of sigmoid or tanh, BatchNormalization, shortcuts around layers, or fewer "
            "layers; over long sequences LSTM or GRU."
        )
    if early > UNEVEN * late:
        yield (
            f"The gradient explodes in backpropagation: {early / late:,.0f} times larger at the "
            f"first kernel than at the last {between}. Clip it (clipnorm=1.0 in the optimizer), "
            "begin with smaller weights (glorot_uniform, he_normal), or normalize between layers."
        )


def _update_sizes(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """A learning rate that is too large or too small for the weights."""
    ratios = _medians(kernels(parameters), "update_ratio")
    rule = f"Around {USUAL_RATIO:g} is usual (a rule of thumb of Stanford's CS231n)."
    highest, lowest = USUAL_RATIO * FAR_FACTOR, USUAL_RATIO / FAR_FACTOR
    if large := {path: ratio for path, ratio in ratios.items() if ratio > highest}:
        yield (
            f"Each step changes much of {_worst(large, '{:.2g} of it')}. {rule} Lower the "
            "learning rate."
        )
    if small := {path: ratio for path, ratio in ratios.items() if 0 < ratio < lowest}:
        yield (
            f"Updates are tiny compared with the weights of "
            f"{_worst(small, '{:.2g} of it', smallest=True)}. {rule} Raise the learning rate, or "
            "use an optimizer that adapts each update to its weight (Adam)."
        )


def _dead_and_saturated(layers: Mapping[str, list[LayerHealth]]) -> Iterator[str]:
    """Dead ReLUs and saturated sigmoids."""
    dead = _medians(layers, "dead").items()
    if many := {path: share for path, share in dead if share > DEAD}:
        yield (
            f"Dead ReLUs: units that are 0 for every example, in {_worst(many, '{:.0%}')}. They "
            "do not train any more. Lower the learning rate, use he_normal for the kernel, or an "
            "activation with a gradient on both sides (leaky_relu, elu, gelu)."
        )
    saturated = _medians(layers, "saturated").items()
    if many := {path: share for path, share in saturated if share > SATURATED}:
        yield (
            f"Saturated: outputs in the flat regions of sigmoid or tanh, in "
            f"{_worst(many, '{:.0%}')}. Little gradient is passed on. If the loss is still high: "
            "standardize the inputs (Normalization), begin with smaller weights, lower the "
            "learning rate, or use relu."
        )


def _growing(
    layers: Mapping[str, list[LayerHealth]], parameters: Mapping[str, list[ParameterHealth]]
) -> Iterator[str]:
    """Outputs that grow from layer to layer; the size of the last ones depends on the task."""
    with_kernel = {layer_of(path, layers) for path in kernels(parameters)}
    medians = _medians({path: layers[path] for path in layers if path in with_kernel}, "rms")
    sizes = [(path, size) for path, size in list(medians.items())[:-1] if size > 0]
    if len(sizes) < 2:
        return
    (first, early), (last, late) = sizes[0], sizes[-1]
    if late > GROWTH * early:
        yield (
            f"Outputs grow with depth: their root mean square is {early:.2g} in {first} and "
            f"{late:.2g} in {last}. Begin with weights that keep the size (he_normal before relu, "
            "glorot_uniform otherwise), or normalize between layers."
        )


def _not_falling(samples: Sequence[HealthSample]) -> Iterator[str]:
    """A loss that does not fall."""
    losses = np.array([sample.loss for sample in samples if math.isfinite(sample.loss)])
    if losses.size < MIN_SAMPLES:
        return
    quarter = -(-losses.size // 4)
    early, late = np.median(losses[:quarter]), np.median(losses[-quarter:])
    if late > early - (1 - FALLEN) * abs(early):
        yield (
            f"The loss does not fall: {early:.4g} at first, {late:.4g} at last. Try a learning "
            "rate ten times larger and one ten times smaller, and whether the model can overfit "
            "ten examples; if not, check labels, inputs and loss."
        )


def _medians(series: Mapping[str, Sequence[Any]], measure: str) -> dict[str, float]:
    """By path, the median of the finite values; NaN, which exceeds no threshold, if none is."""
    medians = {}
    for path, healths in series.items():
        values = [getattr(health, measure) for health in healths]
        finite = [value for value in values if value is not None and math.isfinite(value)]
        medians[path] = float(np.median(finite)) if finite else math.nan
    return medians


def _worst(shares: Mapping[str, float], template: str, smallest: bool = False) -> str:
    """The layers with the largest or smallest values: ``"a (62%), b (48%) and 3 more"``."""
    ordered = sorted(shares.items(), key=lambda item: item[1], reverse=not smallest)
    return _join([f"{path} ({template.format(share)})" for path, share in ordered])


def _join(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
