"""Batches from functions, iterables and iterators come whole, in order, and in good time."""

import subprocess
import sys
import threading
import time
import traceback
from itertools import count, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.train.inputs import chunk_buffer as in_pieces
from lampas.train.inputs import prefetch_loader as feeds
from lampas.train.inputs.adapter import is_batch_iterable
from lampas.train.inputs.prefetch_loader import PrefetchLoader
from tests.scale import examples


def batch(number, examples=2):
    """A batch that differs from all others."""
    values = 100 * number + np.arange(examples)
    return np.stack([values, -values], axis=1).astype(np.float32), values.astype(np.int32)


def some(count, examples=2):
    return [batch(number, examples) for number in range(count)]


def targets_of(feed, epoch=0, skip=0):
    """The targets of an epoch's examples, in order."""
    pieces = list(feed.chunks(epoch, skip))
    assert [piece.ends_epoch for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert sum(piece.steps for piece in pieces) + skip == feed.steps
    return [y for piece in pieces for y in piece.data.y[: piece.steps * piece.batch_size].tolist()]


def numbers_of(batches):
    return [y for _, targets in batches for y in targets.tolist()]


@pytest.fixture
def feed():
    """Makes feeds, and closes them; no thread may stay."""
    made = []

    def make(source, **options):
        made.append(PrefetchLoader(source, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
    names = [thread.name for thread in threading.enumerate()]
    assert "lampas-feed" not in names


@examples(40)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=12),
    length=st.none() | st.integers(1, 5),
    skip=st.integers(0, 11),
    known=st.booleans(),
)
def test_pieces_are_the_batches_however_they_are_put_together(sizes, length, skip, known):
    batches = [batch(number, size) for number, size in enumerate(sizes)]
    skip = min(skip, len(sizes) - 1)
    feed = PrefetchLoader(
        lambda: iter(batches), steps=len(sizes) if known else None, chunk_steps=length
    )
    places = np.cumsum([0, *sizes])
    at = skip
    for piece in feed.chunks(0, skip):
        assert set(sizes[at : at + piece.steps]) == {piece.batch_size}
        rows = piece.steps * piece.batch_size
        assert len(piece.indices) == len(piece.data.x) == len(piece.data.y) >= rows
        np.testing.assert_array_equal(piece.indices[:rows], places[at] + np.arange(rows))
        for part in (0, 1):
            expected = np.concatenate([b[part] for b in batches[at : at + piece.steps]])
            np.testing.assert_array_equal(piece.data[part][:rows], expected)
        at += piece.steps
        assert piece.ends_epoch == (at == len(sizes))
    assert at == feed.steps == len(sizes)
    feed.close()


def test_whole_pieces_have_one_size_and_no_more_bytes_than_a_chunk(feed, monkeypatch):
    monkeypatch.setattr(in_pieces, "MAX_WAIT", 60)
    monkeypatch.setattr(feeds, "CHUNK_BYTES", 3 * (2 * 2 * 4 + 2 * 4))
    pieces = list(feed(lambda: some(7)).chunks(0))
    assert [piece.steps for piece in pieces] == [3, 3, 1]
    assert {piece.data.x.shape for piece in pieces} == {(6, 2)}


def test_a_known_number_of_steps_limits_the_room(feed):
    assert next(feed(some(7).__iter__, steps=5).chunks(0)).data.x.shape == (10, 2)


def test_the_device_s_types_are_taken(feed):
    wide = [(np.ones((2, 1), np.float64), np.ones(2, np.int64))]
    source = feed(lambda: wide)
    assert source.example().x.dtype == np.float64
    data = next(source.chunks(0)).data
    assert (data.x.dtype, data.y.dtype) == (np.float32, np.int32)


def test_a_function_is_called_again_for_each_epoch_with_its_number(feed):
    epochs = []

    def batches(epoch):
        epochs.append(epoch)
        return [batch(epoch), batch(epoch + 1)]

    source = feed(batches, first_epoch=3)
    assert source.example().y.tolist() == [300, 301]
    assert [targets_of(source, epoch) for epoch in (3, 4)] == [
        [300, 301, 400, 401],
        [400, 401, 500, 501],
    ]
    assert epochs == [3, 4]


class Loader:
    """An iterable with a length, as loaders are."""

    def __init__(self, batches):
        self.batches, self.begun = batches, 0

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        self.begun += 1
        return iter(self.batches)


def test_an_iterable_is_begun_again_and_tells_its_length(feed):
    loader = Loader(some(3))
    source = feed(loader)
    assert source.steps == 3
    for epoch in (0, 1, 0):
        assert targets_of(source, epoch) == numbers_of(some(3))
    assert loader.begun == 3


def test_a_length_that_is_wrong_or_endless_is_no_promise(feed):
    class Odd(Loader):
        def __len__(self):
            return self.length

    loader = Odd(some(3))
    for loader.length in (2, 5, 2**62):
        source = feed(loader)
        assert targets_of(source) == numbers_of(some(3))


def test_batches_by_number_are_taken_in_its_order(feed):
    class ByNumber:
        def __len__(self):
            return 3

        def __getitem__(self, number):
            return batch(number)

    assert targets_of(feed(ByNumber())) == numbers_of(some(3))


def test_steps_cut_epochs_out_of_an_endless_iterator(feed):
    source = feed(map(batch, count()), steps=3)
    source.example()
    assert [targets_of(source, epoch)[::2] for epoch in range(3)] == [
        [0, 100, 200],
        [300, 400, 500],
        [600, 700, 800],
    ]


def test_steps_cut_epochs_out_of_one_pass_after_another(feed):
    source = feed(Loader(some(5)), steps=3)
    assert [targets_of(source, epoch)[::2] for epoch in (0, 1, 2, 0)] == [
        [0, 100, 200],
        [300, 400, 0],
        [100, 200, 300],
        [0, 100, 200],
    ]


@pytest.mark.parametrize("make", [lambda: Loader(some(5)), lambda: map(batch, count())])
def test_a_resumed_fit_gets_what_it_would_have_got(feed, make):
    through = feed(make(), steps=3)
    targets_of(through, 0)
    expected = targets_of(through, 1)
    assert targets_of(feed(make(), steps=3), 1, skip=2) == expected[4:]


def test_an_iterator_that_ran_dry_is_reported(feed):
    source = feed(iter(some(5)), steps=3)
    assert targets_of(source, 0) == numbers_of(some(3))
    with pytest.raises(
        lp.DataError,
        match=r"the iterator ended after 5 batches; for epoch 1 2 of 3 were left\. An iterator "
        "can be used only once: pass the function that makes it",
    ):
        targets_of(source, 1)
    source = feed(iter(some(2)))
    assert targets_of(source, 0) == numbers_of(some(2))
    with pytest.raises(lp.DataError, match="ended after 2 batches; for epoch 1 none was left"):
        targets_of(source, 1)


def test_a_source_without_batches_is_reported(feed):
    def nothing():
        return iter(())

    for options in ({}, {"steps": 2}):
        with pytest.raises(lp.DataError, match="no batches in epoch 0: nothing yielded nothing"):
            feed(nothing, **options).example()
    with pytest.raises(lp.DataError, match="int must yield or return batches, it returned int"):
        feed(int).example()
    with pytest.raises(lp.ArgumentError, match="at least 1 step, got 0"):
        PrefetchLoader(nothing, steps=0)


def test_a_resume_needs_the_batches_that_were_there(feed):
    with pytest.raises(lp.DataError, match="must resume after batch 3, but has only 2 batches now"):
        list(feed(lambda: some(2)).chunks(0, skip=4))


def test_an_error_of_the_source_keeps_its_traceback_and_comes_after_what_was_before(feed):
    def batches():
        yield from some(3)
        raise OSError("the disk is gone")

    taken = []
    with pytest.raises(OSError, match="the disk is gone") as caught:
        taken.extend(piece.steps for piece in feed(batches).chunks(0))
    assert sum(taken) == 3
    assert caught.value.__notes__ == ["Raised by the data while producing batch 3 of epoch 0."]
    assert traceback.extract_tb(caught.tb)[-1].name == "batches"


def test_a_slow_source_does_not_hold_up_what_is_there(feed, monkeypatch):
    monkeypatch.setattr(in_pieces, "MAX_WAIT", 0.02)
    go_on = threading.Event()

    def batches():
        yield from some(3)
        go_on.wait(5)
        yield from some(2)

    pieces = feed(batches).chunks(0)
    early = 0
    # Without a known end one batch is held back: it might be the last.
    while early < 2:
        early += next(pieces).steps
    go_on.set()
    assert sum(piece.steps for piece in pieces) == 3


def test_a_source_may_use_its_arrays_again(feed):
    def batches():
        x, y = batch(0)
        for number in range(4):
            y[:] = number
            yield x, y

    source = feed(batches)
    assert source.example().y.tolist() == [0, 0]
    assert targets_of(source) == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("steps", [None, 3])
def test_closing_ends_what_was_begun(steps):
    ended = []

    def batches():
        try:
            yield from map(batch, count())
        finally:
            ended.append(threading.current_thread().name)

    feed = PrefetchLoader(batches, steps=steps)
    next(feed.chunks(0))
    assert not ended
    feed.close()
    feed.close()
    assert ended == ["lampas-feed"]


def test_an_iterator_of_the_user_s_is_not_ended(feed):
    iterator = (batch(number) for number in count())
    for first in (0, 300):
        source = feed(iterator, steps=3)
        assert targets_of(source)[0] == first
        source.close()


def test_a_feed_that_is_forgotten_leaves_no_thread():
    feed = PrefetchLoader(lambda: map(batch, count()))
    next(feed.chunks(0))
    thread = feed._thread
    del feed
    thread.join(5)
    assert not thread.is_alive()


def test_a_source_that_hangs_can_be_left(monkeypatch):
    monkeypatch.setattr(feeds, "JOIN_TIMEOUT", 0.05)
    wake = threading.Event()

    def batches():
        yield batch(0)
        yield batch(1)
        wake.wait(10)

    feed = PrefetchLoader(batches)
    pieces = feed.chunks(0)
    assert next(pieces).steps == 1
    feed.is_interrupted = lambda: True
    began = time.monotonic()
    assert list(pieces) == []
    thread = feed._thread
    feed.close()
    assert time.monotonic() - began < 2
    wake.set()
    thread.join(5)
    assert not thread.is_alive()


HANGING = """
import threading, numpy as np
from lampas.train.inputs.prefetch_loader import PrefetchLoader
def batches():
    yield np.ones((2, 1)), np.ones(2)
    yield np.ones((2, 1)), np.ones(2)
    threading.Event().wait()
feed = PrefetchLoader(batches)
print(next(feed.chunks(0)).steps)
"""


@pytest.mark.long
def test_python_ends_though_a_source_hangs():
    ended = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")


def test_what_counts_as_a_feed():
    x = np.ones((2, 1))
    assert not any(map(is_batch_iterable, [x, [x, x], (x,), {"a": x}, "text", range(3), None]))
    assert all(
        map(is_batch_iterable, [lambda: 0, iter([x]), islice([x], 1), Loader([]), (x for _ in "a")])
    )
