from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from engine.models.hidden import TRUSTS, Cycle, Hidden, places
from engine.models.hmm import Hmm
from engine.models.viewpoints import Ints, Space
from engine.train.fit_expert import fit_expert
from engine.train.fit_hidden import fit_hidden

HALF = 32768
TWO = Hidden.of(
    Hmm(
        np.array([HALF, HALF]),
        np.array([[49152, 16384], [16384, 49152]]),
        np.array([[57344, 8192], [8192, 57344]]),
    )
)
SPACE = Space(2, {"beat": 4})


def chances(costs: Ints) -> np.ndarray:
    return np.exp2(-costs / 256)


def bars(seed: int, count: int = 12) -> tuple[dict[str, Ints], Ints, Ints]:
    # Songs of two kinds of bars of four, a pair of one after a pair of the other.
    kinds = np.array([[0, 1, 0, 1], [1, 1, 0, 0]])
    chance = np.random.default_rng(seed)
    rows = [kinds[(np.arange(8) // 2 + chance.integers(2)) % 2].ravel() for _ in range(count)]
    events = np.concatenate(rows).astype(np.int64)
    return {"beat": np.tile(np.arange(4), len(events) // 4)}, events, np.repeat(np.arange(count), 32)


def test_the_first_event_by_hand() -> None:
    costs, _ = TWO.look(SPACE, {}, np.array([0]), np.array([0]))
    assert chances(costs)[0] == pytest.approx([0.5, 0.5], rel=0.01)


def test_the_second_event_by_hand() -> None:
    # After 0: state 0 with 7/8; moved: 7/8 * 3/4 + 1/8 * 1/4 = 22/32; 0 again: 22/32 * 7/8 + 10/32 * 1/8 = 164/256.
    costs, _ = TWO.look(SPACE, {}, np.array([0, 0]), np.array([0, 0]))
    assert chances(costs)[1, 0] == pytest.approx(164 / 256, rel=0.01)


def test_the_chance_of_a_song_is_the_sum_over_all_paths() -> None:
    events = np.array([0, 1, 1, 0, 0])
    start, move, emit = TWO.start / 65536, TWO.move / 65536, TWO.emit[0] / 65536
    whole = 0.0
    for path in product(range(2), repeat=5):
        chance = start[path[0]] * emit[path[0], events[0]]
        for t in range(1, 5):
            chance *= move[path[t - 1], path[t]] * emit[path[t], events[t]]
        whole += chance
    costs, _ = TWO.look(SPACE, {}, events, np.zeros(5, dtype=np.int64))
    assert chances(costs)[np.arange(5), events].prod() == pytest.approx(whole, rel=0.03)


def test_songs_know_nothing_of_one_another() -> None:
    events, songs = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 1, 2])
    together, sure = TWO.look(SPACE, {}, events, songs)
    for song in range(3):
        alone, trust = TWO.look(SPACE, {}, events[songs == song], songs[songs == song])
        assert together[songs == song].tolist() == alone.tolist()
        assert sure[songs == song].tolist() == trust.tolist()


def test_a_bar_begins_where_the_place_does_not_rise() -> None:
    columns = {"beat": np.array([2, 3, 0, 1, 1, 0])}
    new = places(Cycle(2, "beat", bar=True), columns, np.array([0, 0, 0, 0, 0, 1]))[1]
    assert new.tolist() == [True, False, True, False, True, True]


def test_kinds_of_bars_are_learnt() -> None:
    model = fit_hidden(SPACE, Cycle(4, "beat", bar=True), *bars(0))
    columns, events, songs = bars(1)
    costs, _ = model.look(SPACE, columns, events, songs)
    bits = costs[np.arange(len(events)), events] / 256
    assert bits[np.arange(len(events)) % 32 >= 16].mean() < 0.6  # 1 without kinds


def test_a_fit_is_the_same_every_time() -> None:
    cycle = Cycle(3, "beat", bar=True)
    one, two = (fit_hidden(SPACE, cycle, *bars(2)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one[1:], two[1:], strict=True))


@pytest.mark.parametrize("place", [0, 5, 40])
def test_what_comes_changes_nothing_before_it(place: int) -> None:
    model = fit_hidden(SPACE, Cycle(3, "beat", bar=True), *bars(0))
    columns, events, songs = bars(3, 2)
    other = np.where(np.arange(len(events)) >= place, 1 - events, events)
    now, then = (model.look(SPACE, columns, line, songs) for line in (events, other))
    assert (now[0][: place + 1] == then[0][: place + 1]).all()
    assert (now[1][: place + 1] == then[1][: place + 1]).all()


def test_trust_stays_within_its_table() -> None:
    model = fit_hidden(SPACE, Cycle(3), *bars(0))
    _, trust = model.look(SPACE, *bars(1))
    assert 0 <= trust.min() <= trust.max() < TRUSTS


def test_other_songs_say_what_states_there_are() -> None:
    # Song 0 alone plays 1: from songs that never do, it is hardly likely.
    events = np.repeat([1, 0, 0, 0], 8).astype(np.int64)
    _, costs, _ = fit_expert(SPACE, Cycle(2), {}, events, np.repeat(np.arange(4), 8))
    assert costs[:8, 1].min() > 2 * 256


def test_a_single_song_can_be_fitted() -> None:
    columns, events, songs = bars(0, 1)
    _, costs, _ = fit_expert(SPACE, Cycle(2, "beat", bar=True), columns, events, songs)
    assert costs.max() == 0  # nothing is known of it from others
