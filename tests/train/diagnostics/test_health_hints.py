"""Each hint is given for what it is about, names it, and for a healthy network there is none."""

import math

import pytest

from lampas.train.diagnostics.health_hints import hints
from lampas.train.diagnostics.health_samples import HealthSample, LayerHealth, ParameterHealth

LAYERS = ("first", "second", "third")


def samples(count=8, losses=None, layers=None, parameters=None):
    """A healthy network, but for the numbers given for single layers and kernels."""
    layers, parameters = layers or {}, parameters or {}
    healthy = {"rms": 1.0, "mean": 0.1, "dead": 0.1, "saturated": None}
    kernel = {"weight": 10.0, "gradient": 0.1, "update": 0.01, "kernel": True}
    return [
        HealthSample(
            step,
            0,
            losses[step] if losses else 1.0 / (step + 1),
            tuple(LayerHealth(**{"path": p, **healthy, **layers.get(p, {})}) for p in LAYERS),
            tuple(
                ParameterHealth(**{"path": f"{p}/kernel", **kernel, **parameters.get(p, {})})
                for p in LAYERS
            ),
        )
        for step in range(count)
    ]


def only(found, *words):
    assert len(found) == 1, found
    for word in words:
        assert word in found[0]


def test_a_healthy_network_gets_no_hint():
    assert hints(samples()) == []
    assert hints([]) == []
    assert hints(samples(1)) == []


def test_vanishing_and_exploding_gradients_by_the_ratio_over_depth():
    only(
        hints(samples(parameters={"first": {"gradient": 2e-5}})),
        "vanishes",
        "5,000 times smaller",
        "2e-06 in first/kernel, 0.01 in third/kernel",
        "relu",
    )
    only(
        hints(samples(parameters={"first": {"gradient": 300.0}})),
        "explodes",
        "3,000 times larger",
        "clipnorm",
    )


def test_updates_far_from_the_usual():
    only(
        hints(samples(parameters={"second": {"update": 3.0}})),
        "second/kernel (0.3 of it)",
        "0.001 is usual (a rule of thumb of Stanford's CS231n)",
        "Lower the learning rate",
    )
    only(
        hints(samples(parameters={"second": {"update": 1e-6}})),
        "tiny",
        "second/kernel (1e-07 of it)",
        "Raise the learning rate",
    )


def test_dead_and_saturated_units():
    many = {path: {"dead": share} for path, share in zip(LAYERS, (0.5, 0.9, 0.3), strict=True)}
    only(hints(samples(layers=many)), "Dead ReLUs", "in second (90%), first (50%)", "he_normal")
    flat = {"first": {"dead": None, "saturated": 0.75}}
    only(hints(samples(layers=flat)), "Saturated", "first (75%)", "standardize")


def test_outputs_that_grow_with_depth_but_for_the_last_ones():
    only(
        hints(samples(layers={"second": {"rms": 500.0}})), "grow with depth", "1 in first", "5e+02"
    )
    assert hints(samples(layers={"third": {"rms": 500.0}})) == []


def test_parameters_without_gradient_and_those_that_stay():
    nothing = {"second": {"gradient": 0.0, "update": 0.0}}
    only(hints(samples(parameters=nothing)), "No gradient reaches second/kernel", "freeze")
    still = {"second": {"update": 0.0}}
    only(hints(samples(parameters=still)), "second/kernel has a gradient but does not move")


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([2.0] * 8, True),
        ([1.0, 1.1, 0.9, 1.0, 1.2, 1.1, 1.3, 1.2], True),
        ([-1.0] * 8, True),
        ([-1.0, -1.1, -1.2, -1.3, -1.4, -1.5, -1.6, -1.7], False),
        ([2.0, 1.9, 1.8, 1.7, 1.7, 1.7, 1.7, 1.7], False),
        ([math.nan] * 8, False),
    ],
)
def test_a_loss_that_does_not_fall(losses, said):
    found = hints(samples(losses=losses))
    assert bool(found) == said
    if said:
        only(found, "The loss does not fall", f"{losses[-1]:.4g} at last" if losses[0] != 1 else "")


def test_numbers_that_are_not_finite_give_no_wrong_hint():
    broken = {"first": {"gradient": math.nan, "update": math.inf}}
    assert hints(samples(parameters=broken)) == []
    assert hints(samples(parameters={path: {"weight": 0.0} for path in LAYERS})) == []


def test_of_many_layers_the_worst_are_named(monkeypatch):
    monkeypatch.setattr("lampas.train.diagnostics.health_hints.MAX_NAMED", 1)
    dead = {path: {"dead": share} for path, share in zip(LAYERS, (0.5, 0.9, 0.8), strict=True)}
    only(hints(samples(layers=dead)), "in second (90%) and 2 more.")
