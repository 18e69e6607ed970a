from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import Conv2D, Dense, Sequential


def test_3x3_filter_over_6x6x3_takes_432_multiplications() -> None:
    table = Sequential([Conv2D(1, 3, input_shape=(6, 6, 3))]).summary_table()
    assert table.multiplications == 432
    assert table.parameters == 28
    assert table.rows[0].output == "(*, 4, 4, 1)"


@pytest.mark.parametrize(
    ("layer", "shape", "parameters", "multiplications"),
    [
        (Dense(4), (3,), 16, 12),
        (Dense(4, use_bias=False), (5, 3), 12, 60),
        (Conv2D(6, 3, strides=2, padding="same", groups=2), (7, 5, 4), 114, 12 * 108),
        (lampas.Conv1D(2, 3, dilation_rate=2), (9, 4), 26, 5 * 24),
        (lampas.Embedding(10, 3), (4,), 30, 0),
        (lampas.LayerNormalization(), (4,), 8, 0),
        (lampas.MaxPool2D(), (4, 4, 2), 0, 0),
        (lampas.Dropout(0.5), (4,), 0, 0),
    ],
    ids=lambda value: repr(value),
)
def test_layer_is_counted(layer, shape, parameters: int, multiplications: int) -> None:
    table = Sequential([layer]).summary_table(shape)
    assert (table.parameters, table.multiplications) == (parameters, multiplications)
    assert table.bytes == 4 * parameters


def test_running_statistics_are_counted_apart() -> None:
    table = Sequential([lampas.BatchNormalization(input_shape=(5,))]).summary_table()
    assert (table.parameters, table.states, table.bytes) == (10, 10, 80)
    assert str(table).splitlines()[-2:] == ["Trained: 10", "Not trained: 10"]


def test_totals_are_the_sums_of_the_rows_and_of_the_variables() -> None:
    model = Sequential([
        Conv2D(4, 3, input_shape=(8, 8, 1)), lampas.BatchNormalization(), lampas.MaxPool2D(),
        lampas.Flatten(), Dense(3),
    ])  # fmt: skip
    table = model.summary_table()
    assert [row.path for row in table.rows] == [
        "conv2d_1", "batch_normalization_1", "max_pool2d_1", "flatten_1", "dense_1",
    ]  # fmt: skip
    assert table.parameters == sum(p.size for p in model.parameters().values())
    assert table.states == sum(s.size for s in model.state_variables().values())


class Twins(lampas.Model):
    """One layer used twice, a parameter of its own, and a chain inside."""

    def __init__(self) -> None:
        self.shared = Dense(3)
        self.head = Sequential([Dense(2)])
        self.scale = lampas.Parameter(jnp.ones(2))

    def forward(self, x):
        return self.head(self.shared(self.shared(x))) * self.scale.value


@pytest.mark.long
def test_shared_layer_has_one_row_and_multiplies_each_time() -> None:
    table = Twins().summary_table((3,))
    assert [row.label for row in table.rows] == [
        "shared (Dense ×2)", "head (Sequential)", "Twins (Twins)",
    ]  # fmt: skip
    assert [row.parameters for row in table.rows] == [12, 8, 2]
    assert [row.multiplications for row in table.rows] == [18, 6, 0]
    assert table.parameters == sum(p.size for p in Twins.parameters(_built()).values())


def _built() -> Twins:
    model = Twins()
    model(np.ones((1, 3)))
    return model


def test_model_that_was_called_keeps_its_weights() -> None:
    model = _built()
    before = model.get_weights()
    model.summary_table((3,))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_printed_table_names_every_layer_and_the_total() -> None:
    text = str(Sequential([Dense(1000, input_shape=(20,)), Dense(1, name="out")]).summary_table())
    for word in ("Sequential", "dense_1", "out", "(*, 1000)", "21,000", "22,001", "85.9 KB"):
        assert word in text


