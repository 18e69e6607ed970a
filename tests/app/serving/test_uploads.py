"""Which uploaded files are let through."""

import pytest

from lampas.app.serving.limits import Limits
from lampas.app.serving.upload_checks import check_upload, taken
from lampas.core.errors import DataError
from tests.app.serving.fakes import Rows

LIMITS = Limits(columns=5)


def test_files_that_can_not_be_measured_are_not_taken():
    kind = Rows()
    kind.uploads = (".csv", ".parquet", ".xlsx", ".xls")
    assert taken(kind) == (".csv", ".xlsx")
    for name in ("x.parquet", "X.XLS", "csv", "x.csv.exe", ""):
        with pytest.raises(DataError) as error:
            check_upload(name, b"a,b\n", kind, LIMITS)
        assert str(error.value) == (
            f"{name} is none of the files that are taken here: .csv, .xlsx."
        )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_columns_are_counted_before_they_are_read(separator, end):
    few, many = (separator.join("abcdef"[:number]) + end for number in (5, 6))
    rest = "1 and some, commas, in, a, text, on, the, second, line"
    check_upload("x.CSV", (few + (rest if end else "")).encode(), Rows(), LIMITS)
    with pytest.raises(DataError) as error:
        check_upload("x.csv", ("\r\n" + many + rest[:1]).encode(), Rows(), LIMITS)
    assert str(error.value) == (
        "x.csv has 6 columns; 5 are taken at most. Send those that the model was trained on."
    )
