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


@pytest.mark.parametrize(
    ("content", "names", "rows", "lines"),
    [
        ("sep=;\na;b,c\n1;2\n", ["a", "b,c"], [["1", "2"]], [3]),
        ('"sep=\t"\na\tb\n1\t2\n', ["a", "b"], [["1", "2"]], [3]),
        ("# made by x, y\n# more\na,b\n1,2\n", ["a", "b"], [["1", "2"]], [4]),
        ("# made by x, y\na,b\nc,d\n", ["a", "b"], [["c", "d"]], [3]),
        ("# a,b\n1,2\n", ["a", "b"], [["1", "2"]], [2]),
        ("##x\n#CHROM\tPOS\nchr1\t5\n", ["CHROM", "POS"], [["chr1", "5"]], [3]),
        ("#,name\n1,x\n", ["#", "name"], [["1", "x"]], [2]),
        ("a,b\n1,2,\n3,4,\n", ["a", "b"], [["1", "2"], ["3", "4"]], [2, 3]),
        ("a,b,\n1,2,\n3,4,\n", ["a", "b"], [["1", "2"], ["3", "4"]], [2, 3]),
        ("a,b,\n1,2,\n3,4,5\n", ["a", "b", "column 3"], [["1", "2", ""], ["3", "4", "5"]], [2, 3]),
    ],
)
def test_comments_and_separators_around_the_table_are_no_cells(content, names, rows, lines):
    table = read_csv(memory(content))
    assert (table.names, table.rows, table.lines) == (names, rows, lines)
    assert read_csv_sample(memory(content), 1 << 20) == table
    assert read_csv(memory(content), any_width=True) == table


@pytest.mark.parametrize("content", ["Rents\n{}", "Rents 2024,,\n{}", "\nRents\n\n{}"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_title_is_not_the_header(content, separator):
    table = "a,b,c\n1,2,3\n4,5,6\n"
    with pytest.raises(DataError, match=r"line \d: 'Rents.*' does not name the columns: .* have 3"):
        read_csv(memory(content.format(table).replace(",", separator)), any_width=True)


def test_a_sample_of_a_long_row_has_that_row():
    content = 'label,text\na,"' + "x" * 145_000 + '"\nb,short\n'
    assert [len(row[1]) for row in read_csv_sample(memory(content), 1 << 10).rows] == [145_000, 5]


def test_a_broken_row_is_reported_when_it_is_reached():
    blocks = iter_csv(memory('a\n1\n"x\n'), 1)
    assert next(blocks).rows == [["1"]]
    with pytest.raises(DataError, match=r"line 3: a quote .* is opened here and not closed"):
        next(blocks)
