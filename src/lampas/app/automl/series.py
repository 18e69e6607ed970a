"""Series in time, forecast by a recurrent network beside a linear one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...applications.series_networks import recurrent_forecaster
from ...core.errors import DataError
from ...data.labels import format_list, pluralize
from ...data.series import Windows
from ...data.series.seasonality import season_length
from ...data.series.series import Name, Series, from_csv
from ...data.series.spacing import Frequency, count_gaps, format_time, infer_frequency
from ...data.series.windows import windows
from ...evaluation.forecast_baselines import forecast_baselines
from ...evaluation.forecast_intervals import ForecastIntervals, back_tested_intervals
from ...evaluation.types import Baseline, Predictions, Splits
from ...layers import GRU, LSTM, SimpleRNN
from ...parsing.csv import SUFFIXES
from ...train.model import Model
from ..report import Report
from .script import quoted
from .series_files import detect_columns, parse_windows, read_series, warn_of_missing
from .series_report import add_forecasts, add_next_forecast, add_series
from .settings import TEST, VALIDATION, SeriesSettings
from .task import (
    DataKind,
    DataProfile,
    Decision,
    InputFile,
    PredictionBatch,
    Refit,
    Script,
    TrainOptions,
)

NETWORKS = {"gru": GRU, "lstm": LSTM, "rnn": SimpleRNN}
"""The recurrent layers, the default first."""
MIN_ROWS = 40
MAX_STEPS, EPOCHS = 25_000_000, (10, 60)
"""Number of steps that are read in all epochs, and limits of the number of epochs."""
MAX_HORIZON, MAX_LENGTH = 60, 256
"""Limits of the horizon and the input length that are chosen."""
MANY_MISSING = 0.2
"""Minimum share of missing values for an additional warning."""
LARGEST = 1e15
"""Largest number in a row that is sent as JSON; larger ones may overflow in the network."""
Profile = DataProfile[SeriesSettings]


class SeriesKind(DataKind[SeriesSettings]):
    """Numbers in the order of time."""

    name: ClassVar[str] = "series"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES
    settings_type = SeriesSettings

    def profile_data(self, options: TrainOptions) -> Profile:
        excluded = ("group", "text", "columns", "size", "seconds")
        model = options.check("series", excluded, self.networks, "forecast")
        if not options.path.name.lower().endswith(SUFFIXES):
            raise DataError(
                f"{options.path} is not a CSV file. Save the series as one, with a row per time "
                "step."
            )
        columns = detect_columns(options.path, options.time, options.target)
        series = from_csv(options.path, columns.features, columns.time)
        num_rows = len(series.values)
        if num_rows < MIN_ROWS:
            raise DataError(
                f"{options.path} has {pluralize(num_rows, 'row')}; a forecast needs {MIN_ROWS} or "
                f"more: the last {TEST:.0%} are held out for the evaluation, and the "
                f"{VALIDATION:.0%} before for early stopping."
            )
        frequency = None if series.time is None else infer_frequency(series.time)
        training = series.values[: round(num_rows * (1 - VALIDATION - TEST))]
        series, constant = _varying_columns(series, training)
        season = season_length(
            _interpolated(training[:, 0]), frequency.calendar if frequency else ()
        )
        horizon, length = _choose_steps(options, num_rows, season)
        common = options.common_settings(model, num_rows)
        # Regularization is weak: a forecast should be exact.
        common |= {"dropout": 0.1, "l2": common["l2"] / 100}
        settings = SeriesSettings(
            **common,
            epochs=int(np.clip(MAX_STEPS // (num_rows * length), *EPOCHS)),
            patience=8,
            # The linear part starts at its optimum, so the range test is not informative.
            min_learning_rate=2e-3,
            max_learning_rate=5e-3,
            target=columns.target,
            features=tuple(map(str, series.names)),
            time=columns.time,
            frequency=None if frequency is None else (frequency.unit, float(frequency.step)),
            formats=dict(series.formats),
            length=length,
            horizon=horizon,
            season=season,
            units=32,
            scale=1.0,
        )
        settings = replace(settings, scale=_persistence_error(options.path, settings))
        return DataProfile(
            "forecast",
            columns.target,
            (),
            tuple(_decisions(options, series, frequency, settings)),
            tuple(_warnings(series, frequency, columns.unused, constant)),
            settings,
        )

    def script(self, profile: Profile) -> Script:
        settings = profile.settings
        layer, scale = NETWORKS[settings.model], f"{settings.scale:.4g}"
        return Script(
            load_data=_load_data(settings),
            build_model=(
                f"recurrent = {layer.__name__}({settings.units})\n"
                "return recurrent_forecaster(train.x, train.y, recurrent, "
                f"dropout={settings.dropout}, l2={settings.l2})"
            ),
            functions=(recurrent_forecaster,),
            names=(layer,),
            loss="lambda y_true, y_pred: "
            f"lp.losses.MeanSquaredError()(y_true / {scale}, y_pred / {scale})",
            metrics=("mae",),
            split=f"examples.split({VALIDATION}, {TEST})",
            refits=True,
        )

    def baselines(self, splits: Splits, profile: Profile) -> list[Baseline]:
        return forecast_baselines(splits, profile.settings.season)

    def read_batches(
        self, files: Iterable[InputFile], settings: SeriesSettings
    ) -> Iterator[PredictionBatch]:
        return read_series(files, settings)

    def load_labelled(
        self, path: Path, settings: SeriesSettings, classes: Sequence[str]
    ) -> Windows:
        split = load_windows(path, settings)
        series = from_csv(path, settings.features, settings.time, settings.formats)
        warn_of_missing(f"of {path}, also among the forecast values", series.values)
        return split

    def add_data(self, report: Report, profile: Profile, splits: Splits) -> None:
        add_series(report, profile.settings, splits)

    def add_mistakes(
        self, report: Report, profile: Profile, test: Windows, y_pred: Predictions
    ) -> None:
        add_forecasts(report, profile.settings, test, y_pred)

    def back_test(
        self, model: Model, examples: Windows, settings: SeriesSettings
    ) -> ForecastIntervals:
        _, unseen = examples.split(VALIDATION + TEST)
        target = from_csv(Path(settings.path), [settings.target], settings.time, settings.formats)
        missing = np.isnan(target.values[:, 0])
        errors = np.asarray(model.predict(unseen.x)) - unseen.y
        return back_tested_intervals(np.where(missing[unseen.steps], np.nan, errors))

    def add_forecast(self, report: Report, profile: Profile, refit: Refit) -> None:
        add_next_forecast(report, profile.settings, refit)

    def recommendations(self, profile: Profile, splits: Splits) -> list[str]:
        length = profile.settings.length
        return [
            f"The network's input has {length} steps, so it cannot use patterns that repeat after "
            f"more steps: --length {2 * length} covers more and takes twice as long."
        ]

    def json_schema(self, settings: SeriesSettings) -> dict[str, Any]:
        number = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
        row: dict[str, Any] = {
            "type": "object",
            "properties": dict.fromkeys(settings.features, number),
            "required": list(settings.features),
        }
        return {
            "type": "array",
            "minItems": settings.length,
            "items": {"anyOf": [number, row]} if len(settings.features) == 1 else row,
        }

    def parse_items(self, items: Sequence[Any], settings: SeriesSettings) -> PredictionBatch:
        return parse_windows(items, settings)


def _choose_steps(options: TrainOptions, num_rows: int, season: int) -> tuple[int, int]:
    """Horizon and input length: one and some seasons, or fewer steps where there is no season."""
    chosen = min(season or min(12, num_rows // 100), MAX_HORIZON, round(TEST * num_rows) // 3)
    horizon = options.horizon or max(1, chosen)
    past = (3 if season <= 20 else 2) * season or max(16, 4 * horizon)
    length = options.length or max(2, min(past, MAX_LENGTH, num_rows // 6))
    return horizon, length


def _persistence_error(path: Path, settings: SeriesSettings) -> float:
    """RMSE of the persistence forecast on the training windows.

    Raises:
        DataError: when the series cannot be cut into windows and split.
    """
    try:
        train = load_windows(path, settings).split(VALIDATION, TEST)[0]
        error = float(np.sqrt(np.square(train.y - train.x[:, -1:, 0]).mean()))
        if not error:
            raise DataError(f"{settings.target!r} hardly ever changes: there is nothing to learn.")
        return error
    except DataError as error:
        raise DataError(
            f"{path}: {error} The forecast is {pluralize(settings.horizon, 'step')} ahead from "
            f"{pluralize(settings.length, 'step')}."
        ) from error


def load_windows(path: Path, settings: SeriesSettings) -> Windows:
    """The windows of a file with these columns."""
    return windows(
        path,
        settings.length,
        settings.horizon,
        columns=settings.features,
        target=settings.target,
        time=settings.time,
        gaps="fill",
        formats=settings.formats,
    )


def _load_data(settings: SeriesSettings) -> str:
    features = "".join(f"        {quoted(name)},\n" for name in settings.features)
    time = f"    time={quoted(settings.time)},\n" if settings.time else ""
    formats = ", ".join(f"{quoted(n)}: {quoted(f)}" for n, f in settings.formats.items())
    formats = f"    formats={{{formats}}},\n" if formats else ""
    return (
        "return lp.data.windows(\n"
        f"    {quoted(settings.path)},\n"
        f"    length={settings.length},\n"
        f"    horizon={settings.horizon},\n"
        f"    columns=[\n{features}    ],\n"
        f"    target={quoted(settings.target)},\n"
        f"{time}"
        '    gaps="fill",\n'
        f"{formats}"
        ")"
    )


def _varying_columns(series: Series, training: np.ndarray) -> tuple[Series, list[Name]]:
    """The columns that vary in the training rows, and the names of the constant ones.

    Raises:
        DataError: when the target is constant.
    """
    varies = [len(np.unique(column[np.isfinite(column)])) > 1 for column in training.T]
    if not varies[0]:
        raise DataError(
            f"{series.names[0]!r} is constant in the first {len(training):,} rows, which are used "
            "for training."
        )
    names = [name for name, is_varying in zip(series.names, varies, strict=True) if is_varying]
    return series.select(names), [name for name in series.names if name not in names]


def _interpolated(values: np.ndarray) -> np.ndarray:
    """The values with gaps filled linearly, to detect a season."""
    valid = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), valid, values[valid])


def _decisions(
    options: TrainOptions, series: Series, frequency: Frequency | None, settings: SeriesSettings
) -> Iterator[Decision]:
    season, horizon = settings.season, settings.horizon
    yield Decision(
        pluralize(len(series.values), "row"), _describe_times(series, frequency, settings)
    )
    columns = format_list(map(repr, series.names), 6)
    yield Decision(f"forecast {settings.target!r}", f"from all columns that vary: {columns}")
    if season:
        yield Decision(f"a season of {season} steps", "its changes repeat after that many steps")
    else:
        yield Decision("no season", "its changes do not repeat at any distance in time")
    if options.horizon:
        reason = "as requested"
    elif horizon == season:
        reason = "one season"
    else:
        reason = "as far as the number of rows allows" if season else "a few steps"
    yield Decision(f"{pluralize(horizon, 'step')} ahead", reason)
    if options.length:
        reason = "as requested"
    elif season:
        reason = "some seasons, or as many as the number of rows allows"
    else:
        reason = "a few times the horizon"
    yield Decision(f"from the last {pluralize(settings.length, 'step')}", reason)
    yield Decision(
        f"network {settings.model}",
        "a recurrent layer beside a linear map that starts at least squares; both forecast the "
        "change from the last value, so that trends continue",
    )


def _describe_times(series: Series, frequency: Frequency | None, settings: SeriesSettings) -> str:
    if series.time is None:
        return "assumed to be in the order of time"
    first, last = map(format_time, series.time[[0, -1]])
    spacing = f", {frequency} apart" if frequency else ""
    return f"{settings.time!r} goes from {first} to {last}{spacing}"


def _warnings(
    series: Series,
    frequency: Frequency | None,
    unused: Sequence[Name],
    constant: Sequence[Name],
) -> Iterator[str]:
    """Warnings about missing values and rows, and about columns that are not used."""
    for name, number in zip(series.names, np.isnan(series.values).sum(0).tolist(), strict=True):
        if number:
            share = number / len(series.values)
            many = " With so many, errors look smaller than they are." * (share > MANY_MISSING)
            yield (
                f"{name!r} is missing in {pluralize(number, 'row')} ({share:.1%}); the last known "
                f"value is used instead, also as a target.{many}"
            )
    if series.time is not None:
        if frequency is None:
            yield (
                "rows are not evenly spaced in time: a step is a row, and forecasts have no times."
            )
        elif gaps := count_gaps(series.time, frequency):
            yield (
                f"rows are missing in {pluralize(gaps, 'place')}, where two rows are more than "
                f"{frequency} apart: a step is a row."
            )
    if unused:
        names = format_list(map(repr, unused), 6)
        yield f"not used, because they are not numeric or number the rows: {names}."
    if constant:
        names = format_list(map(repr, constant), 6)
        yield f"not used, because they are constant in the training rows: {names}."
