"""Which kind of data a path has."""

import gzip

import numpy as np
import pytest

from lampas import DataError, FileError, UnknownNameError
from lampas.app.automl.detect import detect_kind
from lampas.app.automl.task import TrainOptions


@pytest.fixture
def named(monkeypatch):
    """Kinds stand for themselves, so that none is imported."""
    monkeypatch.setattr("lampas.app.automl.detect.get_kind", lambda name: name)


def kind(path, **wishes):
    return detect_kind(TrainOptions(path, **wishes))[0]


def csv(folder, text, name="data.csv"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("suffixes", "expected"),
    [
        ((".jpg", ".png", ".txt"), "images"),
        ((".wav", ".flac"), "audio"),
        ((".txt", ".txt", ".png"), "text"),
    ],
)
def test_a_folder_is_what_most_of_its_files_are(tmp_path, suffixes, expected):
    for number, suffix in enumerate(suffixes):
        path = tmp_path / f"class{number % 2}" / f"{number}{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert kind(tmp_path) == expected


DATES = np.datetime_as_string(np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]"))
DATED = "".join(f"{date},{n % 7},{n}\n" for n, date in enumerate(DATES))
REVIEWS = "".join(f"this is a long text of number {n},{n % 2}\n" for n in range(20))
CELLS = "".join(f"{n % 3},{n * 0.5},{'ab'[n % 2]}\n" for n in range(30))


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("text", "wishes", "expected"),
    [
        ("date,a,b\n" + DATED, {}, "series"),
        ("date,a,b\n" + DATED, {"target": "b"}, "series"),
        ("date,a,b\n" + DATED, {"target": "b", "task": "regress"}, "table"),
        ("when,a,b\n" + DATED.replace("2024-01-05", "2024-01-09"), {}, "series"),
        ("year,spots\n" + "".join(f"{1700 + n},{n % 11}\n" for n in range(40)), {}, "series"),
        ("length,width\n" + "".join(f"{n},{n % 11}\n" for n in range(40)), {}, "table"),
        ("text,label\n" + REVIEWS, {}, "text"),
        ("said,verdict\n" + REVIEWS, {"target": "verdict"}, "text"),
        ("said,verdict\n" + REVIEWS, {"target": "verdict", "task": "regress"}, "table"),
        ("said,verdict\n" + REVIEWS, {"text": "said"}, "text"),
        ("a,b,kind\n" + CELLS, {"target": "kind"}, "table"),
        ("a;b;kind\n" + CELLS.replace(",", ";"), {"target": "kind"}, "table"),
        ("a,b,kind\n" + CELLS, {"horizon": 3}, "series"),
        ("file,label\nx/1.jpg,cat\nx/2.png,dog\n", {}, "images"),
    ],
)
def test_a_file_is_what_its_columns_are(tmp_path, text, wishes, expected):
    assert kind(csv(tmp_path, text), **wishes) == expected


@pytest.mark.usefixtures("named")
def test_several_series_below_each_other_are_a_table(tmp_path):
    rows = "".join(f"{date},{firm},{n}\n" for firm in (1, 2) for n, date in enumerate(DATES))
    assert kind(csv(tmp_path, "date,firm,price\n" + rows), target="price") == "table"


@pytest.mark.usefixtures("named")
def test_classes_beside_times_that_increase(tmp_path):
    rows = "".join(f"{date},{n * 0.5},{n % 2},{n % 3}\n" for n, date in enumerate(DATES))
    path = csv(tmp_path, "date,light,occupied,people\n" + rows)
    name, (_, why) = detect_kind(TrainOptions(path, target="occupied"))
    assert name == "table"
    assert why.startswith("'occupied' has two values, so they are classes; --task forecast")
    assert kind(path, target="occupied", task="forecast") == "series"
    name, (_, why) = detect_kind(TrainOptions(path, target="people"))
    assert name == "series"
    assert why.endswith("treats it as a table, --task classify reads 'people' as classes")
    assert "classify" not in detect_kind(TrainOptions(path, target="light"))[1].reason


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("cell", ["{:.3f}", "{:.1f} %", "{}"])
def test_a_text_beside_measurements_is_a_table(tmp_path, cell):
    rows = "".join(
        f"{cell.format(n * 1.37)},this is a comment of number {n},{'ab'[n % 2]}\n"
        for n in range(40)
    )
    path = csv(tmp_path, "temperature,comment,state\n" + rows)
    assert kind(path, target="state") == "table"


