"""Read the files of a form (``multipart/form-data``, RFC 7578) in memory."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException

from ..automl.task import InputFile

_MAX_BOUNDARY_LENGTH, _MAX_HEAD_LENGTH, _MAX_NAME_LENGTH = 70, 8192, 120
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def parse_form(content_type: str, body: bytes, max_parts: int) -> list[InputFile]:
    """Return the files of a form in order; other fields are ignored.

    Args:
        content_type: content type of the request, with the boundary.
        body: body of the request.
        max_parts: maximum number of files and other fields.

    Raises:
        HTTPException: 400 if the form is malformed or has no file.
    """
    boundary = _parameter(content_type.encode("latin-1", "replace"), b"boundary")
    if not 0 < len(boundary) <= _MAX_BOUNDARY_LENGTH:
        limit = f"of at most {_MAX_BOUNDARY_LENGTH} characters"
        raise _malformed(f"its content type has no boundary {limit}")
    files: list[InputFile] = []
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, max_parts + 2)
    for number, part in enumerate(parts):
        if part.startswith(b"--"):
            break
        if number == max_parts:
            raise _malformed(f"it has more than {max_parts} parts")
        head, end, content = part.lstrip(b" \t").partition(b"\r\n\r\n")
        if not (end and (head + end).startswith(b"\r\n") and len(head) <= _MAX_HEAD_LENGTH):
            raise _malformed(f"part {number + 1} does not begin with its headers")
        if name := _file_name(head):
            files.append(InputFile(display_name(name, len(files) + 1), content))
    else:
        raise _malformed("it is incomplete")
    if not files:
        raise _malformed("it has no file. Send at least one file, with its name")
    return files


def _file_name(head: bytes) -> str:
    """The name of the file in the headers of a part; empty if it is not a file."""
    for header in head.split(b"\r\n"):
        if header.lower().startswith(b"content-disposition:"):
            return _parameter(header, b"filename").decode(errors="replace")
    return ""


def _parameter(header: bytes, name: bytes) -> bytes:
    """The value of a parameter of a header; empty if there is none."""
    pattern = rb';[ \t]*%b=(?:"((?:\\.|[^"\\])*)"|([^\s;"]+))' % name
    match = re.search(pattern, header, re.IGNORECASE)
    return re.sub(rb'\\(["\\])', rb"\1", match[1] or match[2] or b"") if match else b""


def display_name(name: str, number: int) -> str:
    """Return the name of an uploaded file for responses: without folders or invisible characters.

    It is never used as a path.
    """
    visible = _INVISIBLE.sub("", re.split(r"[/\\]", name)[-1]).strip()
    stem, dot, suffix = visible.rpartition(".")
    short = stem[: max(0, _MAX_NAME_LENGTH - len(dot + suffix))] + dot + suffix
    return short[-_MAX_NAME_LENGTH:].lstrip(".") or f"file {number}"


def _malformed(reason: str) -> HTTPException:
    return HTTPException(400, f"the form cannot be read: {reason}.")
