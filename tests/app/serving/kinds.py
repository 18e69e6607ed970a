"""Predictors of all kinds of data that are sent as JSON, with networks that are not trained."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

import lampas as lp
from lampas.app.automl.kinds import get_kind
from lampas.app.automl.manifest import RunManifest
from lampas.app.automl.predictor import Predictor
from lampas.app.automl.settings import SeriesSettings, Settings, TableSettings, TextSettings
from lampas.applications.table_networks import table_classifier
from lampas.layers import Dense, Flatten, TableReader, TextVectorization

COMMON = Settings(
    path="x", seed=0, model="mlp", dropout=0.0, l2=0.0, batch_size=8, epochs=1, patience=1
)
COLUMNS = {
    "age": "number",
    "price": "number",
    "sex": "category",
    "smoker": "boolean",
    "day": "date",
    "note": "text",
    "id": "leave-out",
}
ROWS = pd.DataFrame(
    {
        "age": [30.0, 41.0, 52.0, None],
        "price": [1000.0, 2345.5, 3456.0, 4567.0],
        "sex": ["male", "female", "male", None],
        "smoker": ["true", "false", None, "true"],
        "day": pd.to_datetime(["2020-01-01", "2020-02-03", "2021-05-06", None]),
        "note": ["good day", "bad day", "nice day", None],
    }
)


def table_predictor() -> Predictor:
    """Classifier of rows with a column of each kind."""
    kinds = {name: kind for name, kind in COLUMNS.items() if kind != "leave-out"}
    reader = TableReader(kinds)
    reader.adapt(ROWS)
    settings = TableSettings(
        **vars(COMMON),
        target="kind",
        columns=COLUMNS,
        width=4,
        choices={"sex": ("female", "male")},
    )
    return _predictor("table", "classify", settings, table_classifier(reader, [], 2, 0.0))


def text_predictor() -> Predictor:
    """Classifier of texts."""
    words = TextVectorization(output_sequence_length=5)
    words.adapt(["good day", "bad night", "nice"])
    model = lp.Sequential(
        [words, lp.layers.Embedding(words.vocabulary_size, 3), Flatten(), Dense(2, "softmax")]
    )
    settings = TextSettings(**vars(replace(COMMON, model="bag")), length=5)
    return _predictor("text", "classify", settings, model)


def series_predictor() -> Predictor:
    """Forecast of two steps from three."""
    settings = SeriesSettings(
        **vars(replace(COMMON, model="lstm")), target="v", features=("v",), time=None,
        frequency=None, length=3, horizon=2, season=0, units=1, scale=1.0,
    )  # fmt: skip
    model = lp.Sequential([lp.layers.Input((3, 1)), Flatten(), Dense(2)])
    return _predictor("series", "forecast", settings, model)


def _predictor(kind: str, task: str, settings: Settings, model: lp.Model) -> Predictor:
    predictor = object.__new__(Predictor)
    predictor.kind = get_kind(kind)
    classes = ("a", "b") if task == "classify" else ()
    predictor.manifest = RunManifest(kind, task, "kind", classes, settings)
    predictor.model = model
    if kind != "series":
        x = predictor.kind.parse_items(
            [dict.fromkeys(COLUMNS)] if kind == "table" else ["good"], settings
        ).x
        predictor.model.predict(x)
    return predictor


PREDICTORS = {"table": table_predictor, "text": text_predictor, "series": series_predictor}
