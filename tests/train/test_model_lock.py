"""Threads may call one model; while one trains it, the others get a clear answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lampas as lp

THREADS = 8
X = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)


def network():
    lp.set_seed(0)
    return lp.Sequential([lp.Dense(5, "tanh"), lp.BatchNormalization(), lp.Dense(3)])


def at_once(function):
    """The results of a function of the thread's number, begun by all threads at the same time."""
    barrier = threading.Barrier(THREADS)

    def run(number):
        barrier.wait()
        return function(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.long
@pytest.mark.parametrize("use", ["predict", "call", "call of a layer", "both"])
def test_the_first_use_of_an_unbuilt_model_by_many_threads(use):
    """Right is what one thread computes with the same weights."""
    model = network()

    def outputs(number):
        if use == "call of a layer":
            return np.asarray(model.layers[0](X[number:]))
        if use == "predict" or (use == "both" and number % 2):
            return model.predict(X[number:])
        return np.asarray(model(X[number:]))

    for number, output in enumerate(at_once(outputs)):
        np.testing.assert_allclose(output, outputs(number), rtol=1e-5, atol=1e-6)
    assert len(model.layers[0].variables()) == 2


@pytest.mark.long
def test_many_threads_evaluate_and_predict_one_model():
    model = network()
    model.compile("sgd", "mse", metrics=["mae"])
    expected = None

    def use(number):
        if number % 2:
            return model.predict(X)
        return model.evaluate(X, X[:, :3], return_dict=True)

    results = at_once(use)
    expected = [use(0), use(1)]
    for number, result in enumerate(results):
        if number % 2:
            np.testing.assert_allclose(result, expected[1], rtol=1e-5, atol=1e-6)
        else:
            assert result == pytest.approx(expected[0])


@pytest.mark.long
def test_many_threads_call_a_compiled_function_of_an_unbuilt_model():
    model = network()
    forward = lp.jit(lambda x: model(x), state=model)
    for number, output in enumerate(at_once(lambda number: np.asarray(forward(X[number:])))):
        np.testing.assert_allclose(output, model(X[number:]), rtol=1e-5, atol=1e-6)


@pytest.mark.long
def test_other_threads_are_told_that_a_model_is_being_trained():
    model = network()
    model.compile("sgd", "mse")
    model.predict(X)
    answers, own_thread = [], []

    def ask(function):
        try:
            function()
        except lp.LampasError as error:
            answers.append(str(error))

    class Ask(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            own_thread.append(model.predict(X))
            uses = [
                lambda: model.predict(X),
                lambda: model(X),
                lambda: model.evaluate(X, X[:, :3]),
                lambda: model.fit(X, X[:, :3], verbose=0),
            ]
            for function in uses:
                thread = threading.Thread(target=ask, args=(function,))
                thread.start()
                thread.join()

    model.fit(X, X[:, :3], verbose=0, callbacks=[Ask()])
    assert len(own_thread) == 1
    assert len(answers) == 4
    assert all("another thread trains this model. Wait until" in answer for answer in answers)
    thread = threading.Thread(target=ask, args=(lambda: answers.append(model.predict(X)),))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(answers[-1], model.predict(X))
