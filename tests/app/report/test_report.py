"""The page: well-formed, self-contained, safe, written atomically."""

import os
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from lampas import plots
from lampas.app.report import Report, ReportError
from lampas.core.errors import LampasError, ShapeError

HOSTILE = "<script>alert('x')</script> & \"q\" </title> \x00 日本"
VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Collects what the tests ask for, and fails where tags do not nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self):
        return "".join(self.words)


@pytest.fixture(scope="module")
def text():
    report = Report("Digits", "LeNet")
    report.facts({"test accuracy": "98.9 %", "parameters": 61706})
    report.section("Training", "First.\n\nSecond.")
    report.figure(
        plots.training_curves({"loss": [1.0, 0.5]}, best_epoch=1), "How it went.", "A line."
    )
    report.section("Mistakes")
    report.figure(plots.confusion([[3, 1], [0, 4]], ["a", "b"]), "Which for which.")
    report.figure(plots.image_grid(np.zeros((2, 4, 4)), ["x", "y"]))
    report.section("Model")
    report.table(["layer", "size"], [["dense", 10], ["total", None]], "The layers.")
    report.code("a < b")
    return report.html()


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_page_holds_what_was_put_in(page):
    for words in ("Digits", "LeNet", "98.9 %", "61,706", "Second.", "How it went.", "a < b"):
        assert words in page.text
    assert "Figure 3" in page.text
    assert "Table 1" in page.text


def test_nothing_is_loaded_and_nothing_runs(text, page):
    assert not page.all("script")
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href", "data", "action", "poster"):
            assert attrs.get(name, "#").startswith(("#", "data:"))
    assert not re.search(r"@import|url\((?!#)", text)
    policy = next(a for a in page.all("meta") if "http-equiv" in a)
    assert "default-src 'none'" in policy["content"]


def test_images_have_words_and_headings_have_order(page):
    drawings = [svg for svg in page.all("svg") if "aria-hidden" not in svg]
    assert [svg["aria-label"] for svg in drawings] == ["A line.", "Which for which.", "Figure 3"]
    assert all(svg["role"] == "img" for svg in drawings)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 2, 2]
    assert page.all("html")[0]["lang"] == "en"


def test_ids_are_unlike_and_links_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for name in ("href", "clip-path"):
            target = re.search(r"#([\w-]+)", attrs.get(name) or "")
            if target and not attrs[name].startswith("data:"):
                assert target[1] in ids


def test_drawings_are_xml_and_take_their_ink_from_the_page(text):
    drawings = re.findall(r'<svg viewBox="[^"]*" style="--width.*?</svg>', text, re.S)
    assert len(drawings) == 3
    for drawing in drawings:
        ElementTree.fromstring(drawing)
        assert "var(--ink)" in drawing
        assert not re.search("#1b2433|#667080|#fefefe|DejaVu", drawing)


def test_contents_appear_from_three_sections_on(page):
    assert [a["href"] for a in page.all("a")] == ["#section-1", "#section-2", "#section-3"]
    assert "<nav" not in Report("r").section("a").section("b").html()


def test_hostile_words_stay_words():
    report = Report(HOSTILE, HOSTILE).facts({HOSTILE: HOSTILE})
    report.section(HOSTILE, HOSTILE).text(HOSTILE).code(HOSTILE)
    report.section("b").section("c").table([HOSTILE], [[HOSTILE]], HOSTILE)
    matrix = plots.confusion(np.eye(2, dtype=int), ["<script>\x01", "]]>&日本"])
    report.figure(matrix, HOSTILE, HOSTILE)
    report.figure(plots.image_grid(np.zeros((1, 4, 4)), [HOSTILE]), HOSTILE)
    report.figure(plots.training_curves({"</svg><script>": [1.0, 2.0]}))
    page = Page(report.html())
    assert not page.all("script")
    assert page.text.count("<script>alert('x')</script>") >= 10
    assert "]]>&日本" in page.text
    assert "\x00" not in page.text


def test_figures_by_others_keep_to_the_page():
    from matplotlib.figure import Figure

    figure = Figure()
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], color="black")
    ax.set_title("$\\alpha$")
    text = Report("r").figure(figure, "Theirs.").html()
    assert "stroke: var(--ink)" in text
    assert "α" in Page(text).text


def test_a_drawing_too_large_for_svg_becomes_a_png_on_a_card():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 3))
    figure.subplots().scatter(*np.random.default_rng(0).random((2, 8000)), s=1)
    page = Page(Report("r").figure(figure, "Many.", HOSTILE).html())
    (image,) = page.all("img")
    assert image["src"].startswith("data:image/png;base64,")
    assert image["class"] == "card"
    assert (image["width"], image["height"]) == ("288", "288")
    assert "<script>" in image["alt"]


def test_columns_of_numbers_are_set_to_the_right():
    rows = [["a", 1, "x"], ["b", None, 2]]
    page = Page(Report("r").table(["name", "count", "mixed"], rows).html())
    assert [cell.get("class") for cell in page.all("td")] == [None, "number", None] * 2
    assert [cell.get("class") for cell in page.all("th")] == [None, "number", None]


def test_rows_must_fit_the_headers():
    with pytest.raises(ShapeError, match="Row 1 has 1 cells under 2 headers"):
        Report("r").table(["a", "b"], [[1, 2], [3]])


def test_write_makes_folders_and_leaves_nothing_else(tmp_path):
    path = Report("r").write(str(tmp_path / "a" / "b" / "r.html"))
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert os.listdir(path.parent) == ["r.html"]


def test_a_failed_write_leaves_the_old_report(tmp_path, monkeypatch):
    path = Report("old").write(tmp_path / "r.html")
    before = path.read_bytes()

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ReportError, match="No space left on device"):
        Report("new").write(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["r.html"]


def test_an_unwritable_folder_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LampasError, match=r"file' as 'r\.html'.*Choose a folder") as caught:
        Report("r").write(tmp_path / "file" / "r.html")
    assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ReportError, match="Permission denied"):
        Report("r").write(tmp_path / "r.html")
