"""Requests become arrays, with warnings about their cells."""

import json
import warnings

import pytest

from lampas.app.serving.app import _response
from lampas.app.serving.batcher import Reply
from lampas.app.serving.limits import Limits
from lampas.app.serving.predict_request import PredictRequest, example_reader
from tests.app.serving.fakes import Rows, predictor


class Doubtful(Rows):
    """Rows whose cells cannot all be read."""

    def parse_items(self, items, settings):
        for item in [*items, *items]:
            warnings.warn(f"a is {item['a']}; it is read as missing", stacklevel=2)
        warnings.warn("an old function", DeprecationWarning, stacklevel=2)
        return super().parse_items(items, settings)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Doubtful(), ["a is 1; it is read as missing", "a is 2; it is read as missing"]),
        (Rows(), None),
    ],
)
def test_warnings_about_cells_are_part_of_the_answer(kind, expected):
    reader = example_reader(predictor(kind), Limits())
    body = json.dumps({"items": [{"a": 1, "b": 2}, {"a": 2, "b": 2}]}).encode()
    examples = reader.read(PredictRequest("application/json", body))
    assert len(examples.batch.names) == 2
    answer = json.loads(_response(Reply([], [], examples.warnings)).body)
    assert answer.get("warnings") == expected
