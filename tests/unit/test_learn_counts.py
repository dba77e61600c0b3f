from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.learn.count_views import ONE, count_views
from engine.learn.counts import Counts
from engine.models.mixture import Design, Mixture
from engine.models.viewpoints import Space, View
from engine.train import fit_mixture

KEYS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 9)), max_size=30)


def counted(rows: list[tuple[str, int, int]]) -> Counts:
    counts = Counts(3)
    for name, key, value in rows:
        counts.add(name, np.array([key]), np.array([value]))
        counts.keep("songs", f"{key:03}", [key])
    return counts


@given(KEYS, st.randoms(use_true_random=False))
def test_order_does_not_count(rows, order):
    other = list(rows)
    order.shuffle(other)
    assert counted(rows).pack() == counted(other).pack()


@given(KEYS, KEYS)
def test_joining_is_counting_on(rows, more):
    joined = counted(rows)
    joined.join(counted(more))
    assert joined.pack() == counted(rows + more).pack()


def test_values_of_a_key_add_up():
    counts = counted([("a", 5, 2), ("a", 1, 1), ("a", 5, 4)])
    keys, values = counts.table("a")
    assert (keys.tolist(), values.tolist()) == ([1, 5], [1, 6])
    assert counts.dense("a", (2, 3)).tolist() == [[0, 1, 0], [0, 0, 6]]


def test_a_sample_keeps_the_lowest_hashes():
    counts = counted([("a", key, 1) for key in (9, 4, 7, 1, 8)])
    assert [item.hash for item in counts.sample("songs")] == ["001", "004", "007"]
    assert [item.value for item in counts.sample("songs", 1)] == [[1]]


def test_sides_are_joined():
    counts = counted([])
    counts.add("seen/x", np.array([1]))
    counts.add("held/x", np.array([1, 2]))
    keys, values = counts.without_sides(("seen/", "held/")).table("x")
    assert (keys.tolist(), values.tolist()) == ([1, 2], [2, 1])


def test_packed_counts_come_back():
    counts = counted([("a", 3, 4), ("b", 7, 1)])
    assert Counts.unpack(counts.pack(), 3).pack() == counts.pack()


@pytest.mark.parametrize("data", [b"", b"PK", b"nothing at all"])
def test_what_is_no_counts_is_refused(data):
    with pytest.raises((ValueError, KeyError, OSError, EOFError)):
        Counts.unpack(data)


def test_views_are_counted_as_they_are_fitted():
    space = Space(3, {"x": 3, "y": 4})
    view = View(("x", "y"))
    columns = {"x": np.array([0, 0, 0, 2, 2]), "y": np.array([1, 1, 3, 0, 0])}
    events, songs = np.array([2, 2, 0, 1, 1]), np.array([0, 0, 0, 0, 1])
    settings = fit_mixture.Settings()
    chain, _, _ = fit_mixture.count_chain(space, view, columns, events, songs, settings)
    mixture = Mixture(space, Design((view,)), (chain,), (), (), ())
    counts = Counts()
    count_views(counts, "m", mixture, columns, events, songs)
    keys, values = counts.table("m/0/2")
    # Context (0, 1) has event 2 twice in one song, (2, 0) event 1 once in each of two.
    assert dict(zip(keys.tolist(), values.tolist(), strict=True)) == {
        (0 * 4 + 1) * 3 + 2: round(ONE * 2**0.85),
        (0 * 4 + 3) * 3 + 0: ONE,
        (2 * 4 + 0) * 3 + 1: 2 * ONE,
    }
    known, many = counts.table("m/0/1/songs")
    assert (known.tolist(), many.tolist()) == ([0, 2], [1, 2])
    assert counts.table("m/0/2/songs")[0].tolist() == chain.levels[2].keys.tolist()
    total = counts.table("m/0/0")
    assert dict(zip(total[0].tolist(), total[1].tolist(), strict=True)) == {
        0: ONE,
        1: 2 * ONE,
        2: round(ONE * 2**0.85),
    }