def test_summary_prints_the_table(capsys) -> None:
    model = Sequential([Dense(2, input_shape=(3,))])
    assert model.summary() is None
    assert capsys.readouterr().out == f"{model.summary_table()}\n"


def test_print_fn_takes_the_text(capsys) -> None:
    lines: list[str] = []
    model = Sequential([Dense(2, input_shape=(3,))])
    model.summary(print_fn=lines.append)
    assert lines == [str(model.summary_table())]
    assert capsys.readouterr().out == ""


def printed(model: lampas.Model, *args, **options) -> str:
    lines: list[str] = []
    model.summary(*args, print_fn=lines.append, **options)
    return "\n".join(lines)


def test_model_of_unknown_shape_is_listed_and_says_how_to_build_it() -> None:
    text = printed(Sequential([Dense(2), lampas.Dropout(0.5), Dense(1)]))
    assert text.count("?") == 9
    assert "dense_2 (Dense)" in text
    assert "model.summary((28, 28, 1))" in text.splitlines()[-1]


def test_parts_of_known_size_have_it_where_the_shape_is_not_known() -> None:
    table = Sequential([Dense(2), build_head()]).summary_table()
    assert [row.parameters for row in table.rows] == [None, 3]


def build_head() -> Sequential:
    head = Sequential([Dense(1)])
    head.build((2,))
    return head


class TwoInputs(lampas.Model):
    """A sum of two layers' outputs, from a dict of inputs or a pair."""

    def __init__(self) -> None:
        self.left, self.right = Dense(2), Dense(2)

    def forward(self, inputs):
        left, right = inputs.values() if isinstance(inputs, dict) else inputs
        return self.left(left) + self.right(right)


@pytest.mark.parametrize(
    "shapes", [{"a": (3,), "b": (None, 4)}, [(3,), (4,)], ((None, 3), (None, 4))]
)
def test_shapes_of_several_inputs(shapes) -> None:
    table = TwoInputs().summary_table(shapes)
    assert [row.parameters for row in table.rows] == [8, 10]
    assert [row.output for row in table.rows] == ["(*, 2)", "(*, 2)"]


@pytest.mark.long
def test_model_of_several_inputs_that_was_called_needs_no_shapes() -> None:
    model = TwoInputs()
    model({"a": np.ones((5, 3)), "b": np.ones((5, 4))})
    assert [row.multiplications for row in model.summary_table().rows] == [6, 8]


def test_model_that_was_called_needs_no_shape() -> None:
    assert _built().summary_table().rows[0].output == "(*, 3)"


def test_nested_models_are_one_row_unless_expanded() -> None:
    model = Sequential([Sequential([Dense(2), Dense(3)]), Dense(1)])
    assert "(*, 3)" in printed(model, (4,))
    assert "dense_2" not in printed(model)
    lines = printed(model, expand_nested=True).splitlines()
    names = [line.split("│")[1].rstrip() for line in lines if line.startswith("│")]
    assert names == [" sequential_1 (Sequential)", "   dense_1 (Dense)", "   dense_2 (Dense)",
                     " dense_1 (Dense)"]  # fmt: skip


def test_trained_layers_are_shown() -> None:
    model = Sequential([
        Dense(2, input_shape=(3,)), lampas.BatchNormalization(), lampas.Dropout(0.5), Dense(1),
    ])  # fmt: skip
    model.layers[0].freeze()
    assert [row.trained for row in model.summary_table().rows] == ["no", "partly", "-", "yes"]
    assert "trained │" not in printed(model)
    assert "partly" in printed(model, show_trainable=True)
    assert "Trained: 7\nNot trained: 12" in printed(model)


