"""Forms with files: well-formed and malformed ones, and the names of files."""

import random
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from starlette.exceptions import HTTPException

from lampas.app.serving.form import display_name, parse_form

FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="x.csv"\r\n\r\n'


def part(name, content, head=b""):
    """A part as browsers send it."""
    escaped = name.replace('"', '\\"').encode()
    disposition = b'form-data; name="files"; filename="%b"' % escaped
    lines = [b"--x y", b"Content-Disposition: " + disposition, *head.splitlines(), b"", content]
    return b"\r\n".join(lines) + b"\r\n"


def test_files_are_those_that_the_email_package_finds():
    draw = random.Random(0)
    alphabet = [b"\r\n", b"--x", b"\r\n--x", b"--", b"\0", b"\xff", b"a", b" "]
    for _ in range(200):
        contents = [b"".join(draw.choices(alphabet, k=draw.randrange(6))) for _ in range(3)]
        heads = draw.choices([b"", b"Content-Type: text/csv\r\nA: b"], k=3)
        body = b"".join(
            part(f'{number} "ä;.csv', content, head)
            for number, (content, head) in enumerate(zip(contents, heads, strict=True))
        )
        body += b"--x y--\r\n"
        kind = 'multipart/form-data; boundary="x y"'
        message = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: %b\r\n\r\n%b" % (kind.encode(), body)
        )
        expected = [each.get_payload(decode=True) for each in message.iter_parts()]
        files = parse_form(kind, body, 3)
        assert [file.content for file in files] == expected == contents
        assert [file.name for file in files] == [f'{number} "ä;.csv' for number in range(3)]


def test_other_fields_are_ignored():
    field = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    unnamed = PART.replace(b"x.csv", b"") + b"2\r\n"
    first, second = parse_form(
        FORM, b"old\r\n" + field + PART + b"3\r\n" + unnamed + PART + b"\r\n--x--", 4
    )
    assert (first.name, first.content, second.content) == ("x.csv", b"3", b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"--y\r\n\r\n",
        b"--x--\r\n",
        PART + b"a,b\n1,2\n--x--X",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        b"--x\r\n\xff\xff: a\r\n\r\n\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\na\r\n--x--\r\n',
        b"--x\r\n" + b"a: b\r\n" * 5000 + b"\r\n\r\n--x--\r\n",
        PART + b"a,b\n1,2\n",
        (PART + b"a,b\n1,2\n\r\n") * 4 + b"--x--\r\n",
    ],
)
def test_broken_forms(body):
    with pytest.raises(HTTPException) as error:
        parse_form(FORM, body, 3)
    assert error.value.status_code == 400
    assert error.value.detail.startswith("the form cannot be read: ")


@pytest.mark.parametrize("boundary", ["", "; boundary=", f"; boundary={'x' * 71}"])
def test_a_form_without_a_boundary(boundary):
    with pytest.raises(HTTPException, match="has no boundary of at most 70 characters"):
        parse_form(f"multipart/form-data{boundary}", PART, 3)


@pytest.mark.long
def test_a_broken_form_is_refused_by_the_server(client):
    response = client.post("/predict", content=PART, headers={"Content-Type": FORM})
    assert response.status_code == 400
    assert response.json() == {"error": "the form cannot be read: it is incomplete."}


NAMES = {
    "../../../etc/passwd.csv": "passwd.csv",
    "C:\\Windows\\x.csv": "x.csv",
    "/etc/shadow.csv": "shadow.csv",
    "a\x00b\r\nX: y\u202e.csv": "abX: y.csv",
    "..": "file 7",
    "": "file 7",
    ".csv": "csv",
    "x" * 500 + ".csv": "x" * 116 + ".csv",
    "y" * 9 + "." + "z" * 500: "z" * 120,
    "Maße 日本.csv": "Maße 日本.csv",
}


def test_a_name_is_only_a_label():
    assert {name: display_name(name, 7) for name in NAMES} == NAMES
