"""Files with identical content."""

from lampas.app.automl.duplicates import duplicate_groups


def test_files_with_the_same_content_are_in_one_group(tmp_path):
    contents = [b"one", b"two", b"one", b"three", b"two", b"one"]
    files = [tmp_path / str(number) for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    assert duplicate_groups(files).tolist() == [0, 1, 0, 3, 1, 0]
