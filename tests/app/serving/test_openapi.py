"""The OpenAPI description of the server."""

import json

import pytest

from lampas.app.serving.limits import Limits
from lampas.app.serving.openapi import openapi_document
from tests.app.serving.fakes import CLASSES, predictor


def references(tree):
    if isinstance(tree, dict):
        if "$ref" in tree:
            yield tree["$ref"]
        for part in tree.values():
            yield from references(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from references(part)


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("task", ["classify", "regress", "forecast"])
def test_all_that_is_named_is_there(task, guarded):
    found = openapi_document(predictor(task=task), Limits(), guarded)
    assert found["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(found["info"])
    names = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert set(references(found)) == names
    assert ("securitySchemes" in found["components"]) is guarded
    for path in found["paths"].values():
        for operation in path.values():
            assert operation["operationId"]
            for status, response in operation["responses"].items():
                assert status.isdigit()
                assert response["description"]
    json.dumps(found, allow_nan=False)


def test_the_classes_and_columns_of_the_run_are_reported(client):
    found = client.get("/openapi.json").json()
    schemas = found["components"]["schemas"]
    assert set(found["paths"]) == {"/predict", "/health", "/openapi.json"}
    assert schemas["Answer"]["properties"]["prediction"] == {"enum": list(CLASSES)}
    assert list(schemas["Item"]["properties"]) == ["a", "b"]
    assert set(found["paths"]["/predict"]["post"]["requestBody"]["content"]) == {
        "application/json",
        "multipart/form-data",
    }


def test_where_examples_are_files_no_json_is_offered():
    made = predictor()
    made.kind.json_schema = lambda settings: None
    found = openapi_document(made, Limits(), False)
    content = found["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data"}
    assert "Item" not in found["components"]["schemas"]


def test_an_answer_has_the_form_that_is_described(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    body = {"items": [{"a": 1, "b": 2}]}
    (answer,) = client.post("/predict", json=body).json()["answers"]
    assert set(schemas["Answer"]["required"]) == set(answer)
    shares = schemas["Answer"]["properties"]["probabilities"]
    assert set(shares["required"]) == set(answer["probabilities"])


def test_health_tells_what_the_model_is(client):
    found = client.get("/health").json()
    assert found["status"] == "ok"
    assert (found["kind"], found["task"], found["target"]) == ("rows", "classify", "species")
    assert found["classes"] == list(CLASSES)
    assert found["uploads"] == [".csv", ".xlsx", ".csv.gz"]
    assert found["limits"]["body"] == 16 * 2**20
