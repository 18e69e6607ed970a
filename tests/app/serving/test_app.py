"""JSON and files in, predictions out."""

import time
from dataclasses import replace

import httpx
import numpy as np
import pytest

from lampas.app.automl.task import PredictionBatch
from lampas.app.serving.batcher import BATCH_SIZES, predict_batches
from lampas.app.serving.limits import Limits
from lampas.evaluation.forecast_intervals import ForecastIntervals
from tests.app.serving.fakes import CLASSES, KERNEL, predictor, probabilities, serving


def rows(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)


def as_csv(x):
    return "a,b\n" + "".join(f"{a},{b}\n" for a, b in x.tolist())


def shares(answers):
    return np.array([[one["probabilities"][name] for name in CLASSES] for one in answers])


def test_items_are_answered_in_their_order(client):
    x = rows(5)
    items = [{"a": a, "b": b} for a, b in x.tolist()]
    response = client.post("/predict", json={"items": items})
    answers = response.json()["answers"]
    assert response.status_code == 200
    assert [one["name"] for one in answers] == [f"row {n}" for n in range(1, 6)]
    np.testing.assert_allclose(shares(answers), probabilities(x), rtol=1e-5)
    best = probabilities(x).argmax(1)
    assert [one["prediction"] for one in answers] == [CLASSES[label] for label in best]


def test_files_are_answered_row_by_row(client):
    first, second = rows(3), rows(250, 1)
    files = [("files", ("x.csv", as_csv(first))), ("files", ("y.csv", as_csv(second)))]
    answers = client.post("/predict", files=files).json()["answers"]
    assert [answers[0]["name"], answers[-1]["name"]] == ["x.csv, row 1", "y.csv, row 250"]
    np.testing.assert_allclose(
        shares(answers), probabilities(np.concatenate([first, second])), rtol=1e-4
    )


def test_a_broken_file_is_named_beside_the_answers_to_the_others(client):
    files = {"x.csv": "a,b\n1,2\n", "broken.csv": "a,b\n1,two\n", "poem.txt": "a"}
    response = client.post("/predict", files=[("files", file) for file in files.items()])
    found = response.json()
    assert response.status_code == 422
    assert found["error"] == "2 files cannot be predicted."
    assert len(found["answers"]) == 1
    broken, poem = found["errors"]
    assert broken["name"] == "broken.csv"
    assert "two" in broken["message"]
    assert poem["message"] == ("poem.txt is not of an accepted type: .csv, .xlsx, .csv.gz.")


def test_what_is_not_an_example_is_reported_with_the_message_of_the_data(client):
    response = client.post("/predict", json={"items": [{"a": 1}]})
    assert response.status_code == 422
    assert response.json() == {"error": "not a row with the numbers a and b: KeyError('b')."}


def test_an_unexpected_error_tells_nothing_of_the_inside(client, caplog):
    response = client.post("/predict", json={"items": [{"a": 666, "b": 1}]})
    assert response.status_code == 500
    assert response.json() == {"error": "internal server error; see the server's log for details."}
    assert "RuntimeError: secret of the inside" in caplog.text
    assert client.get("/health").json()["status"] == "ok"


@pytest.mark.long
@pytest.mark.parametrize("task", ["regress", "forecast"])
def test_values_and_forecasts_are_numbers(task):
    x = rows(2)
    expected = x @ KERNEL
    with serving(predictor(task=task)) as url:
        files = {"files": ("x.csv", as_csv(x))}
        answers = httpx.post(f"{url}/predict", timeout=30, files=files).json()["answers"]
    found = np.array([one["prediction"] for one in answers])
    np.testing.assert_allclose(found, expected if task == "forecast" else expected[:, 0], 1e-5)
    assert all(set(one) == {"name", "prediction"} for one in answers)


def test_a_row_has_the_same_answer_whatever_it_is_asked_with():
    made = predictor()
    asked = [PredictionBatch([f"{n}" for n in range(n)], rows(n, n)) for n in (1, 3, 100, 20)]
    found = predict_batches(made, asked)
    assert [len(part) for part in found] == [1, 3, 100, 20]
    for one, part in zip(asked, found, strict=True):
        assert [each.name for each in part] == one.names
        said = [list(each.probabilities.values()) for each in part]
        np.testing.assert_allclose(said, probabilities(one.x), rtol=1e-4)


def test_few_programs_serve_any_number_of_examples(monkeypatch):
    made = predictor()
    sizes = set()
    predict = made.model.predict
    monkeypatch.setattr(made.model, "predict", lambda x: sizes.add(len(x)) or predict(x))
    for count in (1, 8, 9, 128):
        predict_batches(made, [PredictionBatch([""] * count, rows(count))])
    assert sizes == set(BATCH_SIZES)


def test_times_of_a_forecast_are_reported():
    times = [["Monday", "Tuesday", "Wednesday"]]
    asked = [PredictionBatch(["x"], rows(1), times), PredictionBatch(["y"], rows(1))]
    (first,), (second,) = predict_batches(predictor(task="forecast"), asked)
    assert first.as_json()["times"] == times[0]
    assert "times" not in second.as_json()


@pytest.mark.long
def test_intervals_of_a_forecast_have_the_form_that_is_described():
    made = predictor(task="forecast")
    intervals = ForecastIntervals((0.8, 0.95), ((1.0, 2.0, 0.5), (2.0, 3.0, None)), (39, 38, 37))
    made.manifest = replace(made.manifest, intervals=intervals)
    with serving(made) as url:
        body = {"items": [{"a": 1, "b": 2}]}
        (answer,) = httpx.post(f"{url}/predict", timeout=30, json=body).json()["answers"]
        described = httpx.get(f"{url}/openapi.json").json()["components"]["schemas"]["Answer"]
    low, high = answer["prediction"][0] - 2, answer["prediction"][0] + 2
    assert [bounds["level"] for bounds in answer["intervals"]] == [0.8, 0.95]
    wide = answer["intervals"][1]
    assert (wide["lower"][0], wide["upper"][0]) == (pytest.approx(low), pytest.approx(high))
    assert (wide["lower"][2], wide["upper"][2]) == (None, None)
    assert answer["origins"] == [39, 38, 37]
    assert set(answer) <= set(described["properties"])
    assert set(described["properties"]["intervals"]["items"]["required"]) == set(wide)


def test_more_examples_than_are_taken_are_refused_before_they_are_answered():
    with serving(predictor(), limits=Limits(examples=4)) as url:
        for body in ({"json": {"items": [{"a": 1, "b": 1}] * 5}}, {"files": {"f": file(5)}}):
            response = httpx.post(f"{url}/predict", timeout=30, **body)
            assert response.status_code == 413
            assert response.json()["error"].startswith("at most 4 examples per request")
        assert httpx.post(f"{url}/predict", timeout=30, files={"f": file(4)}).status_code == 200


def file(count):
    return "x.csv", as_csv(rows(count))


@pytest.mark.long
def test_a_request_that_takes_too_long_is_to_be_retried(monkeypatch):
    made = predictor()
    monkeypatch.setattr(made, "predict_batch", lambda batch: time.sleep(1))
    with serving(made, limits=Limits(seconds=0.5)) as url:
        response = httpx.post(f"{url}/predict", timeout=30, files={"f": file(1)})
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "1"
        assert response.json()["error"] == "no response within 0.5 seconds. Try again in a moment."
        assert httpx.get(f"{url}/health", timeout=30).status_code == 200
