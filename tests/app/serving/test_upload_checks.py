"""Types, columns and unpacked sizes of uploaded files."""

import gzip
import io
import zipfile

import pytest

from lampas.app.serving.limits import Limits
from lampas.app.serving.upload_checks import (
    accepted_suffixes,
    check_sheet_size,
    check_unpacked_size,
    check_upload,
)
from lampas.core.errors import DataError
from tests.app.serving.fakes import Rows

LIMITS = Limits(unpacked=100_000, cells=1000)


def archive(content, name="xl/sheet.xml"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return file.getvalue()


def test_what_unfolds_to_little_is_fine():
    check_unpacked_size("x.csv", b"a,b\n1,2\n", LIMITS)
    check_unpacked_size("x.csv.gz", gzip.compress(b"a" * 100_000), LIMITS)
    check_unpacked_size("x.xlsx", archive("<a/>" * 25_000), LIMITS)
    check_unpacked_size("x.xlsx", archive(bytes(range(256))), LIMITS)


def test_a_file_that_unfolds_to_much_is_named():
    message = (
        "x has more than 100,000 bytes when unpacked, which is not accepted. Send it in parts, or "
        "use lampas predict."
    )
    for content in (gzip.compress(b"a" * 100_001), archive("a" * 100_001)):
        with pytest.raises(DataError) as error:
            check_unpacked_size("x", content, LIMITS)
        assert str(error.value) == message


def test_an_archive_hidden_behind_other_bytes_is_found():
    with pytest.raises(DataError, match="more than 100,000 bytes"):
        check_unpacked_size("x.csv", b"a,b\n" + archive("a" * 100_001), LIMITS)


@pytest.mark.parametrize("form", ["gzip", "zip"])
def test_a_broken_file(form):
    whole = gzip.compress(b"a" * 1000) if form == "gzip" else archive("a" * 1000)
    broken = whole[:15] + bytes([whole[15] ^ 255, 0, 0]) + whole[18:]
    if form == "zip":
        place = whole.index(b"sheet.xml") + 9
        broken = whole[:place] + b"\xff\xff\xff" + whole[place + 3 :]
    with pytest.raises(DataError, match=f"x is not a complete {form} file"):
        check_unpacked_size("x", broken, LIMITS)


FINE = """<worksheet xmlns:x="y">
<sheetData><row r="2"><c r="A2"/><c r="D2"/></row><row><c/><c/></row><x:row r="250"/></sheetData>
</worksheet>"""


@pytest.mark.parametrize(
    "row",
    [
        '<row r="251"/>',
        '<row r="1"><c r="E1"/></row>',
        '<row r="1"><c r="D1"/><c/></row>',
        '<row><c r="$"/></row>',
        "<row><c r='&#69;3'/></row>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_sheet_that_reaches_far(row, encoding):
    check_sheet_size("x.xlsx", FINE.encode(encoding), LIMITS)
    far = FINE.replace("</sheetData>", row + "</sheetData>").encode(encoding)
    with pytest.raises(
        DataError, match=r"x.xlsx has a sheet of at least 25\d rows and [45] columns"
    ):
        check_sheet_size("x.xlsx", far, LIMITS)


def test_xml_that_multiplies_itself_has_an_end():
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    check_sheet_size("x.xlsx", f"<!DOCTYPE w [{entities}]><w>&a11;</w>".encode(), LIMITS)


COLUMNS_LIMITED = Limits(columns=5)


def test_files_that_cannot_be_measured_are_not_taken():
    kind = Rows()
    kind.uploads = (".csv", ".parquet", ".xlsx", ".xls")
    assert accepted_suffixes(kind) == (".csv", ".xlsx")
    for name in ("x.parquet", "X.XLS", "csv", "x.csv.exe", ""):
        with pytest.raises(DataError) as error:
            check_upload(name, b"a,b\n", kind, COLUMNS_LIMITED)
        assert str(error.value) == (f"{name} is not of an accepted type: .csv, .xlsx.")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_columns_are_counted_before_they_are_read(separator, end):
    few, many = (separator.join("abcdef"[:number]) + end for number in (5, 6))
    rest = "1 and some, commas, in, a, text, on, the, second, line"
    check_upload("x.CSV", (few + (rest if end else "")).encode(), Rows(), COLUMNS_LIMITED)
    with pytest.raises(DataError) as error:
        check_upload("x.csv", ("\r\n" + many + rest[:1]).encode(), Rows(), COLUMNS_LIMITED)
    assert str(error.value) == (
        "x.csv has 6 columns; at most 5 are accepted. Send those that the model was trained on."
    )
