"""The page in a real browser: what a person sees, types and drops."""

import csv
import warnings
from dataclasses import replace

import pytest

from lampas.app.serving.app import page
from lampas.evaluation.forecast_intervals import ForecastIntervals
from tests.app.serving.browser import Browser, needs_browser
from tests.app.serving.fakes import Rows, predictor, probabilities, serving

READY = "!document.querySelector('#ask').hidden"
ANSWERS = "document.querySelectorAll('.answer').length"
TOKEN = "a-token-of-mine"


def test_nothing_is_loaded_from_anywhere():
    html, policy = page()
    assert "http://www.w3.org" in html  # the name of a language
    for start in ("https://", "http://"):
        for place in html.split(start)[1:]:
            assert place.startswith("www.w3.org/")
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


@pytest.fixture(scope="module")
def browser():
    with Browser() as made:
        yield made


@needs_browser
def test_a_row_is_typed_and_answered_by_the_keyboard_alone(browser, address):
    browser.look(390)
    browser.open(address)
    browser.wait(READY)
    assert "Which species?" in browser.text()
    for _ in range(2):
        browser.press("Tab")
    browser.type("1")
    browser.press("Tab")
    browser.type("2")
    browser.press("Enter", "\r")
    browser.wait(f"{ANSWERS} === 1")
    seen = browser.do("document.querySelector('.answer').innerText")
    share = f"{probabilities([[1, 2]])[0].max():.1%}"
    assert seen.split()[0] == "setosa"
    assert share in seen
    assert "<b>virginica</b>" in seen  # a class is text, whatever is in it
    assert browser.do("document.querySelectorAll('.answer b').length") == 0
    width = browser.do("document.querySelector('.bar i').style.width")
    assert float(width.rstrip("%")) == pytest.approx(100 * probabilities([[1, 2]])[0].max(), 1e-3)
    assert browser.do("document.documentElement.scrollWidth") <= 390
    assert browser.errors == []


@needs_browser
def test_files_are_chosen_and_answered(browser, address, tmp_path):
    few, many, broken = (tmp_path / name for name in ("few.csv", "many.csv", "broken.csv"))
    few.write_text("a,b\n1,2\n-1,3\n")
    many.write_text("a,b\n" + "1,2\n" * 30)
    broken.write_text("a,b\n1,<img src=x onerror=alert(1)>\n")
    browser.look(1200)
    browser.open(address)
    browser.wait(READY)
    browser.choose("#files", [few])
    browser.wait(f"{ANSWERS} === 2")
    browser.choose("#files", [many])
    browser.wait("document.querySelectorAll('tbody tr').length === 30")
    assert "30 predictions" in browser.text()
    saved = browser.saved(tmp_path, "document.querySelector('.plain').click()")
    heads, first, *rest = csv.reader(saved.splitlines())
    assert heads[:3] == ["name", "species", "probability of setosa"]
    assert first[:2] == ["many.csv, row 1", "setosa"]
    assert [float(share) for share in first[2:]] == pytest.approx(probabilities([[1, 2]])[0], 1e-4)
    assert len(rest) == 29
    browser.choose("#files", [few, broken])
    browser.wait(f"{ANSWERS} === 2")
    assert "broken.csv: " in browser.do("document.querySelector('#error').innerText")
    assert browser.do("document.images.length") == 0


class Doubtful(Rows):
    """Rows with a doubtful cell."""

    def parse_items(self, items, settings):
        warnings.warn("'a' is <b>odd</b>; it is read as missing.", stacklevel=2)
        return super().parse_items(items, settings)


@pytest.mark.long
@needs_browser
def test_warnings_are_shown_as_text_above_the_prediction(browser):
    with serving(predictor(Doubtful())) as url:
        browser.open(url)
        browser.wait(READY)
        assert browser.do("document.querySelectorAll('.warnings').length") == 0
        browser.do("document.querySelector('[name=a]').value = '1'")
        browser.do("document.querySelector('[name=b]').value = '2'")
        browser.do("document.querySelector('#typed button').click()")
        browser.wait(f"{ANSWERS} === 1")
        shown = browser.do("document.querySelector('#results .warnings').innerText")
        assert shown.split("\n", 1)[1].strip() == "'a' is <b>odd</b>; it is read as missing."
        assert browser.do("document.querySelectorAll('.warnings li b').length") == 0


