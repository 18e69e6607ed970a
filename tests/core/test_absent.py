"""Names of Keras that do not exist here: the error says what to write."""

import pytest

import lampas as lp
from lampas.core.absent import ABSENT


@pytest.mark.parametrize(
    ("owner", "name", "message"),
    [
        (lp.callbacks, "BackupAndRestore", r"'lampas\.callbacks' has no .*\. Write fit\(check"),
        (lp, "GradientTape", "'lampas' has no attribute 'GradientTape'. Write lampas.value_and"),
        (lp.Sequential(), "export", r"'Sequential' object has no attribute 'export'\. Write save"),
        (lp.Sequential(), "stateless_call", r"apply = lampas\.functional\(model\)"),
        (lp, "anything", r"module 'lampas' has no attribute 'anything'$"),
        (lp.Sequential(), "anything", "'Sequential' object has no attribute 'anything'$"),
    ],
)
def test_the_error_says_what_to_write(owner, name, message):
    assert not hasattr(owner, name)
    with pytest.raises(AttributeError, match=message):
        getattr(owner, name)


def test_an_error_inside_of_a_property_is_kept():
    class Broken(lp.Model):
        @property
        def size(self):
            return self.missing.size

    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        _ = Broken().size


def test_what_is_absent_does_not_exist():
    for owner in (lp, lp.callbacks, lp.Model):
        assert not [name for name in ABSENT if hasattr(owner, name)]
