"""RandAugment and AugMix, which apply operations that are drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.arguments import PositiveFloat, PositiveInt
from ...core.variable import Array
from ...kernels.affine import affine_transform
from ..base import RandomLayerOptions
from .affine import ResamplingAugmentation
from .base import ValueAugmentation
from .color import RandomBrightness, RandomColorDegeneration, RandomContrast
from .filters import RandomSharpness
from .geometric import RandomRotation, RandomShear, RandomTranslation
from .histogram import AutoContrast, Equalization
from .ranges import Factor, range_from
from .tone import RandomPosterization, Solarization


class _Policy(ValueAugmentation):
    """Base of layers that draw an operation for each image, several times."""

    channels: ClassVar[tuple[int, ...]] = (1, 3)

    def __init__(
        self,
        value_range: Sequence[float],
        factor: Factor,
        interpolation: str,
        has_all: bool,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = strength = range_from(0.0, "factor", factor)
        values = self.value_range
        self._geometric: list[ResamplingAugmentation] = [
            RandomShear(strength, strength, interpolation),
            RandomTranslation(strength, strength, interpolation=interpolation),
            RandomRotation(strength, interpolation=interpolation),
        ]
        self._value_layers: list[ValueAugmentation] = [
            RandomPosterization(max(1, int(8 * strength[1])), values),
            Solarization(strength, strength, values),
            AutoContrast(values),
            Equalization(values),
        ]
        if has_all:
            self._value_layers += [
                RandomBrightness(strength, values),
                RandomColorDegeneration(strength, values),
                RandomContrast(strength, values),
                RandomSharpness(strength, values),
            ]

    def random_operation(self, images: Array, keys: Array, may_skip: bool = False) -> Array:
        """Apply to each image an operation that is drawn by its key.

        All operations are computed for all images, and one is chosen: so the images of a batch
        differ, and there is one resampling for all maps of pixels.

        Args:
            images: the images, ``(batch, height, width, channels)``.
            keys: a key for each image.
            may_skip: whether none is as likely as each of the operations.
        """
        geometric = len(self._geometric)
        count = geometric + len(self._value_layers) + may_skip
        height, width = images.shape[1:3]

        def matrix(key: Array, choice: Array) -> Array:
            maps = [layer.random_matrix(key, height, width) for layer in self._geometric]
            return jnp.stack([*maps, jnp.eye(3)])[jnp.minimum(choice, geometric)]

        def change(key: Array, choice: Array, image: Array) -> Array:
            unchanged = [lambda _, image: image]
            changes = [layer.augment for layer in self._value_layers]
            index = jnp.maximum(choice - geometric + 1, 0)
            return lax.switch(index, [*unchanged, *changes, *unchanged], key, image)

        for_choice, keys = jnp.moveaxis(jax.vmap(jax.random.split)(keys), 1, 0)
        choices = jax.vmap(lambda key: jax.random.randint(key, (), 0, count))(for_choice)
        sampling = self._geometric[0].sampling
        images = affine_transform(images, jax.vmap(matrix)(keys, choices), sampling)
        return jax.vmap(change)(keys, choices, images)

    def random_operations(
        self, images: Array, keys: Array, count: int, may_skip: bool = False
    ) -> Array:
        """Apply ``count`` operations to each image; see :meth:`random_operation`."""

        def step(images: Array, number: Array) -> tuple[Array, None]:
            new = jax.vmap(jax.random.fold_in, (0, None))(keys, number)
            return self.random_operation(images, new, may_skip), None

        return lax.scan(step, images, jnp.arange(count))[0]


class RandAugment(_Policy):
    """Apply some operations to each image in training, drawn from eleven (Cubuk et al., 2020).

    They are shear, translation, rotation, brightness, color degeneration, contrast, sharpness,
    posterization, solarization, AutoContrast and equalization, with the same ``factor``. A direct
    call of the layer acts as in training.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        num_ops: number of operations, one after the other.
        factor: strength of the operations, 0 to 1: a number ``f`` draws from 0 to ``f`` for each
            operation, a pair ``(low, high)`` between these.
        interpolation: "bilinear" or "nearest", where pixels move.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged, with 1 or 3 channels; integers become
    float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, the range is empty, or ``num_ops`` is
            below 1.
        ShapeError: for another number of channels.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandAugment(num_ops=2, factor=0.3)(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: PositiveInt = 2,
        factor: Factor = 0.5,
        interpolation: str = "bilinear",
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, factor, interpolation, True, **options)
        self.num_ops, self.interpolation = num_ops, interpolation

    def forward(self, x: Array) -> Array:
        if not context.is_augmenting():
            return x
        return self.random_operations(x, context.example_keys(len(x)), self.num_ops)


class AugMix(_Policy):
    """Blend each image in training with several random variants of it (Hendrycks et al., 2020).

    Each variant is a chain of the operations of :class:`RandAugment`. The weights of the variants
    are drawn from a Dirichlet distribution, the weight of the image itself from a beta
    distribution. A direct call of the layer acts as in training.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        num_chains: number of variants.
        chain_depth: the largest number of operations of a variant; each may be left out.
        factor: strength of the operations, as in :class:`RandAugment`.
        alpha: parameter of both distributions; large values make all weights equal.
        all_ops: whether brightness, color degeneration, contrast and sharpness take part.
        interpolation: "bilinear" or "nearest", where pixels move.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged, with 1 or 3 channels; integers become
    float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, the range is empty, ``alpha`` is not
            positive, or a number is below 1.
        ShapeError: for another number of channels.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.AugMix()(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: PositiveInt = 3,
        chain_depth: PositiveInt = 3,
        factor: Factor = 0.3,
        alpha: PositiveFloat = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, factor, interpolation, all_ops, **options)
        self.num_chains, self.chain_depth, self.alpha = num_chains, chain_depth, alpha
        self.all_ops, self.interpolation = all_ops, interpolation

    def forward(self, x: Array) -> Array:
        if not context.is_augmenting():
            return x
        keys = context.example_keys(len(x))
        weights = jax.vmap(self._weights)(keys).astype(x.dtype)[..., None, None, None]

        def add(mixed: Array, chain: tuple[Array, Array]) -> tuple[Array, None]:
            number, weight = chain
            new = jax.vmap(jax.random.fold_in, (0, None))(keys, number)
            variant = self.random_operations(x, new, self.chain_depth, may_skip=True)
            return mixed + weight * variant, None

        numbers = jnp.arange(1, self.num_chains + 1)
        mixed, _ = lax.scan(add, x * weights[:, 0], (numbers, jnp.moveaxis(weights[:, 1:], 1, 0)))
        return self.clip(mixed)

    def _weights(self, key: Array) -> Array:
        """The weights of an image and of its variants, which sum to 1."""
        for_image, for_chains = jax.random.split(key)
        image = jax.random.beta(for_image, self.alpha, self.alpha, (1,))
        chains = jax.random.dirichlet(for_chains, jnp.full(self.num_chains, self.alpha))
        return jnp.concatenate([image, (1 - image) * chains])
