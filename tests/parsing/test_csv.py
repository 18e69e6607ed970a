"""CSV files: encodings, separators, lines."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.core.errors import ArgumentError, DataError, FileError
from lampas.data.memory_file import MemoryFile
from lampas.parsing.csv import decode_text, iter_csv, read_csv, read_csv_sample, read_text
from tests.scale import examples


def memory(content, name="data.csv"):
    return MemoryFile(name, content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.filterwarnings("ignore:.* is not UTF-8")
def test_the_same_rows_whatever_the_separator_the_line_ends_and_the_encoding(
    separator, ends, encoding
):
    rows = [["name", "note"], ["é", f"a{separator}b"], ["", ""], ["x", 'two\nlines "quoted"']]
    text = "\n".join(
        separator.join('"' + f.replace('"', '""') + '"' if f else f for f in row) for row in rows
    )
    content = text.replace("\n", ends).encode(encoding)
    for file in (memory(content), memory(gzip.compress(content), "data.csv.gz")):
        table = read_csv(file)
        assert (table.names, table.rows) == (rows[0], [rows[1], rows[3]])
        assert table.lines == [2, 4]
    assert read_csv_sample(memory(content), 1 << 20) == table


@examples(30)
@given(
    st.lists(st.lists(st.text("ab,;\"' é☃", max_size=6), min_size=2, max_size=2), max_size=9),
    st.integers(1, 5),
)
def test_blocks_are_the_whole_file(rows, size):
    lines = [",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows]
    file = memory("\n".join(["one,two", *lines]))
    table = read_csv(file)
    assert table.rows == [row for row in rows if any(row)]
    blocks = list(iter_csv(file, size))
    assert [row for block in blocks for row in block.rows] == table.rows
    assert [line for block in blocks for line in block.lines] == table.lines


def test_separators_within_quotes_do_not_count():
    assert read_csv(memory('"a, b, c";d\n1;2\n')).names == ["a, b, c", "d"]


def test_a_sample_ends_with_a_whole_row():
    content = "a,b\n" + "1,é\n" * 100
    for encoding in ("utf-8", "utf-16"):
        sample = read_csv_sample(memory(content.encode(encoding)), 51)
        assert sample.names == ["a", "b"]
        assert 4 < len(sample.rows) < 12
        assert {tuple(row) for row in sample.rows} == {("1", "é")}
    assert read_csv_sample(memory('a,b\n1,2\n"x,3\n4,5\n'), 1 << 20).rows == [["1", "2"]]


def test_rows_of_any_width_only_where_they_are_requested():
    file = memory("a,b\n1\n1,2,3\n")
    assert read_csv(file, any_width=True).rows == [["1"], ["1", "2", "3"]]
    with pytest.raises(
        DataError, match="line 2: the row has 1 field, the first line names 2 columns"
    ):
        read_csv(file)


def test_long_fields_are_read_and_the_limit_of_the_process_stays():
    limit = csv.field_size_limit()
    assert len(read_csv(memory("a\n" + "x" * 300_000)).rows[0][0]) == 300_000
    assert csv.field_size_limit() == limit


def test_an_encoding_can_be_chosen():
    content = "a\né\n"
    assert read_csv(memory(content.encode("cp437")), "cp437").rows == [["é"]]
    assert read_csv(memory(content.encode("utf-8-sig")), "utf-8").names == ["a"]
    with pytest.raises(FileError, match=r"data.csv is not in utf-8: .* Leave encoding= out"):
        read_csv(memory(content.encode("cp1252")), "utf-8")
    with pytest.raises(ArgumentError, match=r"there is no encoding 'latin-99'\. Examples are"):
        read_csv(memory(content), "latin-99")


def test_texts_are_decoded_as_tables_are():
    assert read_text(memory("a\r\nb\rc", "a.txt")) == "a\nb\nc"
    assert decode_text("\ufeffé".encode()) == decode_text("é".encode("utf-16")) == "é"
    with pytest.warns(UserWarning, match=r"a.txt is not UTF-8 \(byte 0x93 at 0\) .* as cp1252"):
        assert read_text(memory(b"\x93a\x94", "a.txt")) == "“a”"
    with pytest.warns(UserWarning, match="read as latin-1"):
        assert decode_text(b"\x81\xe9") == "\x81é"
