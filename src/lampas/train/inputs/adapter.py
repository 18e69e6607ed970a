"""What a model is given to learn from or to be measured on: arrays, tables or batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import jax

from ...core.errors import ArgumentError, DataError
from ...layers.preprocessing.base import read
from .arrays import as_arrays, check, example_weights, placed, split
from .epoch_iterator import is_feed
from .frames import apart, arrays, batches_of
from .iterable_source import Fed, Feed
from .source import Resident, Source
from .streaming import Stream, is_streamed

if TYPE_CHECKING:
    from ..model import Model

ClassWeight = Mapping[int, float] | Literal["balanced"]


@dataclass(frozen=True)
class Given:
    """Examples, or a source of batches in their own order, for one model.

    ``y`` is ``()`` where the model needs no targets, and the name of an entry for batches that are
    dicts. ``steps`` is the number of batches of an epoch, if it was given.
    """

    model: Model
    x: Any
    y: Any
    weights: Any = None
    class_weight: ClassWeight | None = None
    steps: int | None = None

    @property
    def is_feed(self) -> bool:
        """Whether it comes in batches."""
        return is_feed(self.x)

    def split(self, fraction: float) -> tuple[Given, Given]:
        """The first examples, and the last ``fraction`` of them for validation."""
        if self.is_feed:
            raise ArgumentError(
                "validation_split needs all examples at once, and these come batch by batch; give "
                "validation_data=."
            )
        (x, y, weights), (*held, held_weights) = split((self.x, self.y, self.weights), fraction)
        learnt = replace(self, x=x, y=y, weights=weights)
        return learnt, Given(self.model, held[0], held[1], held_weights)

    def source(
        self,
        batch_size: int,
        shuffle: bool = False,
        key: jax.Array | None = None,
        seed: int | None = None,
        *,
        first_epoch: int = 0,
        single: bool = False,
    ) -> Source:
        """The steps, after making sure that model, loss and data fit.

        Args:
            batch_size: examples a step, for data that does not come in batches.
            shuffle: whether their order is drawn anew in each epoch, with ``key``.
            key: of the fit.
            seed: of the first weights.
            first_epoch: the number of the epoch that it begins with.
            single: whether steps are wanted one at a time.
        """
        trainer = self.model._compiled()
        if self.is_feed:
            source: Source = Fed(self._feed(batch_size, first_epoch, single))
        else:
            weights = example_weights(self.y, self.weights, self.class_weight)
            data = placed(self.x, self.y, weights)
            if is_streamed(data):
                source = Stream(data, batch_size, shuffle, key, 1 if single else None)
            else:
                source = Resident(data, batch_size, shuffle, key)
        trainer.prepare(source.example.x, seed)
        self.model._note_shape(source.example.x)
        shapes = trainer.output_shapes(source.example, source.pace)
        trainer.check(source.example.y if self.is_feed else self.y, shapes)
        if isinstance(source, Fed):
            source.feed.form.inspect = partial(trainer.check, shapes=shapes)
        return source

    def _feed(self, batch_size: int, first_epoch: int, single: bool) -> Feed:
        return Feed(
            batches_of(self.x, batch_size),
            targets=True if needs_targets(self.model) else None,
            read=partial(read, self.model),
            target=self.y if isinstance(self.y, str) else None,
            steps=self.steps,
            class_weight=self.class_weight,  # type: ignore[arg-type]
            first_epoch=first_epoch,
            length=1 if single else None,
        )


def given(
    model: Model,
    x: Any,
    y: Any = None,
    weights: Any = None,
    class_weight: ClassWeight | None = None,
    steps: int | None = None,
    what: str = "the data",
) -> Given:
    """Data as a model can take it, checked.

    Raises:
        DataError: when there is none, it does not fit together, or is not finite.
        ArgumentError: for an argument that goes with another kind of data.
    """
    if y is None and not is_feed(x) and not needs_targets(model):
        y = ()
    if not is_feed(x):
        if steps is not None:
            raise ArgumentError(
                "steps_per_epoch and validation_steps count what comes in batches; "
                f"{what} is arrays, whose batches follow from batch_size."
            )
        x, y = apart(x, y)
        x, y, weights = (
            as_arrays(arrays(part, name))
            for part, name in ((read(model, x), "x"), (y, "y"), (weights, "sample_weight"))
        )
        check(x, y, weights, what)
    elif not (y is None or isinstance(y, str)) or weights is not None:
        raise DataError(
            f"the batches of {what} bring their targets and weights along, as (x, y) or "
            "(x, y, sample_weight); y= may be the name of the targets where they are dicts."
        )
    elif not needs_targets(model):
        y = ()
    return Given(model, x, y, weights, class_weight, steps)


def needs_targets(model: Model) -> bool:
    """Whether the error of a model is that of targets and predictions, as compile has it."""
    return type(model).compute_loss.__module__.startswith("lampas.")
