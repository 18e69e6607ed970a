"""run.json: written whole, read back, and refused when it is not what it should be."""

import json

import pytest

from lampas import FileError
from lampas.app.automl.manifest import RUN, Handover, read_handover

ABOUT = Handover(
    "table", "classify", "kind", ("a", "b"), {"rate": 0.01, "columns": {"x": "number"}}
)


def test_it_comes_back_as_it_was(tmp_path):
    ABOUT.write(tmp_path)
    assert read_handover(tmp_path) == ABOUT


def test_a_folder_without_a_run_is_an_error(tmp_path):
    with pytest.raises(FileError, match=r"can not read .*run.json: No such file.* lampas train"):
        read_handover(tmp_path)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_file_is_an_error(tmp_path, damage):
    (tmp_path / RUN).write_text(damage)
    with pytest.raises(FileError, match=r"run.json is damaged or of another version"):
        read_handover(tmp_path)


def test_a_task_that_is_none_is_an_error(tmp_path):
    ABOUT.write(tmp_path)
    known = json.loads((tmp_path / RUN).read_text())
    (tmp_path / RUN).write_text(json.dumps(known | {"task": "dance"}))
    with pytest.raises(FileError, match="another version"):
        read_handover(tmp_path)


def test_where_it_can_not_be_written_is_told(tmp_path):
    with pytest.raises(FileError, match=r"can not write .*nowhere/run.json"):
        ABOUT.write(tmp_path / "nowhere")
