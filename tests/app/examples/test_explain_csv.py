"""A few rows of a file are read, or refused with the line and the column."""

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples.explain_csv import network, read_small_table, xor_table


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "few.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_are_read_and_the_last_column_is_the_target(file):
    table = read_small_table(file("\ufeffa, b,c\n1,2.5,0\n\n-3,4e-1,1\n"))
    assert (table.columns, table.target) == (("a", "b"), "c")
    np.testing.assert_array_equal(table.x, np.array([[1, 2.5], [-3, 0.4]], np.float32))
    np.testing.assert_array_equal(table.y, [[0], [1]])
    assert table.is_binary
    assert table.scaled == ()


def test_large_columns_are_scaled(file):
    table = read_small_table(file("size,rooms,same,price\n50,2,9,200\n80,3,9,310\n120,1,9,500\n"))
    assert table.scaled == ("size", "same", "price")
    size = np.array([50, 80, 120])
    np.testing.assert_allclose(table.x[:, 0], (size - size.mean()) / size.std(), rtol=1e-6)
    np.testing.assert_array_equal(table.x[:, 1:], [[2, 0], [3, 0], [1, 0]])
    np.testing.assert_allclose([table.y.mean(), table.y.std()], [0, 1], atol=1e-6)


def test_another_target_can_be_named(file):
    table = read_small_table(file("a;b\n1;2\n3;3\n"), "a")
    assert table.columns == ("b",)
    np.testing.assert_array_equal(table.y, [[1], [3]])
    assert not table.is_binary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,x\n", "few.csv, line 2, column 'b': 'x' is not a number."),
        ("a,b\n1,2\n\n1,nan\n", "line 4, column 'b': 'nan' is not a number."),
        ("a,b\n1,2,3\n", "line 2: the row has 3 fields, the first line names 2 columns"),
        ("a,b\n", "has 0 rows below its header; a step is explained for 1 to 20."),
        ("a,b\n" + "1,2\n" * 21, "has 21 rows below its header"),
        ("a\n1\n", "has 1 columns; a step is explained for 2 to 8"),
        ("a,b,c,d,e,f,g,h,i\n", "has 9 columns"),
        ("a,a\n1,2\n", "has more than one column named 'a'"),
        ("1,2\n1,2\n", "begins with numbers, 1, 2; its first line must name the columns."),
        ('a,b\n"1,2\n', 'line 2: a quote (") is opened here and not closed.'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(file, text, message):
    with pytest.raises((lp.DataError, lp.FileError)) as caught:
        read_small_table(file(text))
    assert message in str(caught.value)


def test_an_absent_file_and_column_are_named(file, tmp_path):
    with pytest.raises(lp.FileError, match=r"cannot read .*: No such file or directory"):
        read_small_table(tmp_path / "none.csv")
    with pytest.raises(lp.ArgumentError, match="has no column 'z'; its columns are a, b"):
        read_small_table(file("a,b\n1,2\n"), "z")


def test_the_network_suits_the_targets(file):
    assert network(xor_table()).layers[-1].activation is lp.activations.sigmoid
    numbers = read_small_table(file("a,b\n1,2\n"))
    assert network(numbers, hidden=2).layers[-1].activation is lp.activations.linear
