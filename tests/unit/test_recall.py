from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from engine.models.mixture import Design, Mixture
from engine.models.recall import SIDE_SIZES, SIZES, Likeness, agreements, aligned, following, lags, log2, spans
from engine.models.viewpoints import Ints, Space, View
from engine.train import fit_mixture

SPACE = Space(4, {"x1": 5, "side": 2})


def tunes(seed: int, count: int = 30) -> tuple[dict[str, Ints], Ints, Ints]:
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        verse, bridge = chance.integers(0, 4, 12), chance.integers(0, 4, 8)
        row = np.concatenate([verse, bridge, verse, bridge, verse])
        slips = chance.random(len(row)) < 0.08
        row[slips] = chance.integers(0, 4, int(slips.sum()))
        rows.append(row)
    events = np.concatenate(rows).astype(np.int64)
    songs = np.repeat(np.arange(count), len(rows[0]))
    last = np.where(np.diff(songs, prepend=-1) != 0, 4, np.roll(events, 1))
    return {"x1": last, "side": np.arange(len(events)) % 2}, events, songs


@lru_cache(maxsize=1)
def fitted() -> Mixture:
    design = Design((View(("x1",)),), (View(("x1",)),), ("side",), (Likeness(("side",), slide=40),))
    return fit_mixture.fit(SPACE, design, *tunes(0)).mixture


def test_log2_is_right_to_a_256th() -> None:
    numbers = np.array([1, 2, 3, 1000, 65536, 10**12, (1 << 52) + 12345], dtype=np.int64)
    assert np.abs(log2(numbers) - 256 * np.log2(numbers)).max() < 1.1


def test_log2_of_powers_of_two_is_exact() -> None:
    assert log2(np.array([1, 4, 1 << 40], dtype=np.int64)).tolist() == [0, 512, 10240]


def test_spans_are_the_songs() -> None:
    assert spans(np.array([0, 0, 1, 2, 2, 2])) == [(0, 2), (2, 3), (3, 6)]


def test_lags_are_whole_bars() -> None:
    assert lags(50, Likeness(period=16)).tolist() == [[16, 32, 48]]


def test_every_kind_of_agreement_stays_within_its_table() -> None:
    columns, events, _ = tunes(1, 1)
    kinds = list(agreements(events, [columns["side"]], Likeness(("side",)), 4))
    assert [int(kind.max()) < size for kind, size in zip(kinds, [*SIZES, *SIDE_SIZES], strict=True)] == [True] * 11


def test_agreements_of_the_past_do_not_change_with_the_future() -> None:
    columns, events, _ = tunes(2, 1)
    other = events.copy()
    other[30:] = (other[30:] + 1) % 4
    likeness = Likeness(("side",), slide=40)
    for a, b in zip(
        agreements(events, [columns["side"]], likeness, 4),
        agreements(other, [columns["side"]], likeness, 4),
        strict=True,
    ):
        assert (a[:31] == b[:31]).all()


def test_a_song_that_copies_itself_is_known_to_follow_that_place() -> None:
    events = np.tile(np.array([0, 1, 2, 3, 3, 1, 0, 2], dtype=np.int64), 3)
    same = np.zeros((24, 23), dtype=np.uint8)
    for lag in range(1, 24):
        same[lag:, lag - 1] = events[lag:] == events[:-lag]
    likely = following(same, Likeness(), 4)
    assert likely[15, 7] == likely[15].max() > likely[15, 4]


def test_alignment_outlives_a_note_put_in() -> None:
    verse = np.array([0, 1, 2, 3, 3, 1, 0, 2, 1, 3], dtype=np.int64)
    events = np.concatenate([verse, verse[:5], [3], verse[5:]])  # one more 3
    same = np.zeros((21, 20), dtype=np.uint8)
    for lag in range(1, 21):
        same[lag:, lag - 1] = events[lag:] == events[:-lag]
    # Before the last note the right place lies 11 back instead of 10.
    assert aligned(same, Likeness(slide=40))[20, 10] >= aligned(same, Likeness())[20, 10] + 2


def test_recall_predicts_what_comes_back() -> None:
    columns, events, songs = tunes(3)
    bits = 16 - np.log2(fitted().running_rows(columns, events, songs)[np.arange(len(events)), events])
    place = np.arange(len(events)) % 52
    assert bits[place >= 24].mean() < bits[place < 20].mean() - 0.7


def test_rows_sum_to_65536() -> None:
    assert set(fitted().running_rows(*tunes(4, 3)).sum(axis=1).tolist()) == {65536}


@pytest.mark.parametrize("place", [0, 5, 30, 51])
def test_rows_do_not_change_with_the_future(place: int) -> None:
    columns, events, songs = tunes(5, 2)
    before = fitted().running_rows(columns, events, songs)
    later = {name: values.copy() for name, values in columns.items()}
    other = events.copy()
    other[place:] = 3 - other[place:]
    later["x1"][place + 1 :] = np.where(later["x1"][place + 1 :] < 4, 3 - later["x1"][place + 1 :], 4)
    later["side"][place + 1 :] = 0
    assert (fitted().running_rows(later, other, songs)[: place + 1] == before[: place + 1]).all()


def test_the_ground_knows_nothing_of_the_song() -> None:
    ground = fitted().ground
    assert ground is not None
    columns, _, _ = tunes(6, 2)
    rows = ground.rows(columns)
    same = (columns["x1"] == 1) & (columns["side"] == 0)
    assert len(np.unique(rows[same], axis=0)) == 1


def test_the_freeze_to_whole_numbers_costs_nothing() -> None:
    # The fit tells what its floats reach on the songs it saw; the whole numbers reach the same.
    design = Design((View(("x1",)),), (View(("x1",)),))
    columns, events, songs = tunes(7)
    found = fit_mixture.fit(SPACE, design, columns, events, songs)
    rows = found.mixture.running_rows(columns, events, songs)
    bits = float((16 - np.log2(rows[np.arange(len(events)), events])).mean())
    assert abs(bits - found.bits) < 0.03  # the counts hold the song itself now
