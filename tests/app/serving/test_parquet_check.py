"""Sizes in the footers of Parquet files, also of files that are made to do harm."""

import io
import json

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from starlette.testclient import TestClient

from lampas.app.automl.task import InputFile
from lampas.app.serving.app import make_app
from lampas.app.serving.limits import Limits
from lampas.app.serving.parquet_check import unpacked_parquet_size
from lampas.app.serving.upload_checks import check_upload
from lampas.core.errors import DataError, LampasError
from tests.app.serving.fakes import Rows
from tests.app.serving.kinds import ROWS, table_predictor
from tests.scale import examples

LIMITS = Limits(columns=3, lines=100, cells=200)


def packed(table, **options):
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


def numbers(rows, columns=1):
    return pa.table({f"c{n}": pa.array(range(rows), pa.int64()) for n in range(columns)})


def test_the_size_is_that_of_the_pages():
    content = packed(numbers(100), compression="zstd", use_dictionary=False)
    size = unpacked_parquet_size("x.parquet", content, LIMITS)
    # A hundred numbers of eight bytes, and the header of their page.
    assert 800 <= size < 900


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (numbers(1, 4), "x.parquet has 4 columns; at most 3 are accepted. Send its rows in parts"),
        (numbers(101), "x.parquet has 101 rows; at most 100 are accepted"),
        (numbers(90, 3), "x.parquet has 270 cells; at most 200 are accepted"),
        (pa.table({"c": [list(range(201))]}), "x.parquet has 201 cells; at most 200 are accepted"),
    ],
)
def test_too_many_cells(table, message):
    with pytest.raises(DataError, match=message):
        unpacked_parquet_size("x.parquet", packed(table), LIMITS)


def test_bytes_are_counted_before_they_are_read():
    """Equal texts are small in the file: a megabyte, and the number of its repetitions."""
    content = packed(pa.table({"c": ["x" * 10**6] * 10}), use_dictionary=False)
    assert len(content) < 10**6
    kind = Rows()
    kind.uploads = (".parquet",)
    file = InputFile("x.parquet", content)
    assert check_upload(file, kind, Limits(), 11 * 10**6) > 10**7
    with pytest.raises(DataError, match=r"x.parquet has more than 1,000,000 bytes when unpacked"):
        check_upload(file, kind, Limits(), 10**6)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"a,b\n1,2\n"]
)
def test_files_without_a_footer(content):
    with pytest.raises(DataError, match=r"x.parquet is not a complete Parquet file"):
        unpacked_parquet_size("x.parquet", content, LIMITS)


WHOLE = packed(numbers(50, 2))


@examples(50)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_damaged_files_have_one_clear_error(place, damage):
    content = WHOLE[:place] + damage + WHOLE[place + len(damage) :]
    message = ""
    try:
        assert unpacked_parquet_size("x.parquet", content, LIMITS) >= 0
    except DataError as error:
        message = str(error)
    assert "\n" not in message
    assert len(message) < 300


@pytest.fixture(scope="module")
def client():
    with TestClient(make_app(table_predictor()), base_url="http://localhost") as client:
        yield client


def send(client, content):
    return client.post("/predict", files={"files": ("x.parquet", content)})


@pytest.mark.long
def test_rows_of_a_parquet_file_have_the_predictions_of_the_same_json(client):
    reply = send(client, packed(pa.Table.from_pandas(ROWS)))
    assert reply.status_code == 200, reply.text
    items = json.loads(ROWS.to_json(orient="records", date_format="iso"))
    same = client.post("/predict", json={"items": items})
    for answer, other in zip(reply.json()["answers"], same.json()["answers"], strict=True):
        assert answer["probabilities"] == other["probabilities"]


@pytest.mark.long
def test_categories_that_training_did_not_have_are_warnings(client):
    rows = [*json.loads(ROWS.to_json(orient="records", date_format="iso"))]
    rows[1] |= {"sex": "unknown one", "note": "nothing of this kind"}
    reply = client.post("/predict", json={"items": rows})
    assert reply.status_code == 200
    assert any("'sex' is 'unknown one', which fewer" in w for w in reply.json()["warnings"])


@pytest.mark.long
def test_a_text_that_is_repeated_many_times_is_refused(client):
    """The pages of a dictionary are small, and its texts need memory for each row."""
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 9_000, pa.int32()), ["x" * 10**6])
    table = pa.table({"sex": values, **{name: [None] * 9_000 for name in ROWS if name != "sex"}})
    reply = send(client, packed(table, compression="zstd", store_schema=False))
    assert reply.status_code == 422
    (failure,) = reply.json()["errors"]
    assert failure["message"].startswith("cannot read x.parquet: ")
    assert "\n" not in failure["message"]
    assert send(client, packed(pa.Table.from_pandas(ROWS))).status_code == 200


@pytest.mark.long
def test_metadata_of_pandas_that_contradict_the_columns(client):
    frame = pd.DataFrame(ROWS)
    table = pa.Table.from_pandas(frame)
    content = json.loads(table.schema.metadata[b"pandas"])
    index = {"kind": "range", "name": "day", "start": 0, "stop": 10**15, "step": 1}
    content["index_columns"] = [index]
    table = table.replace_schema_metadata({"pandas": json.dumps(content)})
    reply = send(client, packed(table))
    assert reply.status_code in (200, 422)
    with pytest.raises(LampasError):
        unpacked_parquet_size("x.parquet", packed(table)[:-1], LIMITS)
