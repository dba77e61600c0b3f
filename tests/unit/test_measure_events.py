"""Events of a piece, by hand: two bars of intro and two of verse in E minor, and pieces that lack something."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import small_song

from engine.measure.events import MOST_BARS, TASKS, events_of, quality, triad
from engine.measure.piece import Harmony, Piece, Span, even_bars, notes_table, piece_from_song
from engine.theory.meter import Meter


@pytest.fixture(scope="module")
def events():
    return events_of(piece_from_song(small_song()))


def test_every_task_has_events(events):
    assert set(events) == set(TASKS)


def test_a_form_is_its_kinds_and_the_end(events):
    assert events["form"].symbols == (0, 1, 9)


def test_a_section_has_its_bars_less_one_after_its_kind(events):
    assert events["seclen"] == ((1, 1), ((0,), (1,)))


def test_chords_are_counted_at_every_change(events):
    # i, bVII and IV/I, twice: roots 0, 10 and 5 above the tonic.
    assert events["chord_triad"].symbols == (1, 40, 20, 1, 40, 20)
    assert events["chord_full"].symbols == (1, 100, 50, 1, 100, 50)


def test_bar_lines_see_the_chord_in_force(events):
    assert events["chord_bar"].symbols == (1, 40, 1, 40)


def test_sung_pitches_count_from_the_tonic(events):
    # E to B in semitones on the eighths of the third bar; 64 is the E nearest to their mean.
    assert events["mel_sd"].symbols == tuple(range(8))
    assert events["mel_pitch"].symbols == tuple(range(30, 38))


def test_sung_pitches_know_chord_and_beat(events):
    assert events["mel_sd_chord_beat"].sides == tuple((1, beat) for beat in range(0, 16, 2))
    assert events["mel_pitch_chord"].sides == ((1,),) * 8


def test_a_wait_is_sixteenths_less_one(events):
    assert events["ioi16"] == ((1,) * 7, tuple((beat,) for beat in range(0, 14, 2)))


def test_onsets_stand_on_the_sung_bars_alone(events):
    assert events["onset16"] == ((1, 0) * 8, tuple((slot,) for slot in range(16)))


def test_drums_are_sets(events):
    # Kick and hat on one, the snare on two and after it.
    assert events["drum16"].symbols == (5, 0, 0, 0, 2, 0, 2, *(0,) * 9) * 4


def test_the_bass_counts_from_the_root_of_its_chord():
    # Over D in E: D is 1 + 0, F# 1 + 4; without a chord the tonic counts.
    piece = Piece(
        "x", 4, Meter(), even_bars(2, 16), chords=(Harmony(0, 16, 2, (0, 4, 7)),),
        bass=notes_table([(0, 4, 38), (6, 2, 42), (16, 4, 40)]),
    )  # fmt: skip
    found = events_of(piece)["bass16"]
    assert found.symbols == (1, 0, 0, 0, 0, 0, 5, *(0,) * 9, 1, *(0,) * 15)
    assert (found.sides[6], found.sides[16]) == ((6, 40), (0, -1))


@pytest.mark.parametrize(
    ("steps", "three", "ten"),
    [
        ((0, 4, 7), 0, 0), ((0, 3, 7), 1, 1), ((0, 4, 7, 10), 0, 2), ((0, 4, 7, 11), 0, 3), ((0, 3, 7, 10), 1, 4),
        ((0, 3, 6), 2, 5), ((0, 3, 6, 10), 2, 6), ((0, 3, 6, 9), 2, 7), ((0, 4, 8), 3, 8), ((0, 5, 7), 0, 9),
        ((0, 2, 7), 0, 9), ((0, 7), 0, 0), ((0, 2, 4, 7), 0, 0),
    ],
)  # fmt: skip
def test_triads_and_qualities(steps, three, ten):
    chord = Harmony(0, 16, 1, steps)
    assert (triad(chord, 11), quality(chord, 11)) == (8 + three, 20 + ten)


def test_equal_triads_are_one_chord():
    chords = tuple(Harmony(8 * i, 8 * i + 8, 0, steps) for i, steps in enumerate([(0, 4, 7), (0, 4, 7, 10)]))
    found = events_of(Piece("x", 0, Meter(), even_bars(1, 16), chords=chords))
    assert (found["chord_triad"].symbols, found["chord_full"].symbols) == ((0,), (0, 2))


def test_long_sections_and_waits_count_as_the_longest():
    piece = Piece(
        "x", 0, Meter(), even_bars(40, 16), (Span("coda", 0, 40),), melody=notes_table([(0, 1, 60), (99, 1, 60)])
    )
    found = events_of(piece)
    assert found["seclen"] == ((MOST_BARS - 1,), ((8,),))
    assert found["ioi16"].symbols == (32,)


def test_other_metres_have_no_events_of_sixteen_slots():
    piece = Piece("x", 0, Meter(3, 4), even_bars(2, 12), melody=notes_table([(0, 1, 60), (4, 1, 62)]))
    assert set(events_of(piece)) == {"mel_sd", "mel_sd_chord", "mel_pitch", "mel_pitch_chord"}


def test_an_empty_piece_has_no_events():
    assert events_of(Piece("x", 0, Meter(), np.zeros(1, np.int64))) == {}


def test_events_of_real_songs_are_those_of_the_event_files(corpora):
    import json
    import re

    from engine.measure.real import rs200_pieces

    def plain(name: str) -> str:
        return re.sub("[^a-z0-9]", "", name.lower())

    folder = corpora.parent / "events"
    if not (folder / "ioi16.jsonl").is_file():
        pytest.skip(f"no event files at {folder}")
    pieces = {plain(piece.name.split("/")[1]): piece for piece in rs200_pieces(corpora)}
    for task, least in (("chord_triad", 120), ("mel_sd_chord", 110), ("mel_sd_chord_beat", 85), ("onset16", 95)):
        rows = map(json.loads, (folder / f"{task}.jsonl").read_text(encoding="utf-8").splitlines())
        equal = 0
        for row in rows:
            found = re.fullmatch(r"RS:[^_]+_(.*)_\d{4}", row["song"])
            piece = pieces.get(plain(found[1])) if found else None
            ours = events_of(piece).get(task) if piece else None
            same = ours and list(ours.symbols) == row["sym"] and [list(side) for side in ours.sides] == row["ctx"]
            # Where a task has no side information, the file says null.
            equal += bool(same) or bool(ours and not row["ctx"] and list(ours.symbols) == row["sym"])
        assert equal >= least, task
