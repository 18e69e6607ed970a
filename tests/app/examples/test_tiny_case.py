"""A few rows of a file are read, or refused with the line and the column."""

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples.explain_csv import exclusive_or, network, read_few


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "few.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_are_read_and_the_last_column_is_the_target(file):
    few = read_few(file("\ufeffa, b,c\n1,2.5,0\n\n-3,4e-1,1\n"))
    assert (few.columns, few.target) == (("a", "b"), "c")
    np.testing.assert_array_equal(few.x, np.array([[1, 2.5], [-3, 0.4]], np.float32))
    np.testing.assert_array_equal(few.y, [[0], [1]])
    assert few.is_yes_or_no
    assert few.scaled == ()


def test_large_columns_are_scaled(file):
    few = read_few(file("size,rooms,same,price\n50,2,9,200\n80,3,9,310\n120,1,9,500\n"))
    assert few.scaled == ("size", "same", "price")
    size = np.array([50, 80, 120])
    np.testing.assert_allclose(few.x[:, 0], (size - size.mean()) / size.std(), rtol=1e-6)
    np.testing.assert_array_equal(few.x[:, 1:], [[2, 0], [3, 0], [1, 0]])
    np.testing.assert_allclose([few.y.mean(), few.y.std()], [0, 1], atol=1e-6)


def test_another_target_can_be_named(file):
    few = read_few(file("a;b\n1;2\n3;3\n"), "a")
    assert few.columns == ("b",)
    np.testing.assert_array_equal(few.y, [[1], [3]])
    assert not few.is_yes_or_no


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,x\n", "few.csv, line 2, column 'b': 'x' is no number."),
        ("a,b\n1,2\n\n1,nan\n", "line 4, column 'b': 'nan' is no number."),
        ("a,b\n1,2,3\n", "line 2: 3 fields, its header has 2."),
        ("a,b\n", "has 0 rows below its header; a step is explained for 1 to 20."),
        ("a,b\n" + "1,2\n" * 21, "has 21 rows below its header"),
        ("a\n1\n", "has 1 columns; a step is explained for 2 to 8"),
        ("a,b,c,d,e,f,g,h,i\n", "has 9 columns"),
        ("a,a\n1,2\n", "names two columns 'a'"),
        ("1,2\n1,2\n", "begins with numbers, 1, 2; its first line must name the columns."),
        ('a,b\n"1,2\n', "is no CSV file"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(file, text, message):
    with pytest.raises((lp.DataError, lp.FileError)) as caught:
        read_few(file(text))
    assert message in str(caught.value)


def test_an_absent_file_and_column_are_named(file, tmp_path):
    with pytest.raises(lp.FileError, match=r"can not read .*: No such file or directory"):
        read_few(tmp_path / "none.csv")
    with pytest.raises(lp.ArgumentError, match="has no column 'z', only a, b"):
        read_few(file("a,b\n1,2\n"), "z")


def test_the_network_suits_the_targets(file):
    assert network(exclusive_or()).layers[-1].activation is lp.activations.sigmoid
    numbers = read_few(file("a,b\n1,2\n"))
    assert network(numbers, hidden=2).layers[-1].activation is lp.activations.linear
