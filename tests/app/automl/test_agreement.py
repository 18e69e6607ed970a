"""`lampas predict`, the server and `lampas.load(...).predict(frame)` agree on odd columns.

The cells of each drawn table are known as values. They are written as texts in the formats of the
training file, and as cells that have a type; both must give the network the same numbers, to the
last bit, whichever way they reach it.
"""

import csv
import datetime
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import lampas as lp
from lampas.app.automl import pipeline
from lampas.app.automl.manifest import MODEL
from lampas.app.automl.predictor import Predictor, predict
from lampas.app.automl.task import InputFile
from lampas.app.serving.app import make_app
from lampas.layers.preprocessing.base import convert_inputs
from lampas.parsing.missing import MISSING_WORDS
from tests.scale import examples

TRAINING_ROWS = 60
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking a failure would take many minutes: tables are small already."""
GERMAN = str.maketrans(",.", ".,")
ZONE = datetime.timezone(datetime.timedelta(hours=2))
EXTREMES = [-1.797693e308, 1e39]
"""Numbers that float32 cannot hold."""
WORDS = sorted(MISSING_WORDS - {""})


def quarters(value):
    return f"{value:,.2f}"


def negative_in_parentheses(value):
    return f"({quarters(-value)})" if value < 0 else quarters(value)


# Writers of numbers with a decimal point, and with a decimal comma.
NUMBERS = {
    "point": (
        repr,
        quarters,
        negative_in_parentheses,
        lambda value: f"{quarters(value)} kg",
        lambda value: f"{value:.2f}%",
        lambda value: f"CHF {quarters(value)}".replace(",", "'"),
        lambda value: quarters(value).replace(",", "\u202f").replace("-", "\u2212"),
        lambda value: f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}",
    ),
    "comma": (
        lambda value: quarters(value).translate(GERMAN),
        lambda value: f"{value:.2f}".replace(".", ","),
        lambda value: f"{quarters(value).translate(GERMAN)} €",
        lambda value: f"{value:.2f} %".replace(".", ","),
        lambda value: quarters(value).replace(",", " ").replace(".", ","),
        lambda value: f"{quarters(value).translate(GERMAN)} °C",
    ),
}
DATES = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y %I:%M %p", "%b %d %Y", "%d %B %Y", "%d-%b-%y"),
    *("%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M+02:00", "%A, %d %b %Y"),
)
BOOLEANS = (("yes", "no"), ("On", "Off"), ("TRUE", "FALSE"), ("1", "0"), ("t", "f"))
CATEGORIES = (("Ulm", "Bonn", "None", "é; x"), (1, 2, 3), ("007", "010", "1e3"))
TEXTS = (
    ("the", "Pump", "leaks,", "today!", "it's", "12.50", "n/a", "–"),
    ("水泵", "漏水", "今天", "ok", "3.0", "None"),
)
"""Words of texts, of which some are numbers or missing values where they are alone."""
NEW_WORDS = ("valve", "\n", "  ", "<b>", "🔥", "1e400", "true")


@dataclass(frozen=True)
class OddColumn:
    """A column: the values of its cells, and how they are written and typed."""

    kind: str
    style: Any

    def write(self, value):
        """The text of a value."""
        if self.kind == "number":
            return repr(value) if abs(value) > 1e38 else self.style(value)
        if self.kind == "date":
            return value.strftime(self.style)
        if self.kind == "text":
            return value
        return self.style[not value] if self.kind == "boolean" else str(value)

    def typed(self, value):
        """The cell of a value in a frame."""
        if self.kind != "date":
            return value
        if "+02:00" in self.style:
            return pd.Timestamp(value, tz=ZONE)
        return pd.Timestamp(datetime.datetime.strptime(self.write(value), self.style))

    def item(self, value):
        """The cell of a value in JSON."""
        return self.typed(value).isoformat() if self.kind == "date" else value

    def values(self):
        """A strategy of values; new categories as well, and numbers that cannot be used."""
        if self.kind == "number":
            common = st.integers(-(10**7), 10**7).map(lambda number: number / 4)
            extremes = EXTREMES if self.style is repr else []
            return st.one_of(common, common, *(st.just(value) for value in extremes))
        if self.kind == "date":
            first, last = datetime.datetime(1975, 1, 1), datetime.datetime(2060, 12, 31)
            return st.datetimes(first, last).map(lambda time: time.replace(second=0, microsecond=0))
        if self.kind == "text":
            words = st.sampled_from((*self.style, *self.style, *NEW_WORDS))
            return st.lists(words, min_size=1, max_size=9).map(" ".join)
        new = (9, 12) if isinstance(self.style[0], int) else ("Oslo", "3.5.1")
        return st.booleans() if self.kind == "boolean" else st.sampled_from((*self.style, *new))


def odd_columns(number):
    """The columns of the training table of this number."""
    random = np.random.RandomState(number)
    numbers = NUMBERS["comma" if number % 2 else "point"]
    kinds = {
        "number": numbers,
        "date": DATES,
        "boolean": BOOLEANS,
        "category": CATEGORIES,
        "text": TEXTS,
    }
    return {
        f"{kind} {n}": OddColumn(kind, styles[random.randint(len(styles))])
        for kind, styles in kinds.items()
        for n in range(3 if kind in ("number", "date") else 2)
    }


def training_rows(columns, random):
    for row in range(TRAINING_ROWS):
        values = {}
        for name, column in columns.items():
            if column.kind == "number":
                values[name] = random.randint(-(10**7), 10**7) / 4
            elif column.kind == "date":
                minutes = int(random.randint(365 * 24 * 60))
                first = datetime.datetime(2023, 1, 1)
                values[name] = first + datetime.timedelta(minutes=minutes)
            elif column.kind == "boolean":
                values[name] = bool(random.randint(2))
            elif column.kind == "text":
                values[name] = " ".join(random.choice(column.style, 6))
            else:
                values[name] = column.style[random.randint(len(column.style))]
        yield {name: columns[name].write(value) for name, value in values.items()} | {
            "y": "ab"[row % 2]
        }


@dataclass(frozen=True)
class Run:
    """A trained model, and the three ways to ask it."""

    folder: Any
    columns: dict[str, OddColumn]
    predictor: Predictor
    model: lp.Model
    client: TestClient


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    trained = []
    for number in range(4):
        folder = tmp_path_factory.mktemp("agreement")
        columns = odd_columns(number)
        rows = list(training_rows(columns, np.random.RandomState(number)))
        separator = ";" if number % 2 else ","
        pd.DataFrame(rows).to_csv(folder / "data.csv", index=False, sep=separator)
        options = {"target": "y", "kind": "table", "epochs": 1, "learning_rate": 1e-3}
        options["model"] = "linear" if number == 3 else "mlp"
        kinds = {name: column.kind for name, column in columns.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline.train(
                folder / "data.csv", out=folder / "run", columns=kinds, verbose=0, **options
            )
        predictor = Predictor(folder / "run")
        assert set(predictor.manifest.settings.columns) == set(columns)
        client = TestClient(make_app(predictor), base_url="http://localhost")
        model = lp.load(folder / "run" / MODEL)
        trained.append(Run(folder, columns, predictor, model, client.__enter__()))
    yield trained
    for run in trained:
        run.client.__exit__(None, None, None)


@st.composite
def values_of(draw, columns, max_rows):
    """Rows of values by column, None where one is missing, and a word for each of these."""
    cell = {name: st.one_of(st.none(), *[column.values()] * 4) for name, column in columns.items()}
    rows = draw(st.lists(st.fixed_dictionaries(cell), min_size=1, max_size=max_rows))
    words = {name: draw(st.sampled_from(WORDS)) for name in columns}
    return rows, words


def files_of(run, rows, words):
    """The rows as texts and as typed cells: files, frames and items of JSON."""
    columns = run.columns
    texts = [
        {n: words[n] if v is None else columns[n].write(v) for n, v in row.items()} for row in rows
    ]
    items = [{n: v if v is None else columns[n].item(v) for n, v in row.items()} for row in rows]
    series = {}
    for name, column in columns.items():
        cells = [None if row[name] is None else column.typed(row[name]) for row in rows]
        dtype = {"number": float, "boolean": "boolean"}.get(column.kind)
        if column.kind == "date" and "+02:00" in column.style:
            series[name] = pd.to_datetime(pd.Series(cells), utc=True)
        elif column.kind == "date":
            series[name] = pd.Series(cells, dtype="datetime64[us]")
        else:
            is_integer = column.kind == "category" and isinstance(column.style[0], int)
            series[name] = pd.Series(cells, dtype="Int64" if is_integer else dtype)
    text_frame, typed_frame = pd.DataFrame(texts, dtype=object), pd.DataFrame(series)
    text_frame.to_csv(run.folder / "new.csv", index=False, sep=";", quoting=csv.QUOTE_ALL)
    typed_frame.to_parquet(run.folder / "new.parquet")
    return {"new.csv": (text_frame, texts), "new.parquet": (typed_frame, items)}


def answers(reply):
    """The probability of the second class, as the server states it."""
    assert reply.status_code == 200, reply.text
    return [answer["probabilities"]["b"] for answer in reply.json()["answers"]]


def check(run, rows, words):
    expected, network_inputs = None, []
    for name, (frame, items) in files_of(run, rows, words).items():
        path = run.folder / name
        out = run.folder / "out.csv"
        predict(run.folder / "run", [path], out)
        from_file = pd.read_csv(out)["probability of b"].to_numpy()
        upload = {"files": (name, path.read_bytes())}
        settings, kind = run.predictor.manifest.settings, run.predictor.kind
        batches = list(kind.read_batches([InputFile(name, path)], settings))
        upload_batches = list(kind.read_batches([InputFile(name, path.read_bytes())], settings))
        network_inputs += [
            convert_inputs(run.model, frame),
            convert_inputs(run.model, items),
            convert_inputs(run.predictor.model, kind.parse_items(items, settings).x),
            np.concatenate([convert_inputs(run.model, batch.x) for batch in batches]),
            np.concatenate([convert_inputs(run.model, batch.x) for batch in upload_batches]),
        ]
        results = [
            from_file,
            run.model.predict(frame)[:, 1],
            answers(run.client.post("/predict", json={"items": items})),
            answers(run.client.post("/predict", files=upload)),
        ]
        expected = results[0] if expected is None else expected
        for result in results:
            np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)
    for x in network_inputs[1:]:
        np.testing.assert_array_equal(x, network_inputs[0])


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*it is read as missing")
@pytest.mark.filterwarnings("ignore:.*it is read as an unknown category")
@examples(8, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(st.data())
def test_all_ways_to_ask_agree(runs, data):
    run = runs[data.draw(st.integers(0, len(runs) - 1))]
    check(run, *data.draw(values_of(run.columns, 6)))


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:.*it is read as missing")
@pytest.mark.filterwarnings("ignore:.*it is read as an unknown category")
@examples(200, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(st.data())
def test_all_ways_to_ask_agree_on_many_tables(runs, data):
    run = runs[data.draw(st.integers(0, len(runs) - 1))]
    check(run, *data.draw(values_of(run.columns, 12)))
