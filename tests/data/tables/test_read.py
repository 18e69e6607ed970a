"""Files of rows: separators, encodings, lines, and what is wrong with them."""

import csv
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.core.errors import ArgumentError, DataError, FileError
from lampas.data.memory_file import MemoryFile
from lampas.data.tables import convert_rows, read_chunks, read_frame
from lampas.data.tables.read import with_row_numbers
from lampas.parsing.csv import iter_csv
from tests.scale import examples


def written(tmp_path, content, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_reads_raw_cells_with_any_usual_separator(tmp_path, separator):
    path = written(tmp_path, '\ufeffa,b,c\n 1,x,\n\n2.0,"p,q\ny",NA\n'.replace(",", separator))
    frame = read_frame(path)
    assert frame.to_dict("list") == {
        "a": ["1", "2.0"],
        "b": ["x", f"p{separator}q\ny"],
        "c": ["", "NA"],
    }
    assert frame.index.name == "line"
    assert frame.index.tolist() == [2, 4]


def test_a_line_is_that_on_which_the_row_begins(tmp_path):
    path = written(tmp_path, 'a,b\r\n"one\r\ntwo\r\nthree",1\r\nx,2\r\n,\r\ny,3\r\n')
    assert read_frame(path).index.tolist() == [2, 5, 7]


@examples(40)
@given(
    st.lists(
        st.lists(st.text("ab,;\"'\n é☃", max_size=6), min_size=3, max_size=3),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 5),
)
def test_chunks_are_what_pythons_writer_wrote(tmp_path_factory, rows, size):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["one", "two", "three"], *rows])
    expected = [row for row in rows if any(row)]
    found = [list(row) for block in iter_csv(path, size) for row in block.rows]
    assert found == expected
    if expected:
        whole = pd.concat(read_chunks(path, size))
        pd.testing.assert_frame_equal(whole, read_frame(path))


def test_reads_what_is_packed_and_what_is_utf_16(tmp_path):
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    other = written(tmp_path, "a,b\n1,é\n".encode("utf-16"))
    assert read_frame(packed).to_numpy().tolist() == [["1", "2"]]
    assert read_frame(other).to_numpy().tolist() == [["1", "é"]]


def test_reads_parquet_with_its_own_types_and_counts_rows(tmp_path):
    pytest.importorskip("pyarrow")
    pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]}, index=[7, 9]).to_parquet(
        tmp_path / "d.parquet"
    )
    frame = read_frame(tmp_path / "d.parquet")
    assert frame["a"].dtype == np.float64
    assert (frame.index.name, frame.index.tolist()) == ("row", [1, 2])
    assert [len(part) for part in read_chunks(tmp_path / "d.parquet", 1)] == [1, 1]


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "d.xlsx"
    pd.DataFrame([["a", None], [1, "x"], [2, "y"]]).to_excel(path, header=False, index=False)
    return path


@pytest.mark.parametrize("held", [False, True])
def test_a_sheet_has_its_names_in_the_first_line(sheet, held):
    frame = read_frame(MemoryFile("d.xlsx", sheet.read_bytes()) if held else sheet)
    assert list(frame.columns) == ["a", "column 2"]
    assert frame["a"].dtype.kind == "i"
    assert frame.index.tolist() == [2, 3]


@pytest.fixture
def book(tmp_path):
    """A cover without rows, and three sheets with the number of the sheet in their first row."""
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame().to_excel(writer, sheet_name="cover")
        for number, name in enumerate(["first", "last year's", "1"], 2):
            pd.DataFrame({"a": [number, 0]}).to_excel(writer, sheet_name=name, index=False)
    return path


def test_other_sheets_are_reported(book):
    with pytest.warns(UserWarning, match="has cells in 3 sheets") as caught:
        frame = read_frame(book)
    assert str(caught[0].message) == (
        f"{book} has cells in 3 sheets; 'first' is read, and \"last year's\", '1' not. To read "
        "another, choose it: --sheet 'last year'\"'\"'s', in Python sheet=\"last year's\"."
    )
    assert frame["a"].tolist() == [2, 0]
    assert frame.attrs["sheet"] == "first"


@pytest.mark.parametrize(
    ("sheet", "name", "number"),
    [
        ("first", "first", 2),
        ("last year's", "last year's", 3),
        (3, "last year's", 3),
        ("3", "last year's", 3),
        ("1", "1", 4),
        (2, "first", 2),
    ],
)
def test_a_sheet_is_read_by_its_name_or_number(book, sheet, name, number):
    for frame in (read_frame(book, sheet), *read_chunks(book, default_sheet=sheet)):
        assert frame["a"].tolist() == [number, 0]
        assert frame.attrs["sheet"] == name
        assert frame.index.tolist() == [2, 3]


def test_a_sheet_that_does_not_exist_is_refused(book, tmp_path):
    message = r"book.xlsx has no sheet {}: its sheets are 'cover', 'first', \"last year's\", '1'\."
    for sheet in ("First", "0", "5", -1, 10**20):
        with pytest.raises(DataError, match=message.format(repr(sheet))):
            read_frame(book, sheet)
    with pytest.raises(DataError, match=r"has no sheet 'second': its sheets are 'cover'"):
        list(read_chunks(book, default_sheet="second"))
    with pytest.raises(DataError, match=r"book.xlsx is empty|has a header and no rows"):
        read_frame(book, "cover")
    with pytest.raises(DataError, match="has no sheets: only Excel files have a sheet 'x'"):
        read_frame(written(tmp_path, b"a\n1\n"), "x")
    with pytest.raises(ArgumentError, match="sheet='x' is for an Excel file, not for a frame"):
        with_row_numbers(pd.DataFrame({"a": [1]}), "x")


