from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.models import tables
from engine.models.memory import Memory, running
from engine.models.mixture import Design, Mixture
from engine.models.viewpoints import Ints, Space, Target, View
from engine.train import fit_mixture

SPACE = Space(3, {"x1": 4, "x2": 4, "beat": 2})


def lagged(events: Ints, lag: int, songs: Ints) -> Ints:
    out = np.full(len(events), 3, dtype=np.int64)
    same = songs[lag:] == songs[:-lag]
    out[lag:][same] = events[:-lag][same]
    return out


def music(seed: int = 0, count: int = 40, length: int = 40) -> tuple[dict[str, Ints], Ints, Ints]:
    chance = np.random.default_rng(seed)
    # Every song repeats a bar of its own, with slips.
    rows = [np.resize(chance.integers(0, 3, 8), length) for _ in range(count)]
    events = np.concatenate(rows).astype(np.int64)
    slips = chance.random(len(events)) < 0.1
    events[slips] = chance.integers(0, 3, int(slips.sum()))
    songs = np.repeat(np.arange(count), length).astype(np.int64)
    columns = {"x1": lagged(events, 1, songs), "x2": lagged(events, 2, songs), "beat": np.arange(len(events)) % 2}
    return columns, events, songs


DESIGN = Design(
    long=(View(("x1", "x2")), View(("beat", "x1"))),
    short=(View(()), View(("x1",)), View(("x1", "x2"))),
    selectors=("beat",),
)


@pytest.fixture(scope="module")
def fitted() -> Mixture:
    columns, events, songs = music()
    return fit_mixture.fit(SPACE, DESIGN, columns, events, songs).mixture


def bits(rows: Ints, events: Ints) -> float:
    return float(-np.log2(rows[np.arange(len(events)), events] / 65536).mean())


def test_every_row_sums_to_65536(fitted: Mixture) -> None:
    columns, events, songs = music(1)
    assert set(fitted.running_rows(columns, events, songs).sum(axis=1).tolist()) == {65536}


def test_no_event_is_impossible(fitted: Mixture) -> None:
    columns, events, songs = music(1)
    assert fitted.running_rows(columns, events, songs).min() >= 1


def test_memory_predicts_songs_that_repeat_better_than_counts_alone(fitted: Mixture) -> None:
    columns, events, songs = music(1)
    assert bits(fitted.running_rows(columns, events, songs), events) < bits(fitted.rows(columns), events) - 0.1


def test_a_memory_filled_by_hand_says_what_the_running_one_says(fitted: Mixture) -> None:
    columns, events, songs = music(2, count=1)
    whole = fitted.running_rows(columns, events, songs)
    for place in (0, 1, 7, 30):
        past = {name: values[:place] for name, values in columns.items()}
        now = {name: values[place : place + 1] for name, values in columns.items()}
        assert fitted.rows(now, fitted.remember(past, events[:place])).tolist() == whole[place : place + 1].tolist()


def test_a_saved_mixture_says_the_same(fitted: Mixture) -> None:
    facts: Any = tables.header(corpus="none", licence="none", command="test", date="-", about="test")
    again = Mixture.of(tables.unpack(tables.pack(fitted.table(facts)), "test"))
    columns, events, songs = music(3)
    assert (again.running_rows(columns, events, songs) == fitted.running_rows(columns, events, songs)).all()


def test_a_fit_is_the_same_every_time(fitted: Mixture) -> None:
    columns, events, songs = music()
    again = fit_mixture.fit(SPACE, DESIGN, columns, events, songs).mixture
    assert all((a == b).all() for a, b in zip(again.trust + again.worth, fitted.trust + fitted.worth, strict=True))


def test_absolute_discounting_by_hand() -> None:
    # Two songs: a b a b and a b a c. With all counts whole, discount 1/2 and nothing lent to shorter contexts:
    # order 0: a 4, b 3, c 1 of 8, 3 * 1/2 spread evenly: a = 3.5/8 + 1.5/8/3 = 0.5.
    # after a: b 3, c 1 of 4: b = 2.5/4 + (1/4) * P0(b), P0(b) = 2.5/8 + 1.5/24 = 0.375.
    events = np.array([0, 1, 0, 1, 0, 1, 0, 2], dtype=np.int64)
    songs = np.repeat(np.arange(2), 4).astype(np.int64)
    columns = {"x1": lagged(events, 1, songs)}
    exact = fit_mixture.Settings(power=1, discount=0.5, lean=0)
    chain, _, _ = fit_mixture.count_chain(Space(3, {"x1": 4}), View(("x1",)), columns, events, songs, exact)
    costs, _ = chain.look(Space(3, {"x1": 4}), {"x1": np.array([0])}, 1)
    assert costs[0, 1] == round(-256 * np.log2(2.5 / 4 + 0.375 / 4))


def test_a_song_is_predicted_without_its_own_counts() -> None:
    events = np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int64)
    songs = np.repeat(np.arange(2), 4).astype(np.int64)
    exact = fit_mixture.Settings(power=1, discount=0, lean=0)
    _, costs, _ = fit_mixture.count_chain(Space(2, {}), View(()), {}, events, songs, exact)
    assert costs[0, 1] == 0  # all that song 0 sees is song 1, and that holds nothing else


def test_an_unknown_context_falls_back_to_the_shorter_one(fitted: Mixture) -> None:
    chain = fitted.chains[0]
    row = {"x1": np.array([3]), "x2": np.array([0]), "beat": np.array([0])}  # no event has a last but one and no last
    costs, trust = chain.look(SPACE, row, 1)
    assert costs[0].tolist() == chain.levels[1].costs[-1].tolist()
    assert 8 <= trust[0] < 16


def test_a_memory_counts_and_knows_the_last() -> None:
    space = Space(2, {"x1": 3})
    events = np.array([0, 1, 0, 1, 1], dtype=np.int64)
    columns = {"x1": np.array([2, 0, 1, 0, 1])}
    memory = Memory.of(space, View(("x1",)), columns, events)
    # After 0: 1 twice, the last two; after 1: 0 once, then 1.
    assert memory.look(space, {"x1": np.array([0, 1])}, 2).tolist() == [[6, 50], [27, 28]]


def test_a_target_joins_events_of_one_class() -> None:
    space = Space(4, {"x1": 5}, {"odd": Target("", np.array([[0, 1, 0, 1]]))})
    events = np.array([1, 3], dtype=np.int64)
    columns, songs = {"x1": np.array([4, 1])}, np.zeros(2, dtype=np.int64)
    said = running(space, View((), "odd"), columns, events, songs)[1]
    assert said[1] == said[3] != said[0] == said[2]
