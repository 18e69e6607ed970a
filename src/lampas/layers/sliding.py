"""What all layers with a kernel that slides over spatial axes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

import jax.numpy as jnp

from .. import activations, initializers
from ..activations import Activation
from ..core.build import Initializer
from ..core.masks import carry_mask, mask_of
from ..core.variable import Array, Parameter
from ..ops.window import Pads, check_padding, pads, per_axis
from .layer import Layer, LayerOptions


class Sliding(Layer):
    """A window slides over ``rank`` spatial axes; bias and activation follow.

    Over one axis, masked steps are taken as zeros, and as many steps of the output count as the
    sequence without the masked ones would have: with "same" one of ``strides``, with "valid" those
    whose whole window counts.
    """

    rank: ClassVar[int]

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        dilation_rate: int | Sequence[int],
        activation: Activation | str | None,
        use_bias: bool,
        bias_initializer: Initializer | str,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.padding = check_padding(padding)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)

    def make_bias(self, filters: int) -> Parameter | None:
        """The bias of all outputs, or None; for ``build``."""
        return self.parameter((filters,), self.bias_initializer) if self.use_bias else None

    def prepare(self, *inputs: Any) -> tuple[Any, ...]:
        x, *rest = super().prepare(*inputs)
        mask = mask_of(x)
        if mask is not None and self.rank == 1:
            x = carry_mask(jnp.where(mask[..., None], x, 0), mask)
        return x, *rest

    def next_mask(self, mask: Array, output: Array) -> Array | None:
        if self.rank > 1:
            return None
        (size,), (stride,), (dilation,) = self.kernel_size, self.strides, self.dilation_rate
        if self.padding == "same":
            return mask[:, ::stride]
        last = mask.shape[1] - (size - 1) * dilation
        windows = [mask[:, i * dilation : last + i * dilation : stride] for i in range(size)]
        return jnp.stack(windows).all(0)

    def around(self, x: Array) -> Pads:
        """Padding for an input like ``x``."""
        sizes = x.shape[1:-1]
        return pads(sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate)
