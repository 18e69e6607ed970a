"""Types, columns and unpacked sizes of uploaded files."""

import gzip
import io
import time
import zipfile

import pytest

from lampas.app.automl.task import InputFile
from lampas.app.serving.limits import Limits
from lampas.app.serving.upload_checks import (
    accepted_suffixes,
    check_sheet_size,
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


def check(name, content, limits=LIMITS):
    kind = Rows()
    kind.uploads = (".csv", ".csv.gz", ".xlsx", ".png")
    return check_upload(InputFile(name, content), kind, limits, limits.unpacked)


def test_what_unfolds_to_little_is_fine():
    assert check("x.csv", b"a,b\n1,2\n") == 8
    assert check("x.csv.gz", gzip.compress(b"a" * 100_000)) == 100_000
    assert check("x.xlsx", archive("<a/>" * 25_000)) == 100_000
    assert check("x.xlsx", archive(bytes(range(256)))) == 256


def test_a_file_that_unfolds_to_much_is_named():
    message = (
        "{} has more than 100,000 bytes when unpacked, which is not accepted. Send it in parts, or "
        "use lampas predict."
    )
    for name, content in {
        "x.csv": b"a" * 100_001,
        "x.csv.gz": gzip.compress(b"a" * 100_001),
        "x.xlsx": archive("a" * 100_001),
    }.items():
        with pytest.raises(DataError) as error:
            check(name, content)
        assert str(error.value) == message.format(name)


def test_a_file_is_unpacked_by_its_name_as_its_reader_does():
    """An archive behind the lines of a CSV file does not hide their number."""
    assert check("x.png", archive("a" * 100_001)) < 1000
    with pytest.raises(DataError, match=r"x.csv has 1,001 lines or more"):
        check("x.csv", b"a" + b"\n" * 1000 + archive("a"), Limits(lines=1000))
    with pytest.raises(DataError, match=r"x.xlsx is not a complete zip file"):
        check("x.xlsx", b"a,b\n")
    with pytest.raises(DataError, match=r"x.csv.gz is not a complete gzip file"):
        check("x.csv.gz", b"a,b\n")


@pytest.mark.parametrize("form", ["gzip", "zip"])
def test_a_broken_file(form):
    whole = gzip.compress(b"a" * 1000) if form == "gzip" else archive("a" * 1000)
    name = "x.csv.gz" if form == "gzip" else "x.xlsx"
    broken = whole[:15] + bytes([whole[15] ^ 255, 0, 0]) + whole[18:]
    if form == "zip":
        place = whole.index(b"sheet.xml") + 9
        broken = whole[:place] + b"\xff\xff\xff" + whole[place + 3 :]
    with pytest.raises(DataError, match=f"{name} is not a complete {form} file"):
        check(name, broken)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_lines_are_counted_before_they_are_read(end, pack):
    """Empty ones too: 120 MB of them are 122 kB when packed, and take minutes to read."""
    name = "x.csv.gz" if pack is gzip.compress else "x.csv"
    limits = Limits(lines=5000)
    check(name, pack(b"a,b" + end * 4999), limits)
    with pytest.raises(DataError) as error:
        check(name, pack(b"a,b" + end * 5000), limits)
    assert str(error.value) == (
        f"{name} has 5,001 lines or more; at most 5,000 are accepted. Send its rows in parts, with "
        "the columns that the model was trained on."
    )


def test_cells_are_counted_before_they_are_read():
    """Rows times the columns of the first one, however many cells the others have."""
    check("x.csv", b"a,b,c,d\n" + b"\n" * 248, LIMITS)
    with pytest.raises(DataError, match=r"x.csv has 1,004 cells or more; at most 1,000 are"):
        check("x.csv", b"a,b,c,d\n" + b"\n" * 249, LIMITS)


@pytest.mark.long
def test_unpacking_stops_at_the_limit():
    content = gzip.compress(b"\n" * 120_000_000)
    start = time.perf_counter()
    with pytest.raises(DataError, match="lines or more"):
        check("x.csv.gz", content, Limits())
    assert time.perf_counter() - start < 0.5


def test_pixels_are_counted_before_they_are_read():
    from PIL import Image

    file = io.BytesIO()
    Image.new("1", (4000, 3000)).save(file, "PNG")
    check("x.png", file.getvalue(), Limits(pixels=12_000_000))
    with pytest.raises(DataError, match=r"x.png has 4,000 x 3,000 pixels; at most 11,000,000"):
        check("x.png", file.getvalue(), Limits(pixels=11_000_000))


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


def test_sheets_of_many_elements_and_workbooks_of_many_parts():
    check_sheet_size("x.xlsx", b"<a>" + b"<b/>" * 3999 + b"</a>", LIMITS)
    with pytest.raises(DataError, match=r"x.xlsx has more than 4,000 elements. Send its rows in"):
        check_sheet_size("x.xlsx", b"<a>" + b"<b/>" * 4000 + b"</a>", LIMITS)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(1001):
            made.writestr(f"{number}", "")
    with pytest.raises(DataError, match=r"x.xlsx has more than 1,000 parts"):
        check("x.xlsx", file.getvalue())


def test_compressions_that_unpack_without_limit():
    """Python unpacks a member in one piece, unless it is deflated."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("xl/sheet.xml", "a")
    with pytest.raises(DataError, match=r"x.xlsx is compressed in a way that Excel does not use"):
        check("x.xlsx", file.getvalue())


def test_xml_that_multiplies_itself_has_an_end():
    entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    check_sheet_size("x.xlsx", f"<!DOCTYPE w [{entities}]><w>&a11;</w>".encode(), LIMITS)


COLUMNS_LIMITED = Limits(columns=5)


def test_files_that_cannot_be_measured_are_not_taken():
    kind = Rows()
    kind.uploads = (".csv", ".parquet", ".xlsx", ".xls")
    assert accepted_suffixes(kind) == (".csv", ".parquet", ".xlsx")
    for name in ("x.feather", "X.XLS", "csv", "x.csv.exe", ""):
        with pytest.raises(DataError) as error:
            check_upload(InputFile(name, b"a,b\n"), kind, COLUMNS_LIMITED, 100)
        assert str(error.value) == (f"{name} is not of an accepted type: .csv, .parquet, .xlsx.")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_columns_are_counted_before_they_are_read(separator, end):
    few, many = (separator.join("abcdef"[:number]) + end for number in (5, 6))
    rest = "1 and some, commas, in, a, text, on, the, second, line"
    check("x.CSV", (few + (rest if end else "")).encode(), COLUMNS_LIMITED)
    with pytest.raises(DataError) as error:
        check("x.csv", ("\r\n" + many + rest[:1]).encode(), COLUMNS_LIMITED)
    assert str(error.value) == (
        "x.csv has 6 columns or more; at most 5 are accepted. Send its rows in parts, with the "
        "columns that the model was trained on."
    )
