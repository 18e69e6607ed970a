"""Describe the served model: for the page, and for programs as OpenAPI."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ... import __version__
from ..automl.predictor import Predictor
from .limits import Limits
from .upload_checks import accepted_suffixes

Json = dict[str, Any]
_AUTH_ERRORS = {
    "401": "The token is missing or wrong.",
    "403": "The request comes from another site or machine.",
}


def model_info(predictor: Predictor, limits: Limits) -> Json:
    """Return the model's task, classes and inputs, and the limits of the server.

    Args:
        predictor: predictor of the run.
        limits: limits of the server.
    """
    manifest = predictor.manifest
    return {
        "kind": manifest.kind,
        "task": manifest.task,
        "target": manifest.target,
        "classes": list(manifest.classes),
        "uploads": list(accepted_suffixes(predictor.kind)),
        "item": predictor.kind.json_schema(manifest.settings),
        "limits": asdict(limits),
    }


def openapi_document(predictor: Predictor, limits: Limits, guarded: bool) -> Json:
    """Return the OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0) with the run's classes.

    Args:
        predictor: predictor of the run.
        limits: limits of the server, for the descriptions.
        guarded: whether a token is required.
    """
    manifest = predictor.manifest
    security: Json = {"security": [{"token": []}]} if guarded else {}
    scheme = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Predict {manifest.target} with Lampas",
            "version": __version__,
            "description": f"A model for {manifest.kind} data: {manifest.task} {manifest.target}.",
        },
        "servers": [{"url": "."}],
        "paths": {
            "/predict": {"post": _predict(predictor, limits)},
            "/health": {"get": _get("health", "State of the server and description of the model")},
            "/openapi.json": {"get": _get("description", "This document")},
        },
        "components": {"schemas": _schemas(predictor)} | (scheme if guarded else {}),
        **security,
    }


def _get(name: str, summary: str) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": _response(summary, {"type": "object"}), **_errors(_AUTH_ERRORS)},
    }


def _predict(predictor: Predictor, limits: Limits) -> Json:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    files = {"type": "array", "minItems": 1, "maxItems": limits.files, "items": file}
    form = {"type": "object", "properties": {"files": files}, "required": ["files"]}
    content: Json = {"multipart/form-data": {"schema": form}}
    if predictor.kind.json_schema(predictor.manifest.settings) is not None:
        content["application/json"] = {"schema": _ref("PredictRequest")}
    maximum = f"At most {limits.body:,} bytes and {limits.examples:,} examples per request."
    suffixes = ", ".join(accepted_suffixes(predictor.kind))
    refusals = {
        "400": "The request is malformed.",
        "408": "The request arrived too slowly.",
        "413": "The request is too large.",
        "415": "The content type is not supported.",
        "503": "The server is busy; retry after the seconds in Retry-After.",
    }
    return {
        "operationId": "predict",
        "summary": f"Predict {predictor.manifest.target}",
        "description": f"Accepted files: {suffixes}. {maximum}",
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _response("One prediction per example.", _ref("Answers")),
            "422": _response("Some examples cannot be predicted.", _ref("Error")),
            **_errors(_AUTH_ERRORS | refusals),
        },
    }


def _schemas(predictor: Predictor) -> Json:
    item = predictor.kind.json_schema(predictor.manifest.settings)
    failure = _object(name={"type": "string"}, message={"type": "string"})
    answers = {"type": "array", "items": _ref("Answer")}
    errors = {"type": "array", "items": failure, "description": "Files that cannot be predicted."}
    schemas: Json = {
        "Answer": _answer(predictor),
        "Answers": _object(answers=answers),
        "Error": _object(error={"type": "string"}),
    }
    note = "What was read as missing or unknown, or may have been read wrongly."
    messages = {"type": "array", "items": {"type": "string"}, "description": note}
    schemas["Answers"]["properties"] |= {"warnings": messages}
    schemas["Error"]["properties"] |= {"errors": errors, "answers": answers, "warnings": messages}
    if item is not None:
        schemas["Item"] = item
        items = {"type": "array", "minItems": 1, "items": _ref("Item")}
        schemas["PredictRequest"] = _object(items=items)
    return schemas


def _answer(predictor: Predictor) -> Json:
    manifest, text = predictor.manifest, {"type": "string"}
    if manifest.task == "classify":
        probability = {"type": "number", "minimum": 0, "maximum": 1}
        probabilities = _object(**dict.fromkeys(manifest.classes, probability))
        prediction: Json = {"enum": list(manifest.classes)}
        return _object(name=text, prediction=prediction, probabilities=probabilities)
    if manifest.task == "regress":
        return _object(name=text, prediction={"type": "number"})
    schema = _object(name=text, prediction={"type": "array", "items": {"type": "number"}})
    schema["properties"]["times"] = {"type": "array", "items": text}
    if manifest.intervals is not None:
        ends: Json = {"type": "array", "items": {"type": ["number", "null"]}}
        note = "Prediction intervals by level; an end is null where back-tests are too few."
        bounds = _object(level={"type": "number"}, lower=ends, upper=ends)
        origins = {"type": "integer", "description": "Number of back-tests of the step."}
        schema["properties"] |= {
            "intervals": {"type": "array", "items": bounds, "description": note},
            "origins": {"type": "array", "items": origins},
        }
    return schema


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _errors(descriptions: dict[str, str]) -> Json:
    return {status: _response(text, _ref("Error")) for status, text in descriptions.items()}
