"""Authorization, and headers of every response."""

import http.client

import httpx
import pytest

from lampas.app.serving.auth import _is_local
from tests.app.serving.fakes import predictor, serving

TOKEN = "a-token-of-mine"


@pytest.fixture(scope="module")
def guarded():
    with serving(predictor(), TOKEN) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/predict", "/other"])
@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xff", TOKEN]
)
def test_without_the_token_there_is_nothing(guarded, path, given):
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    response = guarded.request("POST" if path == "/predict" else "GET", path, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json() == {"error": "a token is required: Authorization: Bearer TOKEN."}


@pytest.mark.long
def test_with_the_token_all_is_open(guarded):
    headers = {"Authorization": f"bearer {TOKEN}"}
    assert guarded.get("/health", headers=headers).json()["classes"][0] == "setosa"
    items = {"items": [{"a": 1, "b": 2}]}
    assert guarded.post("/predict", json=items, headers=headers).status_code == 200
    assert guarded.get("/openapi.json", headers=headers).json()["security"] == [{"token": []}]


def test_the_page_is_for_all_and_knows_nothing_of_the_run(guarded):
    page = guarded.get("/")
    assert page.status_code == 200
    assert "setosa" not in page.text
    assert TOKEN not in page.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "["])
def test_without_a_token_a_foreign_name_opens_nothing(client, host):
    response = client.get("/health", headers={"Host": host})
    assert response.status_code == 403
    assert response.json() == {"error": "this server accepts requests to localhost only."}


def test_names_of_this_machine():
    for host in ("localhost", "LOCALHOST:80", "127.0.0.9:1", "[::1]:8000"):
        assert _is_local(host)
    for host in ("localhost.evil", "::1", "localhost:x@evil", "127.0.0.1.evil", ""):
        assert not _is_local(host)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://["]
)
def test_a_foreign_page_is_not_answered(client, origin):
    response = client.post("/predict", json={"items": [1]}, headers={"Origin": origin})
    assert response.status_code == 403
    assert response.json() == {"error": "this server accepts requests from its own page only."}


def test_no_page_is_allowed_to_read_responses(client, address):
    for headers in ({"Origin": "https://evil.example"}, {"Origin": address}):
        asked = {"Access-Control-Request-Method": "POST", **headers}
        for response in (
            client.get("/health", headers=headers),
            client.options("/predict", headers=asked),
        ):
            assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/predict"])
def test_every_answer_keeps_to_itself(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "server" not in headers


HOSTILE = """
    /nothing /../../etc/passwd /..%2f..%2fetc%2fpasswd //etc/passwd /static/page.js /page.js
    /run.json /model.safetensors /health/ /%00 /predict/..
"""


@pytest.mark.parametrize("path", HOSTILE.split())
def test_no_address_leads_to_a_file(address, path):
    # This client sends a path as it is.
    connection = http.client.HTTPConnection(httpx.URL(address).netloc.decode())
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 404
    assert b"there is nothing at this address; " in response.read()
    connection.close()


def test_other_methods_are_refused(client):
    response = client.get("/predict")
    assert response.status_code == 405
    assert response.json() == {"error": "this address does not accept GET requests."}
    assert client.post("/health").status_code == 405
    assert client.request("TRACE", "/").status_code == 405


def test_the_log_has_one_line_a_request_whatever_it_asks_for(client, caplog):
    with caplog.at_level("INFO", "lampas.serve"):
        client.get("/%0a2026-01-01 forged%1b[2J?token=secret")
        client.get("/health")  # by now the line of the one before is written
    line = caplog.messages[0]
    assert line.startswith("127.0.0.1 GET '/%0a2026-01-01%20forged%1b[2J' 404 ")
    assert "secret" not in caplog.text
