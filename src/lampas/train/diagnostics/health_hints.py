"""What samples of a fit's health say, in plain words: what is wrong where, and what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .health_samples import LayerHealth, ParameterHealth, Sample, by_path, kernels, owner

FEWEST = 3
"""Samples that a hint on the course of a fit needs; fewer may be chance."""
USUAL_RATIO = 1e-3
"""Update over weight, a rule of thumb (A. Karpathy, notes to Stanford's CS231n)."""
FAR = 100.0
"""A ratio this many times larger or smaller than usual: the rule is one of orders of magnitude."""
UNEVEN = 1e3
"""Gradients over weights of the first kernel and the last: by plain gradient descent the one of
them learns a thousand times slower than the other."""
GROWTH = 100.0
"""Outputs of the first layer and a later one; good initializations keep their size (Glorot and
Bengio, 2010), and beyond this training soon leaves the finite numbers."""
DEAD = 0.4
"""Of a healthy ReLU layer some units rest; when nearly half do, the layer is that much smaller."""
SATURATED = 0.5
"""When most outputs lie at the flat ends, little of the gradient comes through."""
FALLEN = 0.99
"""A loss above this part of its earlier level has not fallen."""
MOST_NAMED = 3
"""Layers that one hint names."""


def hints(samples: Sequence[Sample]) -> list[str]:
    """Findings in plain words, each with the paths, the numbers, and what to change.

    Layers are judged by the later half of the samples, gradients and updates by all of them; each
    number is a median.
    """
    if not samples:
        return []
    layers = by_path([sample.layers for sample in samples[len(samples) // 2 :]])
    parameters = by_path([sample.parameters for sample in samples])
    found = [*_unmoved(parameters), *_gradients(parameters), *_updates(parameters)]
    found += [*_silent(layers), *_growing(layers, parameters)]
    return found + list(_not_falling(samples))


def _unmoved(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """Parameters without a gradient, and weights that stay in spite of one."""
    without = [path for path, of in parameters.items() if all(one.gradient == 0 for one in of)]
    if without:
        yield (
            f"No gradient reaches {_list(without)}. Either forward does not use it, or something "
            "without a slope lies behind: a step, a rounding, an argmax, a layer of dead units. "
            "Use it, freeze it, or lend the step a slope (StraightThrough)."
        )
    still = [
        path
        for path, of in parameters.items()
        if path not in without and all(one.update == 0 for one in of)
    ]
    if still:
        yield (
            f"{_list(still)} has a gradient but does not move: its updates are too small for its "
            "numbers. Raise the learning rate, or look for a bound on the gradients that is too "
            "tight."
        )


def _gradients(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """Do gradients vanish or explode on their way back?"""
    pulls = {path: _median(one.pull for one in of) for path, of in kernels(parameters).items()}
    known = [(path, pull) for path, pull in pulls.items() if pull > 0]
    if len(known) < 2:
        return
    (first, early), (last, late) = known[0], known[-1]
    between = f"(gradient over weight: {early:.2g} in {first}, {late:.2g} in {last})"
    if early * UNEVEN < late:
        yield (
            f"The gradient vanishes on its way back: {late / early:,.0f} times smaller at the "
            f"first kernel than at the last {between}. Early layers hardly learn. Use relu in "
            "place of sigmoid or tanh, BatchNormalization, shortcuts around layers, or fewer "
            "layers; over long sequences LSTM or GRU."
        )
    if early > UNEVEN * late:
        yield (
            f"The gradient explodes on its way back: {early / late:,.0f} times larger at the "
            f"first kernel than at the last {between}. Bound it (clipnorm=1.0 in the optimizer), "
            "begin with smaller weights (glorot_uniform, he_normal), or normalize between layers."
        )


def _updates(parameters: Mapping[str, list[ParameterHealth]]) -> Iterator[str]:
    """Is the learning rate far from what suits the weights?"""
    ratios = {path: _median(one.ratio for one in of) for path, of in kernels(parameters).items()}
    usual = f"Around {USUAL_RATIO:g} is usual (a rule of thumb of Stanford's CS231n)."
    if large := {path: ratio for path, ratio in ratios.items() if ratio > USUAL_RATIO * FAR}:
        yield (
            f"Each step changes much of {_worst(large, '{:.2g} of it')}. {usual} Lower the "
            "learning rate."
        )
    if small := {path: ratio for path, ratio in ratios.items() if 0 < ratio < USUAL_RATIO / FAR}:
        yield (
            f"Steps are tiny beside the weights of {_worst(small, '{:.2g} of it', least=True)}. "
            f"{usual} Raise the learning rate, or use an optimizer that fits each step to its "
            "weight (Adam)."
        )


def _silent(layers: Mapping[str, list[LayerHealth]]) -> Iterator[str]:
    """Dead ReLUs and saturated sigmoids."""
    dead = {path: _median(one.dead for one in of) for path, of in layers.items()}
    if many := {path: share for path, share in dead.items() if share > DEAD}:
        yield (
            f"Dead ReLUs: units that are 0 for every example, in {_worst(many, '{:.0%}')}. They "
            "learn no more. Lower the learning rate, use he_normal for the kernel, or an "
            "activation with a slope on both sides (leaky_relu, elu, gelu)."
        )
    flat = {path: _median(one.saturated for one in of) for path, of in layers.items()}
    if many := {path: share for path, share in flat.items() if share > SATURATED}:
        yield (
            f"Saturated: outputs at the flat ends of sigmoid or tanh, in {_worst(many, '{:.0%}')}. "
            "Little gradient comes through. If the loss is still high: standardize the inputs "
            "(Normalization), begin with smaller weights, lower the learning rate, or use relu."
        )


def _growing(
    layers: Mapping[str, list[LayerHealth]], parameters: Mapping[str, list[ParameterHealth]]
) -> Iterator[str]:
    """Do outputs grow from layer to layer? The last one's size is the task's."""
    learn = {owner(path, layers) for path in kernels(parameters)}
    sizes = [(path, _median(one.rms for one in of)) for path, of in layers.items() if path in learn]
    known = [(path, size) for path, size in sizes[:-1] if size > 0]
    if len(known) < 2:
        return
    (first, early), (last, late) = known[0], known[-1]
    if late > GROWTH * early:
        yield (
            f"Outputs grow with depth: their root mean square is {early:.2g} in {first} and "
            f"{late:.2g} in {last}. Begin with weights that keep the size (he_normal before relu, "
            "glorot_uniform otherwise), or normalize between layers."
        )


def _not_falling(samples: Sequence[Sample]) -> Iterator[str]:
    """Is anything learnt at all?"""
    losses = np.array([sample.loss for sample in samples if math.isfinite(sample.loss)])
    if losses.size < FEWEST:
        return
    part = -(-losses.size // 4)
    early, late = np.median(losses[:part]), np.median(losses[-part:])
    if late > early - (1 - FALLEN) * abs(early):
        yield (
            f"The loss does not fall: {early:.4g} at first, {late:.4g} at last. Try a learning "
            "rate ten times larger and one ten times smaller, and whether the model can learn ten "
            "examples by heart; if not, look at labels, inputs and loss."
        )


def _median(values: Iterator[float | None]) -> float:
    """The median of those that are known and finite; NaN if none is, which exceeds nothing."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    return float(np.median(known)) if known else math.nan


def _worst(shares: Mapping[str, float], form: str, least: bool = False) -> str:
    """The layers with the largest numbers, or the least: ``"a (62%), b (48%) and 3 more"``."""
    ordered = sorted(shares.items(), key=lambda item: item[1], reverse=not least)
    return _list([f"{path} ({form.format(share)})" for path, share in ordered])


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
