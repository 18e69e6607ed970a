"""scikit-learn's own checks of what it calls an estimator."""

import importlib
import sys

import pytest
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    estimator_checks_generator,
    parametrize_with_checks,
)

from lampas.estimators import Classifier, Regressor

BOTH = {
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_supervised_y_2d",
}
QUICK = {
    "Classifier": BOTH
    | {
        "check_dict_unchanged",
        "check_estimator_sparse_array",
        "check_estimators_nan_inf",
        "check_estimators_unfitted",
        "check_fit1d",
        "check_n_features_in",
        "check_requires_y_none",
    },
    "Regressor": BOTH | {"check_estimators_pickle"},
}
"""The checks that need few networks; `make peers` runs all of them."""


def cannot_hold(estimator):
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "an example of weight 2 is in one batch, the same example twice may be in two"
        )
    }


def quick_checks():
    return [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
        for made in (Classifier(epochs=10), Regressor(epochs=10))
        for estimator, check in estimator_checks_generator(made)
        if check.func.__name__ in QUICK[type(made).__name__]
    ]


@pytest.mark.long
@pytest.mark.parametrize(("estimator", "check"), quick_checks())
def test_protocol_quickly(estimator, check):
    check(estimator)


def test_no_quick_check_has_gone():
    named = {f"{kind}-{check}" for kind, checks in QUICK.items() for check in checks}
    assert {param.id for param in quick_checks()} == named


@pytest.mark.long
@pytest.mark.parametrize("kind", [Classifier, Regressor])
def test_columns_have_names(kind):
    check_dataframe_column_names_consistency(kind.__name__, kind(epochs=1))


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("lampas.estimators")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"not installed: pip install 'lampas\[app\]'"):
        importlib.import_module("lampas.estimators")


@pytest.mark.peer
@parametrize_with_checks([Classifier(), Regressor()], expected_failed_checks=cannot_hold)
def test_protocol(estimator, check):
    check(estimator)