@pytest.mark.parametrize(
    ("layer_range", "names"),
    [
        (["in", "b"], ["input", "a", "b"]),
        (["b", "a"], ["a", "b"]),
        (["[ab]", "[ab]"], ["a", "b"]),
        (["c", "c"], ["c"]),
    ],
)
def test_range_of_layers(layer_range, names) -> None:
    layers = [lampas.Input((2,), name="input"), *(Dense(2, name=name) for name in "abc")]
    text = printed(Sequential(layers), layer_range=layer_range)
    assert [name for name in ["input", *"abc"] if f" {name} (" in text] == names


@pytest.mark.parametrize(
    ("layer_range", "message"),
    [
        (["a", "z"], r"no layer is named 'z'. The layers are a, b"),
        ("a", r'first and the last layer, \["a", "b"\] for example; got \'a\''),
    ],
)
def test_range_that_is_none_says_what_to_write(layer_range, message) -> None:
    model = Sequential([Dense(2, name="a", input_shape=(2,)), Dense(2, name="b")])
    with pytest.raises(lampas.ArgumentError, match=message):
        model.summary(layer_range=layer_range)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (784, r"such as \(28, 28, 1\), or a list or dict of shapes; got 784"),
        ((2.5,), r"input_shape=\(2.5,\): each size is an integer, or None"),
    ],
)
def test_what_is_no_shape_says_what_to_write(shape, message) -> None:
    with pytest.raises(lampas.ArgumentError, match=message):
        Sequential([Dense(2)]).summary(shape)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_line_length(width: int) -> None:
    text = printed(Sequential([Dense(2, input_shape=(3,))]), line_length=width)
    assert max(map(len, text.splitlines()[:-3])) <= width


def test_multiplications_give_their_space_to_long_names() -> None:
    model = Sequential(
        [Dense(2, input_shape=(3,), name="a_name_of_forty_characters_and_not_fewer")]
    )
    assert "multiplications ┃" in printed(model, line_length=100)
    narrow = printed(model, line_length=80)
    assert "multiplications ┃" not in narrow
    assert "a_name_of_forty_characters_and_not_fewer (Dense)" in narrow


def test_positions_set_the_columns() -> None:
    model = Sequential([Dense(2, input_shape=(3,))])
    for positions in ([0.4, 0.6, 0.8, 1.0], [32, 48, 64, 80]):
        line = printed(model, line_length=80, positions=positions).splitlines()[1]
        assert [i + 1 for i, c in enumerate(line) if c in "┳┓"] == [33, 49, 65, 80]


def test_html_has_the_cells_and_escapes_them() -> None:
    model = Sequential([Dense(2, input_shape=(3,), name="<b>")])
    page = model.summary_table()._repr_html_()
    assert "&lt;b&gt; (Dense)" in page
    assert "<b>" not in page
    for word in ("(*, 2)", ">8<", "Total: 8 parameters (32 B), 6 multiplications per example"):
        assert word in page


def test_optimizer_is_counted_once_it_has_a_state() -> None:
    model = Sequential([Dense(2, input_shape=(3,))])
    model.compile(lampas.SGD(0.1, momentum=0.9), "mse")
    assert "Optimizer" not in printed(model)
    model.fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    assert model.summary_table().optimizer_values >= 8
    assert "Optimizer: " in printed(model)


@pytest.mark.long
def test_values_of_stateful_layers_stay() -> None:
    model = Sequential([lampas.SimpleRNN(2, stateful=True, batch_size=4)])
    model(np.ones((4, 5, 3)))
    before = model.get_weights()
    model.summary_table()
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_count_params() -> None:
    model = Sequential([Dense(2, input_shape=(3,)), lampas.BatchNormalization()])
    assert model.count_params() == 16
    assert [layer.count_params() for layer in model.layers] == [8, 8]


def test_unbuilt_layer_has_no_count() -> None:
    with pytest.raises(lampas.NotBuiltError, match=r"dense has no weights yet.* Input\(shape\)"):
        Dense(2).count_params()