def commented(cell, target="state"):
    """A CSV file of comments, of a column by the number of the row, and of classes."""
    rows = "".join(
        f"{cell(n)},a comment of the number {n} {'xyz'[n % 3]},{'ab'[n % 2]}\n" for n in range(60)
    )
    return f"beside,comment,{target}\n{rows}"


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("cell", "options", "expected"),
    [
        (lambda n: (n * 7919) % 100_003, {}, "table"),
        (lambda n: ["red", "green", "blue"][n % 3], {}, "table"),
        (lambda n: "" if n % 5 else n * 31, {}, "table"),
        (lambda n: f"2024-0{n % 9 + 1}-{n % 28 + 1:02}", {}, "table"),
        (lambda n: n + 1, {}, "text"),
        (lambda n: f"u-{n:05}", {}, "text"),
        (lambda n: "same", {}, "text"),
        (lambda n: f"a short title of {n}", {}, "text"),
        (lambda n: f"u-{n:05}", {"group": "beside"}, "table"),
        (lambda n: f"u-{n:05}", {"columns": {"comment": "text"}}, "table"),
        (lambda n: (n * 7919) % 100_003, {"text": "comment"}, "text"),
    ],
)
def test_no_feature_beside_texts_is_dropped(tmp_path, cell, options, expected):
    path = csv(tmp_path, commented(cell))
    name, (_, reason) = detect_kind(TrainOptions(path, target="state", **options))
    assert name == expected
    if not options and expected == "table":
        assert reason == "rows of 3 columns; --text comment trains on these texts alone"


@pytest.mark.usefixtures("named")
def test_rating_beside_texts_is_a_feature_where_another_column_is_the_target(tmp_path):
    text = commented(lambda n: n % 5).replace("beside", "rating", 1)
    assert kind(csv(tmp_path, text), target="state") == "table"
    assert kind(csv(tmp_path, text.replace("state", "label", 1))) == "table"


@pytest.mark.usefixtures("named")
def test_quantities_are_not_classes_of_texts(tmp_path):
    rows = "".join(f"some words about the number {n},{n * 1.25}\n" for n in range(60))
    assert kind(csv(tmp_path, "comment,price\n" + rows), target="price") == "table"


@pytest.mark.usefixtures("named")
def test_few_long_texts_beside_an_identifier_are_texts(tmp_path):
    words = "some long text " * 2000
    rows = "".join(f"{n},{words}{n},{'ab'[n % 2]}\n" for n in range(40))
    assert kind(csv(tmp_path, "id,text,label\n" + rows)) == "text"


@pytest.mark.usefixtures("named")
def test_texts_beside_other_columns_are_a_table(tmp_path):
    rows = "".join(f"this is a long text of number {n},{n % 4},{n % 2}\n" for n in range(40))
    assert kind(csv(tmp_path, "note,size,label\n" + rows), target="label") == "table"


@pytest.mark.usefixtures("named")
def test_a_named_kind_is_taken_at_its_word(tmp_path):
    path = csv(tmp_path, "date,a,b\n" + DATED)
    assert detect_kind(TrainOptions(path), "table") == ("table", ("table", "as requested"))


def test_an_unknown_kind_is_an_error(tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'images'"):
        detect_kind(TrainOptions(tmp_path), "image")


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(FileError, match=rf"no file or folder .*nope/x.csv; {tmp_path} is the near"):
        detect_kind(TrainOptions(tmp_path / "nope" / "x.csv"))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "it has no files"),
        (["a.pdf", "b.pdf", "c.csv"], r"it has 2 .pdf, 1 .csv. Give the table itself: .*c.csv"),
    ],
)
def test_a_folder_with_nothing_usable_says_what_it_has(tmp_path, files, message):
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(DataError, match=message):
        detect_kind(TrainOptions(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", " \n\n", "is empty"),
        ("a.pdf", "x", "is not a table, whose name ends in .csv"),
    ],
)
def test_a_file_with_nothing_usable_says_so(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        detect_kind(TrainOptions(csv(tmp_path, content, name)))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz", ".tsv.gz"])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (lambda n: ("a few words of text", "ab"[n % 2]), "text"),
        (lambda n: (f"2024-01-{n + 1:02}", n % 7), "series"),
        (lambda n: (n % 5, "ab"[n % 2]), "table"),
    ],
)
def test_compressed_tables_are_what_others_are(tmp_path, suffix, cells, expected):
    path = tmp_path / f"Data{suffix.upper()}"
    rows = [("text" if expected == "text" else "x", "label"), *map(cells, range(20))]
    separator = "\t" if "tsv" in suffix else ","
    content = "\n".join(separator.join(map(str, row)) for row in rows).encode()
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    assert detect_kind(TrainOptions(path))[0].name == expected
