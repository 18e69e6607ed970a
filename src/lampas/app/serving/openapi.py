"""What the server says of itself: for the page, and for programs as OpenAPI."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ... import __version__
from ..automl.predictor import Predictor
from .limits import Limits
from .upload_checks import taken

Json = dict[str, Any]
_AT_THE_DOOR = {"401": "Without the token.", "403": "Asked from elsewhere."}


def about(predictor: Predictor, limits: Limits) -> Json:
    """What the model answers, what it is asked with, and how much of that."""
    known = predictor.handover
    return {
        "kind": known.kind,
        "task": known.task,
        "target": known.target,
        "classes": list(known.classes),
        "uploads": list(taken(predictor.kind)),
        "item": predictor.kind.schema(known.settings),
        "limits": asdict(limits),
    }


def description(predictor: Predictor, limits: Limits, guarded: bool) -> Json:
    """The server in OpenAPI 3.1 (spec.openapis.org/oas/v3.1.0), with this run's classes and rows.

    Args:
        predictor: of the run.
        limits: told in words.
        guarded: whether a token is needed.
    """
    known = predictor.handover
    security: Json = {"security": [{"token": []}]} if guarded else {}
    scheme = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{known.target}, by Lampas",
            "version": __version__,
            "description": f"A model for {known.kind}: {known.task} {known.target}.",
        },
        "servers": [{"url": "."}],
        "paths": {
            "/predict": {"post": _predict(predictor, limits)},
            "/health": {"get": _get("health", "What the model is, when it is well")},
            "/openapi.json": {"get": _get("description", "This description")},
        },
        "components": {"schemas": _schemas(predictor)} | (scheme if guarded else {}),
        **security,
    }


def _get(name: str, summary: str) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": _response(summary, {"type": "object"}), **_errors(_AT_THE_DOOR)},
    }


def _predict(predictor: Predictor, limits: Limits) -> Json:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    files = {"type": "array", "maxItems": limits.files, "items": file}
    form = {"type": "object", "properties": {"files": files}, "required": ["files"]}
    content: Json = {"multipart/form-data": {"schema": form}}
    if predictor.kind.schema(predictor.handover.settings) is not None:
        content["application/json"] = {"schema": _ref("Question")}
    took = f"At most {limits.body:,} bytes and {limits.examples:,} examples."
    suffixes = ", ".join(taken(predictor.kind))
    refusals = {
        "400": "Malformed.",
        "408": "Came in too slowly.",
        "413": "Too large.",
        "415": "Of another type.",
        "503": "Too busy: try again after Retry-After seconds.",
    }
    return {
        "operationId": "predict",
        "summary": f"Predict {predictor.handover.target}",
        "description": f"Files: {suffixes}. {took}",
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _response("An answer to each example.", _ref("Answers")),
            "422": _response("Some can not be predicted.", _ref("Error")),
            **_errors(_AT_THE_DOOR | refusals),
        },
    }


def _schemas(predictor: Predictor) -> Json:
    item = predictor.kind.schema(predictor.handover.settings)
    failure = _object(name={"type": "string"}, message={"type": "string"})
    answers = {"type": "array", "items": _ref("Answer")}
    errors = {"type": "array", "items": failure, "description": "The files at fault."}
    schemas: Json = {
        "Answer": _answer(predictor),
        "Answers": _object(answers=answers),
        "Error": _object(error={"type": "string"}),
    }
    schemas["Error"]["properties"] |= {"errors": errors, "answers": answers}
    if item is not None:
        schemas["Item"] = item
        items = {"type": "array", "minItems": 1, "items": _ref("Item")}
        schemas["Question"] = _object(items=items)
    return schemas


def _answer(predictor: Predictor) -> Json:
    known = predictor.handover
    if known.task == "classify":
        share = {"type": "number", "minimum": 0, "maximum": 1}
        shares = _object(**dict.fromkeys(known.classes, share))
        prediction: Json = {"enum": list(known.classes)}
        return _object(name={"type": "string"}, prediction=prediction, probabilities=shares)
    if known.task == "regress":
        return _object(name={"type": "string"}, prediction={"type": "number"})
    steps = {"type": "array", "items": {"type": "number"}}
    found = _object(name={"type": "string"}, prediction=steps)
    found["properties"]["times"] = {"type": "array", "items": {"type": "string"}}
    return found


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _response(words: str, schema: Json) -> Json:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _errors(words: dict[str, str]) -> Json:
    return {status: _response(why, _ref("Error")) for status, why in words.items()}
