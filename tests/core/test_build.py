"""How variables are created."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp


def weights(model):
    return {path: variable.numpy() for path, variable in model.variables().items()}


def assert_same(a, b):
    assert a.keys() == b.keys()
    for path in a:
        np.testing.assert_array_equal(a[path], b[path], err_msg=path)


class Net(lp.Model):
    def __init__(self, backwards: bool = False) -> None:
        self.backwards = backwards
        self.first = lp.Dense(3)
        self.second = lp.Dense(3)

    def forward(self, x):
        if self.backwards:
            return self.second(x) - self.first(x)
        return self.first(x) - self.second(x)


def built(model):
    lp.set_seed(5)
    model.build((4,))
    return weights(model)


def test_weights_depend_on_the_path_and_not_on_the_order_of_building():
    assert_same(built(Net()), built(Net(backwards=True)))


@pytest.mark.long
def test_a_call_build_predict_and_fit_make_the_same_weights():
    x = np.ones((2, 4), np.float32)
    expected = built(Net())

    lp.set_seed(5)
    called = Net()
    called(x)
    assert_same(weights(called), expected)

    lp.set_seed(5)
    predicted = Net()
    predicted.predict(x)
    assert_same(weights(predicted), expected)


def test_a_sequential_has_its_weights_from_the_first_look():
    lp.set_seed(5)
    looked = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    expected = weights(looked)
    assert_same(built(lp.Sequential([lp.Dense(3)])), expected)


def test_layers_of_the_same_shape_get_different_weights():
    made = built(Net())
    assert not np.array_equal(made["first/kernel"], made["second/kernel"])


def test_a_weight_does_not_depend_on_others_of_its_shape():
    def weights(layers):
        lp.set_seed(0)
        return lp.Sequential([lp.Input((3,)), *(lp.Dense(3) for _ in range(layers))]).get_weights()

    alone, together = weights(1), weights(3)
    np.testing.assert_array_equal(alone[0], together[0])
    table = np.arange(9.0).reshape(3, 3)
    layers = [lp.Dense(3, kernel_initializer=lp.initializers.Constant(k * table)) for k in (1, 2)]
    model = lp.Sequential([lp.Input((3,)), *layers])
    np.testing.assert_array_equal(model.get_weights()[2], 2 * table)


def test_another_seed_gives_other_weights():
    expected = built(Net())
    lp.set_seed(6)
    other = Net()
    other.build((4,))
    assert not np.array_equal(weights(other)["first/kernel"], expected["first/kernel"])


def test_the_second_model_after_a_seed_differs_from_the_first():
    lp.set_seed(5)
    one, two = Net(), Net()
    one.build((4,))
    two.build((4,))
    assert not np.array_equal(weights(one)["first/kernel"], weights(two)["first/kernel"])


def test_building_again_changes_nothing():
    model = Net()
    before = built(model)
    model.build((4,))
    assert_same(weights(model), before)


def test_a_part_that_is_built_keeps_its_weights_inside_a_larger_model():
    part = Net()
    before = built(part)
    whole = lp.Sequential([part, lp.Dense(1)])
    whole.build((4,))
    assert_same(weights(part), before)
    assert set(weights(whole)) > {"net_1/first/kernel", "dense_1/kernel"}


def test_no_initial_value_is_drawn_before_all_shapes_are_known():
    drawn = []

    def initializer(key, shape, dtype=jnp.float32):
        drawn.append(shape)
        return jnp.ones(shape, dtype)

    class Watch(lp.Layer):
        def forward(self, x):
            assert isinstance(x, jax.core.Tracer)
            assert not drawn
            return x

    model = lp.Sequential([lp.Dense(3, kernel_initializer=initializer), Watch(), lp.Dense(2)])
    model.build((4,))
    assert drawn == [(4, 3)]
    assert not any(isinstance(v.value, jax.core.Tracer) for v in model.variables().values())


def test_build_takes_the_shape_with_or_without_an_open_batch_axis():
    model = Net()
    model.build((None, 4))
    assert model.example_shape == (4,)
    assert model.first.kernel.shape == (4, 3)


def test_a_build_that_fails_leaves_a_model_that_can_still_be_built():
    model = lp.Sequential([lp.Dense(3), lp.Reshape((2, 2)), lp.Flatten()])
    with pytest.raises(lp.ShapeError):
        model.build((4,))
    model.layers[1] = lp.Reshape((3, 1))
    assert model.predict(np.ones((2, 4), np.float32)).shape == (2, 3)


def test_a_model_fed_too_small_an_image_first_takes_a_larger_one_after():
    model = lp.Sequential([lp.Conv2D(2, 3), lp.MaxPool2D(3), lp.Flatten(), lp.Dense(2)])
    with pytest.raises(lp.ShapeError):
        model.predict(np.ones((2, 4, 4, 1), np.float32))
    assert model.predict(np.ones((2, 8, 8, 1), np.float32)).shape == (2, 2)


def test_building_inside_a_compiled_function_gives_real_arrays():
    model = Net()

    @jax.jit
    def run(x):
        return model(x)

    run(np.ones((2, 4), np.float32))
    assert not any(isinstance(v.value, jax.core.Tracer) for v in model.variables().values())


def test_a_layer_is_fixed_to_the_features_it_was_built_for():
    model = Net()
    model.build((4,))
    with pytest.raises(lp.ShapeError, match=r"4 in the last axis.*\(2, 5\)"):
        model(np.ones((2, 5), np.float32))


def test_models_say_whether_they_are_built():
    model = lp.Sequential([lp.Dense(2)])
    assert not model.built
    model.built = True
    assert not model.built
    model.build((None, 3))
    assert model.built
    assert (float(lp.State(jnp.float32(1.5))), int(lp.State(jnp.int32(2)))) == (1.5, 2)
