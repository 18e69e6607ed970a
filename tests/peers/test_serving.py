"""The server does what its OpenAPI description says of requests that schemathesis draws from it."""

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.app.serving.fakes import serving
from tests.app.serving.kinds import PREDICTORS
from tests.scale import SCALE

schemathesis = pytest.importorskip("schemathesis")

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.parametrize("kind", PREDICTORS)
def test_requests_that_are_drawn_from_the_description(kind, mode):
    """No status 5xx, none that is not described, no answer of another form; what fits the
    description is accepted, and what does not is refused.

    That drawn bytes are no file, and are refused with status 422, is not a mismatch.
    """
    statuses = set()
    with serving(PREDICTORS[kind]()) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        operation = schema["/predict"]["POST"]
        strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode[mode])

        @settings(
            max_examples=30 * SCALE,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=strategy)
        def check(case):
            response = case.call()
            statuses.add(response.status_code)
            assert response.status_code < 500
            is_file = case.media_type == "multipart/form-data"
            allowed = [schemathesis.checks.positive_data_acceptance] if is_file else []
            case.validate_response(response, excluded_checks=allowed)

        check()
        health = httpx.get(f"{url}/health").json()
    assert health["readers"]["replaced"] == 0
    assert statuses <= ({200, 422} if mode == "POSITIVE" else {400, 413, 415, 422})


@pytest.mark.parametrize("path", ["/health", "/openapi.json"])
def test_descriptions_of_the_server(path):
    with serving(PREDICTORS["table"]()) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        case = schema[path]["GET"].Case()
        case.validate_response(case.call())
