"""Images named in a CSV file."""

from __future__ import annotations

import numpy as np
import pytest

import lampas as lp
from lampas.data import images
from tests.data.image_files import noise, save


@pytest.fixture
def table(root):
    """Writes a CSV file beside the images 0.png to 3.png."""
    for number in range(4):
        save(root / f"{number}.png", noise(number))

    def write(content, encoding="utf-8"):
        (root / "labels.csv").write_text(content, encoding=encoding)
        return root / "labels.csv"

    return write


def load(path, **options):
    return images(path, 8, verbose=0, **options)


ROWS = [("2.png", "dog"), ("0.png", "cat"), ("1.png", "dog")]


@pytest.mark.parametrize(
    ("header", "separator"),
    [("file,label", ","), ("File Name;CLASS", ";"), ("image_path\tspecies", "\t")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_order_of_the_lines_is_kept(table, header, separator, encoding):
    lines = [header, *(separator.join(row) for row in ROWS), ""]
    found = load(table("\r\n".join(lines), encoding))
    assert [path.name for path in found.files] == ["2.png", "0.png", "1.png"]
    assert found.classes == ("cat", "dog")
    np.testing.assert_array_equal(found.y, [1, 0, 1])
    np.testing.assert_array_equal(found.x, [noise(2), noise(0), noise(1)])


def test_other_columns_and_quotes_and_empty_lines_do_no_harm(table, root):
    save(root / "sub, folder" / "ä.png", noise(7))
    found = load(table('id,label,file\n7,cat,"sub, folder/ä.png"\n\n,,\n8, dog , 1.png \n'))
    assert found.files == (root / "sub, folder" / "ä.png", root / "1.png")
    assert found.counts == {"cat": 1, "dog": 1}


def test_whole_paths_are_used_as_they_are(table, root, tmp_path):
    far = save(tmp_path / "far.png", noise(9))
    assert load(table(f"file,label\n{far},a\n0.png,b\n")).files == (far, root / "0.png")


def test_a_file_that_is_not_there_is_broken_and_named_with_its_line(table, root):
    path = table("file,label\n0.png,a\nlost.png,a\n1.png,b\n")
    reason = r"1 of 3 images .*\n  .*/lost.png: there is no such file \(line 3 of labels.csv\)"
    with pytest.raises(lp.DataError, match=reason):
        load(path)
    found = load(path, on_error="skip")
    assert len(found) == 2
    assert [path for path, _ in found.skipped] == [root / "lost.png"]


def test_the_same_image_under_two_labels_is_a_warning(table):
    with pytest.warns(UserWarning, match="more than one label"):
        load(table("file,label\n0.png,a\n0.png,b\n1.png,b\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "labels.csv is empty. Its first line should name the columns"),
        ("a,b\n0.png,x\n", "for the file: its first line names 'a', 'b'. .* synonyms: file, file"),
        ("file,b\n0.png,x\n", "no column for the label: its first line names 'file', 'b'"),
        ("file,label\n", "lists no images: it has a header and no rows"),
        ("file,label\n0.png,x\n,x\n", "labels.csv, line 3: the file is empty"),
        (
            "file,label\n0.png\n",
            "labels.csv, line 2: the row has 1 field, the first line names 2 columns",
        ),
        ("file,label\n0.png,\n", "labels.csv, line 2: the label is empty"),
        ("file,label\n0.png,x\n1.png,x\n", r"of one class only, 'x' \(2\)"),
        ("file,label\nx.png,a\ny.png,b\n", r"none of the 2 files .* exists: x.png, y.png. Paths"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(table, content, message):
    with pytest.raises(lp.DataError, match=message):
        load(table(content))


def test_a_file_in_another_encoding_or_with_an_open_quote(table, root):
    save(root / "ä.png", noise(8))
    with pytest.warns(UserWarning, match=r"labels.csv is not UTF-8 .* was read as cp1252"):
        found = load(table("file,label\nä.png,x\n0.png,y\n", "latin-1"))
    assert found.files == (root / "ä.png", root / "0.png")
    with pytest.raises(lp.DataError, match=r"line 2: a quote .* is opened here and not closed"):
        load(table('file,label\n"0.png,x\n'))
