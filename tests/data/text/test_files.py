"""Texts from CSV files and folders."""

import csv

import pytest

import lampas as lp
from lampas.data.text.load import text


@pytest.fixture
def table(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "texts.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    def write(**files: str | bytes):
        for name, content in files.items():
            path = tmp_path / "data" / (name.replace("__", "/") + ".txt")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "data"

    return write


@pytest.mark.parametrize(
    "content",
    [
        "text,label\ngood,p\nbad,n\n",
        "label;Review\r\np;good\r\nn;bad\r\n",
        "id\tTweet\tsentiment\n1\tgood\tp\n\n2\tbad\tn",
        "\ufefftext,label\ngood,p\nbad,n\n",
        "label,what was said\np,good\nn,bad\n",
        "text,label\ngood,p\nbad,n\n".encode("utf-16"),
    ],
)
def test_usual_columns_separators_and_encodings_are_found(table, content):
    found = text(table(content))
    assert (found.texts, found.y.tolist()) == (["good", "bad"], [1, 0])


def test_quoted_fields_may_hold_commas_quotes_and_line_breaks(table):
    found = text(table('text,label\n"so, ""so""\nand so",n\nfine,p\n'))
    assert found.texts[0] == 'so, "so"\nand so'


def test_columns_can_be_named(table):
    path = table("a,b,c\n1,good,p\n2,bad,n\n")
    assert text(path, text_column="b", label_column="c").texts == ["good", "bad"]
    with pytest.raises(lp.DataError, match=r"no column with a common name for the text: its first"):
        text(path, label_column="c")
    with pytest.raises(lp.DataError, match=r"no column 'd': its first line names 'a', 'b', 'c'"):
        text(path, text_column="d")


def test_what_is_not_utf_8_is_read_as_cp1252_and_a_warning_says_so(table):
    path = table("text,label\ncafé,p\nbad,n\n".encode("latin-1"))
    with pytest.warns(
        UserWarning, match=r"texts.csv is not UTF-8 \(line 2, byte 4 \(0xe9\)\) .* as cp1252"
    ):
        assert text(path).texts[0] == "café"
    assert text(path, encoding="cp1252").texts[0] == "café"
    with pytest.raises(lp.FileError, match=r"is not in utf-8: .* Leave encoding= out"):
        text(path, encoding="utf-8")
    with pytest.raises(lp.ArgumentError, match=r"there is no encoding 'latin-99'\. Examples are"):
        text(path, encoding="latin-99")


def test_broken_rows_are_reported_by_their_line_or_skipped(table):
    path = table("text,label\ngood,p\n,n\nbad,n\nbad, very bad,n\nfine,\nlost\n")
    with pytest.raises(lp.DataError) as caught:
        text(path)
    message = str(caught.value)
    assert "4 of 6 texts in" in message
    assert "line 3: the text is empty" in message
    assert (
        "line 5: the row has 3 fields, the first line names 2 columns; put a field with a separator"
        in message
    )
    assert "line 6: the label is empty" in message
    assert "line 7: the row has 1 field" in message
    assert "on_error='skip'" in message
    found = text(path, on_error="skip")
    assert found.texts == ["good", "bad"]
    assert [place for place, _ in found.skipped] == ["line 3", "line 5", "line 6", "line 7"]
    assert "4 skipped: line 3 (the text is empty)" in str(found)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"texts.csv is empty\. Its first line should name"),
        ("  \n\n", r"texts.csv is empty\."),
        ("text,label\n", "has a header and no rows"),
        ("text,label\na,x\nb,x\n", r"has texts of one class only, 'x' \(2\)"),
        ("text,label\n,x\n", "1 of 1 text in .* cannot be read"),
    ],
)
def test_tables_that_are_not_right_are_reported(table, content, message):
    with pytest.raises(lp.DataError, match=message):
        text(table(content))


def test_a_file_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(lp.FileError, match=r"there is no folder or CSV file .*none\.csv"):
        text(tmp_path / "none.csv")


def test_the_sub_folders_are_the_classes(folder):
    root = folder(good__1="fine", good__deep__2="very fine", bad__1="poor", beside="no class")
    found = text(root)
    assert found.classes == ("bad", "good")
    assert found.texts == ["poor", "fine", "very fine"]


def test_an_empty_file_is_reported_or_skipped(folder):
    root = folder(good__1="fine", bad__1="poor", bad__2=" \n")
    with pytest.raises(lp.DataError, match=r"2\.txt: the text is empty"):
        text(root)
    assert len(text(root, on_error="skip")) == 2


def test_folders_that_are_not_right_are_reported(folder, tmp_path):
    with pytest.raises(lp.DataError, match=r"0 sub-folders and no \.txt files in them"):
        text(tmp_path)
    root = folder(train__good="fine", test__good="fine")
    with pytest.raises(lp.DataError, match=r"contains the splits of a dataset \(test, train\)"):
        text(root)


def test_a_very_long_text_is_read(tmp_path) -> None:
    (tmp_path / "long.csv").write_text(f"text,label\n{'word ' * 40_000},a\nshort,b\n")
    limit = csv.field_size_limit()
    texts = text(tmp_path / "long.csv")
    assert sorted(map(len, texts.texts))[1] > 199_000
    assert csv.field_size_limit() == limit