@needs_browser
def test_the_form_has_a_field_for_every_kind_of_column(browser):
    kind = Rows()
    fields = {
        "age": {"type": ["number", "null"]},
        "island": {"type": ["string", "null"], "examples": ["Biscoe", "Dream"]},
        "smoker": {"type": ["boolean", "null"]},
        "day": {"type": "string", "format": "date"},
        "__proto__ x": {"type": "string"},
        "note": {"type": ["string", "null"], "contentMediaType": "text/plain"},
    }
    kind.json_schema = lambda settings: {"type": "object", "properties": fields}
    with serving(predictor(kind)) as url:
        browser.open(url)
        browser.wait(READY)
        browser.do("document.querySelector('[name=age]').value = '41.5'")
        browser.do("document.querySelector('[name=island]').selectedIndex = 2")
        browser.do("document.querySelector('[name=smoker]').selectedIndex = 1")
        assert browser.do("document.querySelector('[name=note]').tagName") == "TEXTAREA"
        browser.do("document.querySelector('[name=note]').value = ' Two\\nlines '")
        assert browser.do("formValues()") == {
            "age": 41.5,
            "island": "Dream",
            "smoker": True,
            "day": None,
            "__proto__ x": None,
            "note": "Two\nlines",
        }


@pytest.mark.long
@needs_browser
@pytest.mark.parametrize(("task", "said"), [("regress", "−1.4"), ("forecast", "next value: −1.4")])
def test_values_and_forecasts_are_shown(browser, task, said, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("a,b\n-2,3\n")
    with serving(predictor(task=task)) as url:
        browser.open(url)
        browser.wait(READY)
        browser.choose("#files", [file])
        browser.wait(f"{ANSWERS} === 1")
        assert browser.do("document.querySelector('.prediction').innerText") == said
        assert browser.do("document.querySelectorAll('.answer svg').length") == (task == "forecast")


@pytest.mark.long
@needs_browser
def test_intervals_of_a_forecast_are_shown(browser, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("a,b\n-2,3\n")
    made = predictor(task="forecast")
    intervals = ForecastIntervals((0.8, 0.95), ((1.0, 1.0, 1.0), (2.0, 2.0, None)), (39, 39, 19))
    made.manifest = replace(made.manifest, intervals=intervals)
    with serving(made) as url:
        browser.open(url)
        browser.wait(READY)
        browser.choose("#files", [file])
        browser.wait(f"{ANSWERS} === 1")
        cells = "[...document.querySelectorAll('.answer th, .answer td')].map(c => c.innerText)"
        heads, first, last = (browser.do(f"{cells}.slice({part})") for part in ("1, 4", "5, 8", -1))
        assert heads == ["species", "80% interval", "95% interval"]
        assert first == ["−1.4", "−2.4 to −0.4", "−3.4 to 0.6"]
        assert last == ["–"]
        answer = "{name: 'x', prediction: [1], intervals: [{level: 0.8, lower: [0], upper: [2]}]}"
        heads, row = browser.do(f"stepRows([{answer}])")
        assert heads[3:] == ["species", "lower 80%", "upper 80%"]
        assert row[3:] == [1, 0, 2]


@pytest.mark.long
@needs_browser
def test_the_token_is_asked_for_or_comes_with_the_address(browser):
    with serving(predictor(), TOKEN) as url:
        browser.open(url)
        browser.wait("!document.querySelector('#enter').hidden")
        assert "species" not in browser.text()
        for given in ("wrong token", TOKEN):
            browser.do(f"document.querySelector('#token').value = '{given}'")
            browser.do("document.querySelector('#enter button').click()")
            if given != TOKEN:
                browser.wait("document.querySelector('#error').innerText === 'Wrong token.'")
        browser.wait(READY)
        browser.do("sessionStorage.clear()")
        browser.open(f"{url}/#token={TOKEN}")
        browser.wait(READY)
        assert browser.do("location.href") == f"{url}/"


@needs_browser
def test_a_server_that_has_ended_is_reported(browser):
    with serving(predictor()) as url:
        browser.open(url)
        browser.wait(READY)
    browser.do("predict({ body: new FormData() })")
    browser.wait(
        "document.querySelector('#error').innerText.startsWith('The server does not respond')"
    )