def test_the_only_sheet_is_read_where_the_usual_one_is_missing(sheet):
    with pytest.warns(UserWarning, match=r"no sheet 'first': .* The only one with rows, 'Sheet1'"):
        (frame,) = read_chunks(sheet, default_sheet="first")
    assert frame["a"].tolist() == [1, 2]
    assert frame.attrs["sheet"] is None
    assert next(iter(read_chunks(written(sheet.parent, b"a\n1\n"), default_sheet="x"))).size == 1


def test_says_which_library_is_missing(sheet, monkeypatch):
    def missing(path):
        raise ImportError

    monkeypatch.setattr(pd, "ExcelFile", missing)
    with pytest.raises(DataError, match=r"d\.xlsx is read with openpyxl, .* pip install openpyxl"):
        read_frame(sheet)


@pytest.mark.parametrize("name", ["up.csv", "up.csv.gz"])
def test_what_lies_in_memory_is_read_as_a_file_is(name):
    content = b"a,b\n1,x\n2,y\n"
    packed = gzip.compress(content) if name.endswith(".gz") else content
    (frame,) = read_chunks(MemoryFile(name, packed))
    assert frame["b"].tolist() == ["x", "y"]
    with pytest.raises(DataError, match=r"up.csv.*line 2"):
        read_frame(
            MemoryFile(name, gzip.compress(b"a,b\n1\n") if name.endswith(".gz") else b"a,b\n1\n")
        )


def test_words_in_a_sheet_are_those_of_a_text_file(tmp_path):
    pytest.importorskip("openpyxl")
    cells = {"2024": ["007", "010", "3"], "roof": ["None", "tiles", "NA"], "n": [1, None, 3.5]}
    frame = pd.DataFrame(cells)
    for name, write in ("d.csv", frame.to_csv), ("d.xlsx", frame.to_excel):
        write(tmp_path / name, index=False)
        found = read_frame(tmp_path / name)
        kinds = {"2024": "category", "roof": "category", "n": "number"}
        x = convert_rows(found, kinds)
        assert x["2024"].tolist() == ["007", "010", "3"]
        assert x["roof"].tolist() == ["None", "tiles", None]
        np.testing.assert_array_equal(x["n"], [1, np.nan, 3.5])


@pytest.mark.parametrize("name", ["d.xlsx", "d.parquet"])
@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", b"PAR1"])
def test_a_broken_file_is_reported(name, start):
    with pytest.raises(FileError, match=f"cannot read {name}"):
        read_frame(MemoryFile(name, start + b" nothing of the kind"))


def test_another_encoding_that_all_lines_have_is_read_with_a_warning(tmp_path):
    path = written(tmp_path, "a,b\n1,é\n2,“ü”\n".encode("cp1252"))
    with pytest.warns(UserWarning, match=r"not UTF-8 \(line 2, byte 3 \(0xe9\)\) .* as cp1252"):
        assert read_frame(path)["b"].tolist() == ["é", "“ü”"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"data\.csv is empty\. Its first line should name the columns"),
        (" \n\n", "data.csv is empty"),
        ("a,b\n", "has a header and no rows below it"),
        ("a,b\n1,2\n3\n", r"line 3: the row has 1 field, the first line names 2 columns; leave"),
        ('a,b\n"x\ny",2\n3,4,5\n', r"line 4: the row has 3 fields.* into quotes"),
        ('a,b\n1,2\n"3,4\n5,6\n', r"line 3: a quote .* is opened here and not closed"),
        ('a,b\n1,2\n"3"x,4\n', r"line 3: this row cannot be read \(.*Double a quote"),
        ("a,b,a\n1,2,3\n", "more than one column named 'a'. Rename"),
        (",".join(map(str, range(10_000))) + "\n1\n", "has 10,000 columns; .* may have 2,000"),
        ("a,b\n1,é\n2,3\n".encode() + b"4,\xe9\n", r"UTF-8 in line 2, .* line 4, byte 3 \(0xe9\)"),
        (b"a,b\n4,\xe9\xc3\xa9\n", r"UTF-8 in line 2, but not in line 2, byte 3 \(0xe9\)"),
        (b"PK\x03\x04\0\0a,b\n", "is not a text: it has a zero byte"),
    ],
)
def test_says_what_is_wrong_with_a_file_and_where(tmp_path, content, message):
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message):
        read_frame(path)
    with pytest.raises(DataError, match=message):
        list(read_chunks(path))


def test_says_what_cannot_be_read(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*none\.csv: No such file"):
        read_frame(tmp_path / "none.csv")
    with pytest.raises(FileError, match=r"a\.doc is not a table: its name should end in \.csv"):
        read_frame(tmp_path / "a.doc")
    with pytest.raises(FileError, match=r"cannot read .*b\.csv\.gz"):
        read_frame(written(tmp_path, b"no gzip", "b.csv.gz"))
    with pytest.raises(FileError, match=r"cannot read .*c\.parquet"):
        read_frame(written(tmp_path, b"no parquet", "c.parquet"))
