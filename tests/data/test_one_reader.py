"""The same file has the same values, whatever kind of data it is read as."""

import datetime

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.data import images, table, text
from lampas.data.series.series import from_csv
from lampas.data.tables import profile_table, read_frame
from tests.data.image_files import noise, save

DAYS = [datetime.date(2026, 2, 27) + datetime.timedelta(days=n) for n in range(12)]
PRICES = [1234.5, 0.25, 1000.0, 12.0, 7.75, 1999.99, 3.5, 2.0, 1500.0, 8.125, 31.0, 4.5]
NOTES = [f'note {n}, "so"\nand so on' for n in range(12)]
OPEN = [n % 3 == 0 for n in range(12)]


@pytest.fixture(params=["utf-16", "utf-8-sig", "cp1252"])
def path(tmp_path, request):
    """Semicolons, line breaks in quotes, decimal commas, days first, on and off."""
    lines = ["Datum;Preis (€);offen;note;file;label"]
    for n, (day, price, is_open) in enumerate(zip(DAYS, PRICES, OPEN, strict=True)):
        save(tmp_path / f"{n}.png", noise(n))
        german = f"{price:,.3f}".translate(str.maketrans(",.", ".,"))
        note = NOTES[n].replace('"', '""')
        fields = (f"{day:%d.%m.%Y}", german, "on" if is_open else "off", f'"{note}"')
        lines.append(";".join((*fields, f"{n}.png", "ab"[n % 2])))
    file = tmp_path / "odd.csv"
    file.write_bytes("\r\n".join([*lines, ";;;;;", ""]).replace("\n", "\r\n").encode(request.param))
    return file


@pytest.mark.filterwarnings("ignore:.* is not UTF-8")
def test_the_same_file_as_a_table_texts_images_and_a_series(path):
    frame = read_frame(path)
    rows = table(
        path,
        "label",
        columns={"Datum": "date", "Preis (€)": "number", "offen": "boolean", "note": "text"},
    )
    assert rows.formats == {"Datum": "%d.%m.%Y", "Preis (€)": "1.234,5"}
    assert rows.x["Datum"].tolist() == [pd.Timestamp(day) for day in DAYS]
    assert rows.x["Preis (€)"].tolist() == PRICES
    assert rows.x["offen"].tolist() == ["true" if is_open else "false" for is_open in OPEN]
    assert rows.x["note"].tolist() == NOTES

    texts = text(path, text_column="note", label_column="label")
    assert texts.texts == NOTES
    assert [texts.classes[y] for y in texts.y] == [rows.classes[y] for y in rows.y]

    pictures = images(path, 8, verbose=0)
    assert [file.name for file in pictures.files] == frame["file"].tolist()
    np.testing.assert_array_equal(pictures.y, rows.y)

    series = from_csv(path, ["Preis (€)", "offen"], "Datum")
    np.testing.assert_array_equal(series.values, np.column_stack([PRICES, OPEN]))
    np.testing.assert_array_equal(series.time, rows.x["Datum"].to_numpy())
    assert series.formats == {"Preis (€)": "1.234,5", "offen": "boolean"}
    assert series.row_location(3) == f"line {frame.index[3]} of {path}"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.* is not UTF-8")
@pytest.mark.filterwarnings("ignore:.*fewer than 3 rows of the training data")
def test_a_model_reads_raw_cells_as_the_file_is_read(path, tmp_path):
    profile = profile_table(read_frame(path), "label", kinds={"file": "leave-out"})
    assert profile.kinds == {
        "Datum": "date",
        "Preis (€)": "number",
        "offen": "boolean",
        "note": "category",
    }
    rows = table(path, "label", columns=profile.kinds, formats=profile.formats)
    reader = lp.TableReader(rows.columns, formats=rows.formats)
    reader.adapt(rows.x)
    model = lp.Sequential(
        [reader, lp.TableEncoding(reader.steps, reader.sizes), lp.layers.Dense(2)]
    )
    model.compile("adam", "mse")
    model.fit(rows.x, np.eye(2)[rows.y], epochs=1, verbose=0)
    model.save(tmp_path / "model.safetensors")
    again = lp.load(tmp_path / "model.safetensors")
    y = model.predict(rows.x)
    np.testing.assert_array_equal(again.predict(read_frame(path)), y)
    np.testing.assert_array_equal(again.predict(read_frame(path).to_dict("records")), y)
    # The first of March, not the third of January.
    days = again.layers[0].convert(read_frame(path))[:, 0]
    np.testing.assert_array_equal(np.diff(days), 1)
