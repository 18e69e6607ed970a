"""Settings of a training run: one frozen dataclass per kind of data, with its JSON form."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ...core.arguments import (
    CheckedFields,
    Fraction,
    Interval,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    ProperFraction,
)
from ...data.tables import ColumnKind

Count = Annotated[int, Interval(1, 2**31 - 1)]
Pixels = Annotated[int, Interval(1, 512)]
Seconds = Annotated[float, Interval(0.1, 60)]

VALIDATION, TEST = 0.15, 0.15
"""Shares of the examples that are held out for early stopping and for the final evaluation."""
DEFAULT_LEARNING_RATE = 1e-3
Scale = Literal["linear", "log"]
"""Scale on which values are predicted: as they are, or by their logarithms."""
SMALL, LARGE = 1_000, 20_000
"""Numbers of examples below and above which the defaults stay the same."""


def training_defaults(num_examples: int) -> dict[str, Any]:
    """Defaults by size of the data: small data sets need stronger regularization, small batches."""
    if num_examples < SMALL:
        return {"dropout": 0.3, "l2": 1e-3, "batch_size": 16}
    if num_examples < LARGE:
        return {"dropout": 0.2, "l2": 1e-4, "batch_size": 32}
    return {"dropout": 0.1, "l2": 1e-5, "batch_size": 128}


@dataclass(frozen=True, kw_only=True)
class Settings(CheckedFields):
    """Settings of a run that all kinds of data share, with checked types and ranges.

    Args:
        path: path of the data, absolute.
        seed: random seed of the run.
        model: name of the network.
        dropout: rate of the dropout layers.
        l2: factor of the L2 penalty on weights.
        batch_size: examples per step.
        epochs: maximum number of epochs.
        patience: epochs without a lower validation loss after which training stops.
        learning_rate: learning rate of Adam; None until the range test has chosen it.
        min_learning_rate: lower limit of what the range test may choose.
        max_learning_rate: upper limit.
    """

    path: str
    seed: int
    model: str
    dropout: ProperFraction
    l2: NonNegativeFloat
    batch_size: Count
    epochs: Count
    patience: Count
    learning_rate: PositiveFloat | None = None
    min_learning_rate: PositiveFloat = 1e-4
    max_learning_rate: PositiveFloat = 1e-2


@dataclass(frozen=True)
class ColumnSummary:
    """A column of a table for the report.

    Args:
        name: name of the column.
        kind: kind of the column: ``"number"``, ``"category"``, ``"leave-out"`` and so on.
        reason: reason for the kind.
        missing: share of missing values.
        distinct: number of different values.
        note: note on its values; may be empty.
    """

    name: str
    kind: str
    reason: str
    missing: Fraction
    distinct: NonNegativeInt
    note: str


@dataclass(frozen=True, kw_only=True)
class TableSettings(Settings):
    """Settings for tables.

    Args:
        target: column to predict.
        columns: kinds of the feature columns by name.
        formats: formats of columns with dates or numbers in a particular notation, by name.
        choices: values of the columns with few categories, by name.
        width: units per hidden layer.
        group: column whose groups are not divided between splits, if any.
        time: column whose latest rows are held out, if any.
        scale: scale on which values are predicted.
        sheet: sheet of the Excel file, if it was chosen among several.
        summary: summary of all columns, for the report.
    """

    target: str
    columns: dict[str, ColumnKind]
    width: Count
    formats: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    group: str | None = None
    time: str | None = None
    scale: Scale = "linear"
    sheet: str | None = None
    summary: tuple[ColumnSummary, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImageSettings(Settings):
    """Settings for images.

    Args:
        size: height and width in pixels.
        color: ``"grey"`` or ``"rgb"``.
        mirror: whether images are flipped at random in training.
        downscaled: whether the files are larger than ``size``.
    """

    size: tuple[Pixels, Pixels]
    color: Literal["grey", "rgb"]
    mirror: bool
    downscaled: bool


@dataclass(frozen=True, kw_only=True)
class AudioSettings(Settings):
    """Settings for audio.

    Args:
        seconds: length of a clip.
        labels: whether the class of a file is its folder or the beginning of its name.
        num_files: number of files whose header can be read.
    """

    seconds: Seconds
    labels: Literal["folder", "prefix"]
    num_files: NonNegativeInt


@dataclass(frozen=True, kw_only=True)
class TextSettings(Settings):
    """Settings for texts.

    Args:
        length: number of tokens that are read of a text.
        text_column: column of a CSV file with the texts; None for a folder.
        label_column: column with the classes; None for a folder.
    """

    length: Count
    text_column: str | None = None
    label_column: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesSettings(Settings):
    """Settings for series.

    Args:
        target: column to forecast.
        features: columns of the input, the target first.
        time: column with the times, if any.
        frequency: unit and number of units between two rows; None where rows are uneven.
        length: steps of the input.
        horizon: steps to forecast.
        season: length of the season in steps; 0 where there is none.
        units: units of the recurrent layer.
        scale: scale of the loss: the RMSE of the persistence forecast on the training windows.
        formats: formats of columns with times or numbers in a particular notation, by name.
    """

    target: str
    features: tuple[str, ...]
    time: str | None
    frequency: tuple[str, PositiveFloat] | None
    length: Count
    horizon: Count
    season: NonNegativeInt
    units: Count
    scale: PositiveFloat
    formats: dict[str, str] = field(default_factory=dict)


SettingsT = TypeVar("SettingsT", bound=Settings)
T = TypeVar("T")


def from_dict(type_: type[T], values: Any) -> T:
    """Settings, or another dataclass, from the values of a JSON object.

    Args:
        type_: the dataclass.
        values: values by the name of the field.

    Raises:
        TypeError: for a missing or unknown key, or a value of another type or out of range; it
            names the key.
    """
    if not isinstance(values, dict):
        raise TypeError(f"{values!r:.60} is not an object with a value for each name")
    hints = get_type_hints(type_, include_extras=True)
    if unknown := set(values) - set(hints):
        raise TypeError(f"{min(unknown)!r:.60} is not a setting")
    optional = {
        f.name
        for f in fields(type_)  # type: ignore[arg-type]
        if f.default is not MISSING or f.default_factory is not MISSING
    }
    if missing := set(hints) - set(values) - optional:
        raise TypeError(f"{min(missing)!r} is missing")
    return type_(**{name: _convert(value, hints[name], name) for name, value in values.items()})


def _convert(value: Any, type_: Any, key: str) -> Any:
    """The value as that type; JSON has lists for tuples and may have integers for floats."""
    origin, args = get_origin(type_), get_args(type_)
    if origin is Annotated:
        number = _convert(value, args[0], key)
        if number not in args[1]:
            raise TypeError(f"{key!r} should be {args[1]}, got {value!r:.60}")
        return number
    if origin in (Union, UnionType):
        if value is None and NoneType in args:
            return None
        (type_,) = (arg for arg in args if arg is not NoneType)
        return _convert(value, type_, key)
    if origin is Literal and isinstance(value, str) and value in args:
        return value
    if origin is dict and isinstance(value, dict):
        return {name: _convert(v, args[1], f"{key}.{name:.60}") for name, v in value.items()}
    if origin is tuple and isinstance(value, list | tuple):
        if args[1:] == (...,):
            args = args[:1] * len(value)
        if len(args) == len(value):
            return tuple(
                _convert(v, arg, f"{key}[{i}]")
                for i, (v, arg) in enumerate(zip(value, args, strict=True))
            )
    if is_dataclass(type_):
        return from_dict(type_, value)  # type: ignore[arg-type]
    if type_ is Any or (isinstance(type_, type) and type(value) is type_):
        return value
    if type_ is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    raise TypeError(f"{key!r} should be {_describe(type_)}, got {value!r:.60}")


def _describe(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) and not get_args(type_) else str(type_)
