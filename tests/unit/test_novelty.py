"""Novelty: runs are found, forbidden exactly, and cannot be read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from fakes import small_song

from engine.models import novelty
from engine.models.bans import Ban, Watch, closed, divide, follow, gather, kept, listed
from engine.models.novelty import LONGEST, ORDER, WINDOW, Novelty, encode, joined, runs_of
from engine.models.tables import Table
from engine.song import Note
from engine.train import fit_novelty

# Two made-up melodies: (onsets, pitches).
FIRST = (
    [0, 2, 4, 7, 8, 10, 12, 14, 15, 18, 20, 22, 26, 28, 30],
    [60, 62, 64, 64, 67, 69, 67, 64, 62, 60, 62, 65, 64, 62, 60],
)
SECOND = ([0, 1, 4, 6, 8, 9, 11, 16, 18, 19, 22, 24, 26, 27], [50, 55, 53, 52, 50, 48, 50, 57, 55, 53, 50, 48, 50, 52])


@pytest.fixture(scope="module")
def known() -> Novelty:
    return Novelty(Table({"titles": ["First", "Second"]}, encode([FIRST, SECOND])))


def test_a_known_melody_in_another_key_at_another_place_is_found_whole(known: Novelty) -> None:
    onsets, pitches = [slot + 37 for slot in SECOND[0]], [pitch + 5 for pitch in SECOND[1]]
    assert known.nearest(onsets, pitches) == (len(onsets), "Second", 0)


def test_a_quotation_of_nine_notes_counts_nine(known: Novelty) -> None:
    onsets = [0, 5, *(slot + 8 for slot in FIRST[0][2:11]), 90, 97]
    pitches = [60, 61, *FIRST[1][2:11], 40, 80]
    assert known.nearest(onsets, pitches) == (9, "First", 2)


def test_another_rhythm_is_another_melody(known: Novelty) -> None:
    assert known.nearest([3 * slot for slot in FIRST[0]], FIRST[1]) == (0, "", 0)


def test_runs_of_these_waits_are_the_known_ones(known: Novelty) -> None:
    waits = np.diff(FIRST[0][1 : ORDER + 2]).tolist()
    assert known.runs(waits).tolist() == [[(pitch - FIRST[1][1]) % 3 for pitch in FIRST[1][1 : ORDER + 2]]]


def test_a_line_that_ends_one_note_too_late_is_banned(known: Novelty) -> None:
    onsets = FIRST[0][: LONGEST + 1]
    for last in range(50, 80):
        pitches: list[int | None] = [*FIRST[1][:LONGEST], None]
        bans = known.bans(onsets, pitches)
        assert kept(bans, [last]) == ((last - FIRST[1][LONGEST]) % 3 != 0)


def test_a_run_may_be_as_long_as_real_songs_share(known: Novelty) -> None:
    assert known.bans(FIRST[0][:LONGEST], [*FIRST[1][: LONGEST - 1], None]) == {}


def test_notes_before_that_differ_lift_the_ban(known: Novelty) -> None:
    before: list[int | None] = [FIRST[1][0] + 1, *FIRST[1][1:LONGEST], None]
    assert known.bans(FIRST[0][: LONGEST + 1], before) == {}


def test_notes_after_count_as_much_as_notes_before(known: Novelty) -> None:
    pitches: list[int | None] = [None, *FIRST[1][1 : LONGEST + 1]]
    assert listed(known.bans(FIRST[0][: LONGEST + 1], pitches)) == [Ban(0, (FIRST[1][0] % 3,))]


def test_a_run_without_given_notes_is_banned_in_every_key(known: Novelty) -> None:
    bans = known.bans(FIRST[0][: LONGEST + 1], [None] * (LONGEST + 1))
    assert [kept(bans, [pitch + k for pitch in FIRST[1][: LONGEST + 1]]) for k in range(3)] == [False] * 3


BANS = (Ban(0, (1, 2)), Ban(1, (2, 0, 0)), Ban(1, (2, 0, 1)), Ban(2, (0, 2)), Ban(3, (1,)))


@pytest.mark.parametrize("line", list(product(range(3), repeat=4)))
def test_the_automaton_allows_what_keeps_off_all_bans(line: tuple[int, ...]) -> None:
    state, allowed = 0, True
    for residue, step in zip(line, follow(BANS, 4), strict=True):
        allowed &= bool(step.allowed[state, residue])
        state = int(step.after[state, residue])
    assert allowed == kept(gather(BANS), line)


@pytest.mark.parametrize("line", list(product(range(3), repeat=4)))
def test_watching_forbids_the_note_that_would_fulfil_a_ban(line: tuple[int, ...]) -> None:
    watch = Watch(gather(BANS))
    assert kept(gather(BANS), line) == all(line[i] not in watch.forbidden(line[:i]) for i in range(len(line)))


def test_bans_beyond_what_the_chain_can_follow_are_watched_by_whole_stretches() -> None:
    followed, watched = divide(gather(BANS), 3)
    assert followed == [Ban(0, (1, 2)), Ban(2, (0, 2)), Ban(3, (1,))]
    assert listed(watched) == [Ban(1, (2, 0, 0)), Ban(1, (2, 0, 1))]


DEAD = (Ban(0, (1, 2, 0)), Ban(0, (1, 2, 1)), Ban(1, (2, 2)), Ban(2, (0, 0)), Ban(2, (0, 1)), Ban(1, (1, 0, 2)))
OPEN = ({0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2})


def left(bans: Sequence[Ban], begun: tuple[int, ...]) -> bool:
    """Whether a line begun may go on to its end, by trying all."""
    return any(kept(gather(bans), (*begun, *rest)) for rest in product(range(3), repeat=len(OPEN) - len(begun)))


@pytest.mark.parametrize("line", [line for n in range(1, 4) for line in product(range(3), repeat=n)])
def test_who_keeps_off_closed_bans_is_never_stuck(line: tuple[int, ...]) -> None:
    assert kept(closed(gather(DEAD), OPEN), line) == (left(DEAD, line) and kept(gather(DEAD), line))


def test_a_note_that_can_be_but_one_thing_moves_its_ban_to_the_note_before() -> None:
    assert listed(closed(gather([Ban(0, (2, 1))]), [{0, 1, 2}, {1}])) == [Ban(0, (2,)), Ban(0, (2, 1))]


def test_without_bans_the_automaton_has_one_state() -> None:
    assert [step.after.tolist() for step in follow((), 3)] == [[[0, 0, 0]]] * 3


def test_the_table_is_the_same_for_all_melodies_of_equal_remainders() -> None:
    bent = (FIRST[0], [pitch + 3 * (i % 2) for i, pitch in enumerate(FIRST[1])])
    tables = [encode([melody, SECOND]) for melody in (FIRST, bent)]
    assert all(np.array_equal(tables[0][name], tables[1][name]) for name in tables[0])


def test_melodies_that_come_later_are_known_as_if_they_had_been_there(known: Novelty) -> None:
    windows, whole = runs_of(*SECOND)
    table = Table({"titles": ["First"], "corpus": "ours"}, encode([FIRST]))
    both = joined(table, windows, np.zeros(len(windows), dtype=np.int64), ["Second"], whole)
    assert both.header == {"titles": ["First", "Second"], "corpus": "ours"}
    for name, array in encode([FIRST, SECOND]).items():
        assert np.array_equal(both.arrays[name], array)


def test_how_much_melodies_share_is_counted_in_notes() -> None:
    # The middle one has nine notes of the first in a row; the last has nothing of either.
    quoting = ([0, 5, *(slot + 8 for slot in FIRST[0][2:11]), 90, 97], [40, 41, *FIRST[1][2:11], 40, 40])
    pairs, nearest = fit_novelty.shared([FIRST, quoting, ([0, 200], [60, 61])])
    assert pairs == {"0": 2, "9": 1}
    assert nearest == {"0": 1, "9": 2}


def test_a_short_melody_has_no_runs() -> None:
    assert len(encode([(FIRST[0][:WINDOW], FIRST[1][:WINDOW])])["low"]) == 0


def test_a_song_that_quotes_is_told_with_the_title(monkeypatch: pytest.MonkeyPatch, known: Novelty) -> None:
    monkeypatch.setattr(novelty, "load", lambda models: known)
    song = small_song()
    notes = tuple(Note(slot * 120, 120, pitch) for slot, pitch in zip(*SECOND, strict=True))
    parts = tuple(replace(part, notes=notes) if part.name == "melody" else part for part in song.parts)
    assert novelty.novelty(replace(song, parts=parts)) == (len(notes), "Second", 0)


def test_every_melody_of_the_corpora_is_known_to_the_packaged_table(corpora: Path) -> None:
    packaged = novelty.load("rock")
    for number, (_, onsets, pitches) in enumerate(fit_novelty.melodies(corpora)):
        if number % 40 == 0:
            assert packaged.nearest(onsets, pitches).notes == len(onsets)
