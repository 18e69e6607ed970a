"""Mode, randomness and paths of a forward pass."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

X = np.ones((4, 8), np.float32)


class Key(lp.Module):
    """Returns the raw data of the keys that it is given."""

    def __init__(self, draws: int = 1) -> None:
        self.draws = draws

    def forward(self):
        return [tuple(np.asarray(jax.random.key_data(lp.random_key()))) for _ in range(self.draws)]


class Keys(lp.Module):
    def __init__(self, *before: lp.Module) -> None:
        self.before = before
        self.a = Key()
        self.b = Key()

    def forward(self):
        for part in self.before:
            part()
        return [*self.a(), *self.b()]


def keys(module, seed=0):
    with lp.forward_pass(training=True, key=jax.random.key(seed)):
        return module()


def test_the_same_key_and_path_give_the_same_random_key():
    assert keys(Keys()) == keys(Keys())


def test_two_layers_get_different_keys():
    first, second = keys(Keys())
    assert first != second


def test_two_draws_of_one_layer_differ():
    first, second = keys(Key(draws=2))
    assert first != second


def test_another_pass_key_gives_other_keys():
    assert set(keys(Keys(), 0)).isdisjoint(keys(Keys(), 1))


def test_a_key_does_not_depend_on_what_ran_before():
    assert keys(Keys(Key(draws=3))) == keys(Keys())


def test_a_layer_called_twice_in_a_pass_draws_again():
    module = Key()
    with lp.forward_pass(key=jax.random.key(0)):
        assert module() != module()


def test_dropouts_of_one_model_drop_different_elements():
    class Two(lp.Module):
        def __init__(self) -> None:
            self.a, self.b = lp.Dropout(0.5), lp.Dropout(0.5)

        def forward(self, x):
            return self.a(x), self.b(x)

    with lp.forward_pass(training=True, key=jax.random.key(0)):
        a, b = Two()(np.ones((8, 8), np.float32))
    assert not np.array_equal(a, b)


def test_outside_a_pass_nothing_trains():
    assert not lp.is_training()
    np.testing.assert_array_equal(lp.Dropout(0.5)(X), X)


def test_a_pass_is_closed_again_also_by_an_error():
    with pytest.raises(lp.LampasError), lp.forward_pass(training=True):
        lp.random_key()
    assert not lp.is_training()


def test_passes_nest():
    with lp.forward_pass(training=True):
        with lp.forward_pass():
            assert not lp.is_training()
        assert lp.is_training()


def test_a_pass_of_one_thread_is_unknown_to_another():
    seen = []
    with lp.forward_pass(training=True):
        thread = threading.Thread(target=lambda: seen.append(lp.is_training()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_randomness_without_a_key_is_an_error_that_shows_what_to_write():
    with (
        pytest.raises(lp.LampasError, match=r"dropout_1 \(Dropout\).*forward_pass"),
        lp.forward_pass(training=True),
    ):
        lp.Sequential([lp.Dropout(0.5)])(X)


def test_an_observer_is_called_for_each_module_with_its_path_inputs_and_output():
    seen = []

    def observe(module, path, inputs, output):
        seen.append((type(module).__name__, path, inputs[0].shape, output.shape))

    model = lp.Sequential([lp.Dense(3), lp.Sequential([lp.Flatten()])])
    with lp.forward_pass(observe=observe):
        model(X)
    assert seen == [
        ("Dense", "dense_1", (4, 8), (4, 3)),
        ("Flatten", "sequential_1/flatten_1", (4, 3), (4, 3)),
        ("Sequential", "sequential_1", (4, 3), (4, 3)),
        ("Sequential", "", (4, 8), (4, 3)),
    ]


def test_set_seed_restarts_all_randomness():
    def some_weights():
        model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        return model.get_weights()[0]

    lp.set_seed(3)
    first, second = some_weights(), some_weights()
    lp.set_seed(3)
    np.testing.assert_array_equal(some_weights(), first)
    np.testing.assert_array_equal(some_weights(), second)


class Broken(lp.Layer):
    def forward(self, x):
        return jnp.zeros((2, 3)) @ jnp.zeros((4, 5))


def test_a_foreign_error_gets_a_note_with_the_innermost_path_and_the_shapes():
    model = lp.Sequential([lp.Flatten(), lp.Sequential([Broken()])])
    with pytest.raises(TypeError) as caught:
        model(X)
    notes = [note for note in caught.value.__notes__ if note.startswith("In layer")]
    assert notes == ["In layer sequential_1/broken_1 (Broken), called with float32(4, 8)."]


def test_an_error_of_lampas_begins_with_the_innermost_path_once():
    model = lp.Sequential([lp.Sequential([lp.Dense(3), lp.Conv2D(2, 3)])])
    with pytest.raises(lp.ShapeError) as caught:
        model(X)
    message = str(caught.value)
    assert message.startswith("sequential_1/conv2d_1 (Conv2D): expects 4 axes")
    assert message.endswith(" Input: float32(4, 3).")
    assert message.count("Conv2D)") == 1
    assert not any("In layer" in note for note in getattr(caught.value, "__notes__", ()))


def test_errors_in_a_dry_run_name_the_layer_too():
    model = lp.Sequential([lp.Flatten(), Broken()])
    with pytest.raises(TypeError) as caught:
        model.build((8,))
    assert any("broken_1 (Broken)" in note for note in caught.value.__notes__)


def test_an_error_of_a_model_of_ones_own_names_its_attribute():
    class Net(lp.Model):
        def __init__(self) -> None:
            self.encoder = lp.Dense(3)

        def forward(self, x):
            return self.encoder(x)

    net = Net()
    net(X)
    with pytest.raises(lp.ShapeError, match=r"^encoder \(Dense\): .*\(4, 7\)"):
        net(X[:, :7])


def test_a_module_without_forward_says_what_is_missing():
    class Empty(lp.Module):
        pass

    with pytest.raises(lp.LampasError, match=r"Empty has no `forward\(self, x\)` method"):
        Empty()(X)
