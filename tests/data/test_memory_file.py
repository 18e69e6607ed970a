"""Files in memory are read as files on the disk are."""

from pathlib import Path

from lampas.data.memory_file import MemoryFile, as_file


def test_a_file_in_memory_is_opened_as_a_path_is(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"content")
    file = as_file(b"content", "a.csv.gz")
    assert isinstance(file, MemoryFile)
    assert file.suffix == path.suffix == ".gz"
    assert str(file) == "a.csv.gz"
    with file.open("rb") as memory, path.open("rb") as disk:
        assert memory.read() == disk.read() == b"content"
    assert as_file(path, "a name for messages") is path
    assert isinstance(as_file(Path("b"), "b"), Path)
