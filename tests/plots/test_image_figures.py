"""Heat maps, augmentations, ROC curves, runs side by side, class counts, confused pairs."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from lampas import plots
from lampas.core.errors import DataError, ShapeError, UnknownNameError
from lampas.plots.class_balance import balance
from lampas.plots.classification import auc, roc_curve
from lampas.plots.colors import rgb
from lampas.plots.feature_maps import evenly
from lampas.plots.heatmaps import overlay
from lampas.plots.style import SEA

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (4, 8, 6, 3)).astype(np.uint8)
MAPS = RNG.uniform(size=(4, 8, 6))


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def words(figure):
    return [text.get_text() for text in figure.texts]


def lightness(pixels):
    return pixels @ [0.2126, 0.7152, 0.0722]


def test_each_picture_stands_left_of_its_overlay():
    figure = plots.heatmaps(PICTURES, MAPS, list("abcd"))
    _, *axes = figure.axes  # the first is the key of the colours
    for picture, heat, left, right in zip(PICTURES, MAPS, axes[::2], axes[1::2], strict=True):
        np.testing.assert_array_equal(shown(left), picture)
        np.testing.assert_array_equal(shown(right), overlay(picture, heat))
        assert left.get_position().x1 < right.get_position().x0
        assert left.get_position().y1 == right.get_position().y1
    assert set("abcd") < set(words(figure))


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_more_heat_is_lighter_and_none_is_the_dimmed_picture(grey):
    heat = np.linspace(0, 1, 50)[None]
    pixels = overlay(np.full((1, 50, 3), grey, np.uint8), heat)
    assert (np.diff(lightness(pixels)[0]) >= 0).all()
    assert pixels[0, 0].tolist() == [round(0.55 * grey)] * 3
    assert pixels[0, -1, 0] > pixels[0, -1, 2] + 100
    unknown = overlay(np.full((1, 1, 3), grey, np.uint8), np.full((1, 1), np.nan))
    assert unknown[0, 0].tolist() == pixels[0, 0].tolist()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_heatmaps_keep_to_the_page_and_captions_off_the_next_row(count):
    caption = "true dog, said cat with a caption that takes two lines at the least"
    many = [*PICTURES, *PICTURES][:count]
    figure = plots.heatmaps(many, [*MAPS, *MAPS][:count], [caption] * count)
    figure.draw_without_rendering()
    assert figure.get_figwidth() <= 7.51
    height = figure.bbox.height
    for text in figure.texts[-count:]:
        box = text.get_window_extent()
        assert 0 <= box.y0 < box.y1 < height
        assert not any(
            box.y0 < ax.bbox.y1 and ax.bbox.y0 < box.y1 and box.x0 < ax.bbox.x1 < box.x1
            for ax in figure.axes
        )


def test_heatmaps_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="no picture"):
        plots.heatmaps([], [], [])
    with pytest.raises(ShapeError, match="4 pictures need as many maps; 3"):
        plots.heatmaps(PICTURES, MAPS[:3])
    with pytest.raises(ShapeError, match="4 pictures need as many captions; 1"):
        plots.heatmaps(PICTURES, MAPS, ["a"])
    with pytest.raises(ShapeError, match=r"Picture 0 is \(8, 6\).*\(4, 3\)"):
        plots.heatmaps(PICTURES, MAPS[:, ::2, ::2])


def test_a_row_is_the_original_and_then_its_variants():
    variants = np.stack([PICTURES[:, ::-1], PICTURES[:, :, ::-1]], 1)
    figure = plots.augmentations(PICTURES, variants, list("abcd"))
    for row, picture in enumerate(PICTURES):
        original, *others = figure.axes[3 * row : 3 * row + 3]
        np.testing.assert_array_equal(shown(original), picture)
        np.testing.assert_array_equal([shown(ax) for ax in others], variants[row])
        lefts = [ax.get_position().x0 for ax in (original, *others)]
        assert lefts == sorted(lefts)
    assert words(figure) == ["original", "random variants", *"abcd"]


def test_floats_made_of_bytes_keep_their_shades():
    figure = plots.augmentations(PICTURES, PICTURES[:, None].astype(np.float32) + 0.2)
    for original, variant in zip(figure.axes[::2], figure.axes[1::2], strict=True):
        np.testing.assert_array_equal(shown(original), shown(variant))


@pytest.mark.parametrize("variants", [1, 5, 11])
def test_any_number_of_variants_keeps_to_the_page(variants):
    figure = plots.augmentations(PICTURES, PICTURES[:, None].repeat(variants, 1))
    assert figure.get_figwidth() <= 7.51
    assert len(figure.axes) == 4 * (variants + 1)


def test_augmentations_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="4 originals need as many rows of variants; 3"):
        plots.augmentations(PICTURES, PICTURES[:3, None])
    with pytest.raises(ShapeError, match="4 rows need as many captions; 1"):
        plots.augmentations(PICTURES, PICTURES[:, None], ["a"])
    with pytest.raises(DataError, match="no variant"):
        plots.augmentations(PICTURES, PICTURES[:, None][:, :0])
    with pytest.raises(ShapeError, match=r"n, k, height.*\(4, 3, 1, 8, 6, 3\)"):
        plots.augmentations(PICTURES, PICTURES[:, None, None].repeat(3, 1))
    with pytest.raises(ShapeError, match=r"unlike numbers of variants: \[1, 2\]"):
        plots.augmentations(PICTURES[:2], [PICTURES[:1], PICTURES[:2]])


@given(
    cases=st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40),
    scale=st.sampled_from([0.1, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_roc_is_that_of_scikit_learn_with_ties(cases, scale):
    y = np.array([True, False, *(true for true, _ in cases)])
    score = np.array([3, 3, *(value for _, value in cases)]) * scale
    alarms, hits, thresholds = roc_curve(y, score)
    expected = sklearn_roc_curve(y, score, drop_intermediate=False)
    for found, other in zip((alarms, hits, thresholds), expected, strict=True):
        np.testing.assert_allclose(found, other)
    assert auc(alarms, hits) == pytest.approx(roc_auc_score(y, score))


def test_roc_figure_shows_curves_areas_chance_and_operating_points():
    y = np.array([0, 0, 1, 1, 1])
    scores = {"good": [0.1, 0.2, 0.3, 0.8, 0.9], "column": np.array([[0.9, 0.2, 0.6, 0.5, 0.1]]).T}
    (ax,) = plots.roc(y, scores, positive="dog").axes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["good: 1.000", "column: 0.333", "chance: 0.500", "threshold 0.5"]
    rings = [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ax.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    ]
    # Of the dogs 2, then 1 of 3 are above a half; of the others none, then 1 of 2.
    assert rings == [(0, pytest.approx(2 / 3)), (0.5, pytest.approx(1 / 3))]
    assert "dog" in ax.get_title(loc="left")


def test_roc_of_many_models_tells_their_lines_apart():
    y, score = [0, 1], [0.2, 0.7]
    (ax,) = plots.roc(y, {f"model {i}": score for i in range(12)}).axes
    drawn = [line for line in ax.lines if line.get_label().startswith("model")]
    assert len(drawn) == 12
    assert len({(line.get_color(), line.get_linestyle()) for line in drawn}) == 12


def test_roc_of_what_is_not_two_classes_is_refused():
    with pytest.raises(DataError, match="no score to draw"):
        plots.roc([0, 1], {})
    with pytest.raises(DataError, match=r"both classes, 0 and 1; these hold 1\."):
        plots.roc([1, 1], {"a": [0.1, 0.2]})
    with pytest.raises(DataError, match=r"these hold 0, 1, 2\."):
        plots.roc([0, 1, 2], {"a": [0.1, 0.2, 0.3]})
    with pytest.raises(DataError, match="1 of 2 scores are NaN, the first in row"):
        plots.roc([0, 1], {"a": [0.1, np.nan]})
    with pytest.raises(ShapeError, match=r"scores \(2, 2\) for targets \(2,\)"):
        plots.roc([0, 1], {"a": [[0.9, 0.1], [0.2, 0.8]]})


PLAIN = {"loss": [0.9, 0.4, 0.1], "val_loss": [1.0, 0.8, 0.9], "accuracy": [0.5, 0.7, 0.99]}
CALM = {"loss": [0.95, 0.7, 0.6, 0.5], "val_loss": [0.9, 0.7, 0.6, np.nan]}


def test_runs_share_axes_and_state_their_gap():
    plain, calm = plots.compared({"plain": PLAIN, "dropout": CALM}, "loss").axes
    assert plain.get_ylim() == calm.get_ylim()
    assert plain.get_xlim() == calm.get_xlim()
    assert [ax.get_title(loc="left") for ax in (plain, calm)] == ["plain", "dropout"]
    gaps = [ax.texts[0].get_text() for ax in (plain, calm)]
    assert gaps == ["final gap +0.8", "final gap +0"]
    training, validation = plain.lines
    assert training.get_ydata().tolist() == PLAIN["loss"]
    assert validation.get_ydata().tolist() == PLAIN["val_loss"]
    (shade,) = plain.collections
    outline = shade.get_paths()[0].vertices
    assert {tuple(point) for point in zip(range(1, 4), PLAIN["loss"], strict=True)} < {
        tuple(point) for point in outline
    }


def test_a_validation_below_training_is_a_negative_gap():
    history = {"accuracy": [0.75], "val_accuracy": [0.5]}
    (ax,) = plots.compared({"one epoch": history}, "accuracy").axes
    assert ax.texts[0].get_text() == "final gap −0.25"
    assert ax.lines[0].get_marker() == "o"


@pytest.mark.parametrize("runs", [1, 2, 3, 4, 5, 7])
def test_any_number_of_runs_is_legible(runs):
    figure = plots.compared({f"run {i} {'x' * 40}": CALM for i in range(runs)}, "loss")
    figure.draw_without_rendering()
    assert len(figure.axes) == runs
    assert figure.get_figwidth() == 7.5
    for ax in figure.axes:
        above, below = ax._left_title.get_window_extent(), ax.texts[0].get_window_extent()
        assert above.y0 >= below.y1 - 1
        assert below.y0 >= ax.bbox.y1 - 1
        assert above.x1 <= figure.bbox.width
    columns = 2 if runs == 4 else min(3, runs)
    for ax in figure.axes[-columns:]:
        assert any(label.get_visible() and label.get_text() for label in ax.get_xticklabels())


def test_runs_that_can_not_be_compared_name_themselves():
    with pytest.raises(DataError, match="no run"):
        plots.compared({}, "loss")
    with pytest.raises(UnknownNameError, match=r"'plain'.*'val_accuracy'. Did you mean"):
        plots.compared({"plain": PLAIN}, "accuracy")
    with pytest.raises(UnknownNameError, match=r"'plain'.*'los'. Did you mean 'loss'"):
        plots.compared({"plain": PLAIN}, "los")
    with pytest.raises(DataError, match="'dead' has no epoch with a finite loss"):
        plots.compared({"dead": {"loss": [np.nan], "val_loss": [1.0]}}, "loss")


def bars(ax):
    return [(round(bar.get_x()), round(bar.get_width())) for bar in ax.patches]


def test_class_counts_are_bars_with_their_shares():
    (ax,) = plots.class_balance({"cat": 30, "dog": 10}).axes
    assert bars(ax) == [(0, 30), (0, 10)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]
    assert [text.get_text() for text in ax.texts] == ["30 (75%)", "10 (25%)"]
    assert ax.patches[0].get_facecolor()[:3] == pytest.approx(tuple(rgb(SEA) / 255))
    top, bottom = (bar.get_y() for bar in ax.patches)
    assert ax.transData.transform((0, top))[1] > ax.transData.transform((0, bottom))[1]


def test_splits_are_stacked_and_may_lack_a_class():
    figure = plots.class_balance({"train": {"cat": 8, "dog": 6}, "test": {"dog": 2, "owl": 1}})
    (ax,) = figure.axes
    assert bars(ax) == [(0, 8), (0, 6), (0, 0), (8, 0), (6, 2), (0, 1)]
    assert [text.get_text() for text in ax.texts] == ["8 (47%)", "8 (47%)", "1 (6%)"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["train", "test"]


@pytest.mark.parametrize("count", [1, 26, 100, 1000])
def test_any_number_of_classes_keeps_to_the_page(count):
    figure = plots.class_balance({f"class {i}": i + 1 for i in range(count)})
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert figure.get_figheight() < 8
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 >= below.y1 - 1.5 for above, below in itertools.pairwise(names))


def test_the_balance_is_put_in_words():
    assert balance(np.array([10, 40])).endswith("the largest class has 4 times the smallest's")
    assert balance(np.array([7, 7])) == "2 classes, 14 examples: all of one size"
    assert balance(np.array([7, 0, 0])) == "3 classes, 7 examples; 2 without any"


def test_counts_of_nothing_and_below_nothing_are_refused():
    with pytest.raises(DataError, match="no class"):
        plots.class_balance({})
    with pytest.raises(DataError, match="class 'dog' is counted -1 times"):
        plots.class_balance({"cat": 2, "dog": -1})


def test_confused_pairs_come_from_the_most_frequent_down():
    matrix = [[8, 2, 0], [0, 95, 5], [1, 2, 1]]
    assert plots.confused_pairs(matrix, ["a", "b", "c"], most=3) == [
        ("b", "c", 5, 0.05),
        ("a", "b", 2, 0.2),
        ("c", "b", 2, 0.5),
    ]
    assert len(plots.confused_pairs(matrix, ["a", "b", "c"], most=99)) == 4
    assert plots.confused_pairs(np.eye(3, dtype=int), ["a", "b", "c"]) == []
    with pytest.raises(ShapeError, match=r"3 rows.*2 were given"):
        plots.confused_pairs(matrix, ["a", "b"])


def test_a_deep_network_shows_some_of_its_layers_and_says_so():
    maps = {f"conv {i}": np.zeros((4, 4, 16)) for i in range(18)}
    figure = plots.feature_maps(maps, PICTURES[0])
    assert "7 of 18 layers" in words(figure)
    assert {"conv 0", "conv 17"} < set(words(figure))
    assert len(figure.axes) == 1 + 7 * 8
    assert figure.get_figheight() < 9
    few = plots.feature_maps({"conv": np.zeros((4, 4, 16))}, PICTURES[0])
    assert not any("layers" in text for text in words(few))


def test_layers_are_chosen_evenly_with_both_ends():
    assert evenly(list("abcdefghi"), 5) == list("acegi")
    assert evenly(list("ab"), 5) == list("ab")
    assert evenly([], 5) == []
