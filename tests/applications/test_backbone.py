"""LeNet-5, AlexNet and VGG: sizes as published, parts that can be used apart, files."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import VGG16, VGG19, AlexNet, ArgumentError, LeNet5, ShapeError
from lampas.applications import ImageNetPreprocessing
from lampas.core.build import infer_shapes

pytestmark = pytest.mark.long  # nearly all of it is compilation

BYTES = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)


def sizes(net: lp.Model) -> tuple[int, tuple[int, ...]]:
    """Number of parameters and shape of the output, found on shapes alone."""
    shape = []
    plan = infer_shapes([net], lambda: shape.append(net(jnp.zeros((1, *net.example_shape))).shape))
    return sum(int(np.prod(item.shape)) for item in plan.pending), shape[0]


@pytest.mark.parametrize(
    ("make", "parameters"),
    [(LeNet5, 61_706), (AlexNet, 61_100_840), (VGG16, 138_357_544), (VGG19, 143_667_240)],
)
def test_the_number_of_parameters_is_the_published_one(make, parameters) -> None:
    net = make()
    assert sizes(net) == (parameters, (1, 10 if make is LeNet5 else 1000))


@pytest.mark.parametrize(
    ("net", "parameters", "output"),
    [
        (VGG16(include_top=False), 14_714_688, (1, 7, 7, 512)),
        (VGG16(include_top=False, input_shape=(100, 40, 3)), 14_714_688, (1, 3, 1, 512)),
        (AlexNet(include_top=False), 2_469_696, (1, 6, 6, 256)),
        (LeNet5(include_top=False), 156 + 2416, (1, 5, 5, 16)),
        (LeNet5(input_shape=(8, 8, 1)), 61_706, (1, 10)),
        (LeNet5(5, (32, 32, 3)), 61_706 + 2 * 25 * 6 - 5 * 85, (1, 5)),
    ],
)  # fmt: skip
def test_features_alone_and_other_images(net, parameters, output) -> None:
    assert sizes(net) == (parameters, output)


def test_width_multiplies_filters_and_units() -> None:
    net = AlexNet(7, (63, 63, 3), width=0.125)
    layers = [*net.features.layers, *net.head.layers]
    assert [x.filters for x in layers if isinstance(x, lp.Conv2D)] == [8, 24, 48, 32, 32]
    assert [x.units for x in layers if isinstance(x, lp.Dense)] == [512, 512, 7]


def test_filters_never_fall_to_none() -> None:
    net = VGG16(3, (32, 32, 3), width=0.001)
    assert {x.filters for x in net.features.layers if isinstance(x, lp.Conv2D)} == {1}


@pytest.mark.parametrize("width", [0, -1.0, float("inf"), float("nan")])
def test_a_width_that_leaves_nothing_is_an_error(width) -> None:
    with pytest.raises(ArgumentError, match=r"width must be .*above 0"):
        VGG16(width=width)


@pytest.mark.parametrize(("make", "smallest"), [(AlexNet, 63), (VGG16, 32), (VGG19, 32)])
def test_the_smallest_image_works_and_a_smaller_one_is_reported(make, smallest) -> None:
    net = make(2, (smallest, smallest, 3), width=0.01)
    assert sizes(net)[1] == (1, 2)
    with pytest.raises(ShapeError) as caught:
        make(2, (smallest, smallest - 1, 3))
    assert str(caught.value) == (
        f"{make.__name__} reduces the size of its feature maps and needs images of at least "
        f"{smallest}x{smallest} pixels, got input_shape=({smallest}, {smallest - 1}, 3). Enlarge "
        "them: lampas.data.images(path, size=96)."
    )


@pytest.mark.parametrize("shape", [(28, 28), (28, 0, 1), (1, 28, 28, 1)])
def test_an_input_that_is_not_an_image_is_reported(shape) -> None:
    with pytest.raises(ShapeError, match=r"LeNet5 takes images, input_shape=\(height, width, ch"):
        LeNet5(input_shape=shape)


def test_bytes_are_standardized_as_imagenet_is() -> None:
    layer = ImageNetPreprocessing()
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(layer(BYTES), (BYTES / 255 - mean) / deviation, atol=1e-5)


def test_images_without_colour_get_the_mean_over_the_colours() -> None:
    net = VGG16(2, (32, 32, 1), width=0.01)
    x = BYTES[:1, :32, :32, :1]
    seen = net.features.layers[0](x)
    np.testing.assert_allclose(seen, (x / 255 - 0.449) / 0.226, atol=1e-4)


def test_standardization_refuses_what_does_not_fit() -> None:
    with pytest.raises(
        ShapeError, match=r"standardizes images with 3 channels, got 1\. Pass a mean"
    ):
        ImageNetPreprocessing()(BYTES[..., :1])
    with pytest.raises(ArgumentError, match="same length and std must be positive"):
        ImageNetPreprocessing((0.5,), (0.0,))


def test_preprocessing_can_be_left_to_the_user() -> None:
    def features(x: np.ndarray, **options) -> np.ndarray:
        lp.set_seed(0)
        net = AlexNet(include_top=False, input_shape=(64, 64, 3), width=0.02, **options)
        return net.predict(x)

    standardized = np.asarray(ImageNetPreprocessing()(BYTES))
    seen = features(BYTES)
    assert seen.std() > 0
    expected = features(standardized, include_preprocessing=False)
    np.testing.assert_allclose(seen, expected, rtol=1e-4, atol=1e-5)


def test_lenet_frames_small_digits_with_paper() -> None:
    net = LeNet5(input_shape=(28, 26, 1))
    frame, preprocessing = net.features.layers[:2]
    seen = np.array(preprocessing(frame(np.full((1, 28, 26, 1), 255, np.uint8))))[0, ..., 0]
    assert seen.shape == (32, 32)
    np.testing.assert_allclose(seen[2:30, 3:29], 1.175, atol=1e-6)
    seen[2:30, 3:29] = -0.1
    np.testing.assert_allclose(seen, -0.1, atol=1e-6)


def test_response_normalization_of_2012_stands_between_convolution_and_pooling() -> None:
    net = AlexNet(2, (63, 63, 3), width=0.02, local_response_norm=True)
    names = [layer.name for layer in net.features.layers]
    assert names[2:8] == ["conv1", "norm1", "pool1", "conv2", "norm2", "pool2"]
    plain = [layer.name for layer in AlexNet().features.layers]
    assert [name for name in names if not name.startswith("norm")] == plain


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (AlexNet, "flatten dropout6 fc6 dropout7 fc7 fc8"),
        (VGG16, "flatten fc1 dropout1 fc2 dropout2 predictions"),
    ],
)
def test_dropout_is_where_the_authors_have_it(make, names) -> None:
    head = make(dropout=0.3).head.layers
    assert [layer.name for layer in head] == names.split()
    assert {layer.rate for layer in head if isinstance(layer, lp.Dropout)} == {0.3}


def test_nothing_is_drawn_before_the_first_look() -> None:
    net = VGG16()
    assert all(getattr(part, "built_for", None) is None for _, part in net.modules())


@pytest.mark.parametrize(
    "net",
    [
        LeNet5(3, width=0.5),
        pytest.param(
            AlexNet(2, (63, 63, 3), width=0.02, local_response_norm=True, dropout=0.1),
            marks=pytest.mark.long,
        ),
        pytest.param(
            VGG16(include_top=False, width=0.02, input_shape=(32, 32, 3)), marks=pytest.mark.long
        ),
    ],
    ids=lambda net: type(net).__name__,
)
def test_a_network_comes_back_from_its_file(net, tmp_path) -> None:
    net.save(tmp_path / "net.safetensors")
    again = lp.load(tmp_path / "net.safetensors")
    assert type(again) is type(net)
    assert repr(again) == repr(type(net)(**again.init_arguments[1]))
    assert list(again.variables()) == list(net.variables())
    x = BYTES[:, : net.example_shape[0], : net.example_shape[1], : net.example_shape[2]]
    np.testing.assert_allclose(again.predict(x), net.predict(x), rtol=1e-6)


def test_a_frozen_base_with_a_new_head_learns_the_head_alone(tmp_path) -> None:
    lp.set_seed(0)
    base = AlexNet(include_top=False, width=0.02, input_shape=(64, 64, 3))
    base.freeze()
    model = lp.Sequential([base, lp.GlobalAveragePool2D(), lp.Dense(2, "softmax")])
    before = {path: v.numpy() for path, v in model.variables().items()}
    model.compile("adam", "sparse_categorical_crossentropy")
    x = BYTES
    model.fit(x, np.array([0, 1]), epochs=2, verbose=0)
    moved = {p for p, v in model.variables().items() if (v.numpy() != before[p]).any()}
    assert moved == {"dense_1/kernel", "dense_1/bias"}
    model.save(tmp_path / "model.safetensors")
    again = lp.load(tmp_path / "model.safetensors")
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-6)
    assert set(again.parameters()) == moved


def test_features_can_be_taken_into_another_model(tmp_path) -> None:
    net = LeNet5(4, (32, 32, 3))
    model = lp.Sequential([net.features, lp.Flatten(), lp.Dense(2)])
    x = BYTES[:, :32, :32]
    model.predict(x)
    model.save(tmp_path / "model.safetensors")
    np.testing.assert_allclose(
        lp.load(tmp_path / "model.safetensors").predict(x), model.predict(x), rtol=1e-6
    )


def test_the_summary_shows_features_and_head() -> None:
    summary = LeNet5().summary_table()
    assert [row.name for row in summary.rows if row.parameters] == [
        "c1", "c3", "c5", "f6", "output",
    ]  # fmt: skip
    assert summary.parameters == 61_706