def branches() -> lampas.Model:
    """Two inputs, a layer that is called twice, arithmetic, a model inside, two outputs."""
    text, series = lampas.Input((4,), name="text"), lampas.Input((None, 3), name="series")
    shared = Dense(4, name="shared")
    total = shared(text) + shared(
        lampas.GlobalAveragePool1D(name="pool")(Dense(4, name="map")(series))
    )
    head = Sequential([Dense(3), Dense(2)], name="head")
    outputs = {"kind": head(total), "count": Dense(1)(total)}
    return lampas.Model([text, series], outputs, name="net")


def test_graph_with_branches_shows_what_layers_are_connected_to() -> None:
    table = branches().summary_table()
    assert table.name == "net (Model)"
    assert {row.label: row.inputs for row in table.rows} == {
        "text (InputLayer)": (),
        "series (InputLayer)": (),
        "map (Dense)": ("series",),
        "pool (GlobalAveragePool1D)": ("map",),
        "shared (Dense ×2)": ("text", "pool"),
        "add_1 (Operation)": ("shared", "shared"),
        "head (Sequential)": ("add_1",),
        "dense_3 (Dense)": ("add_1",),
    }
    assert [row.parameters for row in table.rows] == [0, 0, 20, 16, 0, 0, 23, 5]
    assert "text, pool" not in str(table)


def test_sizes_that_vary_are_unknown() -> None:
    table = branches().summary_table()
    rows = {row.name: row for row in table.rows}
    assert (rows["series"].output, rows["map"].output) == ("(*, *, 3)", "(*, *, 4)")
    assert (rows["pool"].output, rows["pool"].multiplications) == ("(*, 4)", 0)
    assert (rows["map"].multiplications, table.multiplications) == (None, None)


def test_chain_of_a_graph_needs_no_connections() -> None:
    inputs = lampas.Input((4,))
    model = lampas.Model(inputs, Dense(2)(Dense(3)(inputs)))
    assert "connected to" not in str(model.summary_table())


def test_one_of_several_outputs_of_a_layer_is_numbered() -> None:
    inputs = lampas.Input((4, 3))
    _, state = lampas.SimpleRNN(2, return_state=True, name="rnn")(inputs)
    model = lampas.Model(inputs, Dense(1)(state))
    assert model.summary_table().rows[-1].inputs == ("rnn[1]",)
    assert model.summary_table().rows[1].output == "(*, 2), (*, 2)"


def test_shape_of_steps_that_vary() -> None:
    table = Sequential([lampas.SimpleRNN(2, return_sequences=True)]).summary_table((None, None, 3))
    assert table.rows[0].output == "(*, *, 2)"


class Adversaries(lampas.Model):
    """Calls one of its two networks."""

    def __init__(self) -> None:
        self.generator = Sequential([lampas.Input((2,)), Dense(3)])
        self.discriminator = Sequential([lampas.Input((3,)), Dense(1)])

    def forward(self, x):
        return self.generator(x)


@pytest.mark.parametrize("is_called", [False, True])
def test_part_that_is_not_called_is_listed(is_called: bool) -> None:
    model = Adversaries()
    if is_called:
        model(np.ones((1, 2)))
    table = model.summary_table()
    assert [(row.name, row.output, row.size) for row in table.rows] == [
        ("generator", "(*, 3)", "9"), ("discriminator", "(*, 1)", "4"),
    ]  # fmt: skip
    assert "Total: 13 parameters (52 B), 9 multiplications per example" in str(table)


def test_loaded_model_of_several_inputs_has_totals_and_says_what_is_unknown(tmp_path) -> None:
    model = TwoInputs()
    model([np.ones((1, 3)), np.ones((1, 4))])
    model.save(tmp_path / "model")
    lines = str(lampas.load(tmp_path / "model", TwoInputs).summary_table()).splitlines()
    assert lines[-4].startswith("Total: 18 parameters (72 B), ? multiplications")
    assert lines[-1].startswith("The sizes depend on the input")
