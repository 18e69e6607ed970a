"""Where a module finds its variables, and under which path."""

import jax.numpy as jnp

import lampas as lp


def parameter() -> lp.Parameter:
    return lp.Parameter(jnp.zeros(2))


class Leaf(lp.Module):
    def __init__(self) -> None:
        self.kernel = parameter()
        self.count = lp.State(jnp.zeros(()))


class Tree(lp.Module):
    def __init__(self) -> None:
        self.width = 3
        self.stem = Leaf()
        self.blocks = [Leaf(), Leaf()]
        self.pair = (parameter(), "no variable")
        self.heads = {"left": Leaf(), "right": [parameter()]}


def test_attributes_lists_tuples_and_dicts_give_paths():
    assert list(Tree().variables()) == [
        "stem/kernel",
        "stem/count",
        "blocks/0/kernel",
        "blocks/0/count",
        "blocks/1/kernel",
        "blocks/1/count",
        "pair/0",
        "heads/left/kernel",
        "heads/left/count",
        "heads/right/0",
    ]


def test_each_path_leads_to_its_variable():
    tree = Tree()
    found = tree.variables()
    assert found["stem/kernel"] is tree.stem.kernel
    assert found["blocks/1/count"] is tree.blocks[1].count
    assert found["heads/right/0"] is tree.heads["right"][0]


def test_parameters_and_states_share_out_the_variables():
    tree = Tree()
    parameters, states = tree.parameters(), tree.state_variables()
    assert set(parameters) | set(states) == set(tree.variables())
    assert set(states) == {"stem/count", "blocks/0/count", "blocks/1/count", "heads/left/count"}


def test_modules_begin_with_the_module_itself():
    tree = Tree()
    found = dict(tree.modules())
    assert list(found) == ["", "stem", "blocks/0", "blocks/1", "heads/left"]
    assert found[""] is tree


def test_a_shared_module_is_found_once_under_its_first_path():
    class Twice(lp.Module):
        def __init__(self) -> None:
            self.a = Leaf()
            self.b = self.a
            self.all = [self.a]

    assert list(Twice().variables()) == ["a/kernel", "a/count"]


def test_a_shared_variable_is_found_once():
    class Tied(lp.Module):
        def __init__(self) -> None:
            self.a = Leaf()
            self.b = Leaf()
            self.b.kernel = self.a.kernel

    assert list(Tied().parameters()) == ["a/kernel"]


def test_modules_that_know_each_other_are_no_endless_walk():
    class Child(Leaf):
        def __init__(self, parent: lp.Module) -> None:
            super().__init__()
            self.parent = parent

    class Parent(lp.Module):
        def __init__(self) -> None:
            self.child = Child(self)

    assert list(Parent().variables()) == ["child/kernel", "child/count"]


def test_arguments_of_the_constructor_are_not_parts():
    class Keeps(lp.Module):
        def __init__(self, part: lp.Module) -> None:
            self.size = 1

    assert not Keeps(Leaf()).variables()


def test_nested_sequentials_give_nested_paths():
    model = lp.Sequential(
        [lp.Dense(2), lp.Sequential([lp.Dense(3), lp.Dense(2, use_bias=False)]), lp.Dense(1)]
    )
    model.build((4,))
    assert list(model.variables()) == [
        "dense_1/kernel",
        "dense_1/bias",
        "sequential_1/dense_1/kernel",
        "sequential_1/dense_1/bias",
        "sequential_1/dense_2/kernel",
        "dense_2/kernel",
        "dense_2/bias",
    ]


def test_a_layer_used_twice_in_a_sequential_has_one_set_of_weights():
    shared = lp.Dense(4)
    model = lp.Sequential([shared, lp.Activation("relu"), shared])
    model.build((4,))
    assert len(model.variables()) == 2


def test_classes_of_lampas_are_registered_and_those_of_users_are_not():
    def subclass(module: str) -> type[lp.Module]:
        return type("Unregistered", (lp.Module,), {"__module__": module})

    assert lp.Module.registered_classes["Dense"] is lp.Dense
    for name in ("lampas_extras", "lampas_extras.layers", "my.lampas.layers", "__main__"):
        subclass(name)
    assert "Unregistered" not in lp.Module.registered_classes


def test_a_variable_tells_its_shape_size_and_array():
    variable = lp.Parameter(jnp.ones((2, 3)))
    assert variable.shape == (2, 3)
    assert variable.size == 6
    assert repr(variable) == "Parameter(shape=(2, 3), dtype=float32)"
    copy = variable.numpy()
    copy[:] = 7
    assert float(variable.value.max()) == 1.0


def test_a_module_shows_how_it_was_made():
    assert repr(lp.Dense(3, activation="relu")) == "Dense(3, activation='relu')"
