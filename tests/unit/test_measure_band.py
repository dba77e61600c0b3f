from __future__ import annotations

import numpy as np
import pytest

from engine.measure.bass import bass_measures
from engine.measure.drums import drum_measures
from engine.measure.piece import Harmony, Piece, drum_tables, even_bars, notes_table
from engine.theory.meter import Meter

KICK, SNARE, HAT, TOM = 36, 38, 42, 45
ROCK = [(0, KICK), (8, KICK), (4, SNARE), (12, SNARE), *((slot, HAT) for slot in range(0, 16, 2))]


def band(*bars, bass=(), chords=()):
    hits = [(16 * n + slot, pitch, 100) for n, bar in enumerate(bars) for slot, pitch in bar]
    return Piece(
        "x", 0, Meter(), even_bars(len(bars), 16), chords=chords, bass=notes_table(bass), drums=drum_tables(hits)
    )


def test_a_rock_beat_by_hand():
    found = drum_measures(band(ROCK, ROCK))
    assert [found[f"{name}_per_bar"] for name in ("drum_hits", "kick", "snare", "hat", "tom")] == [12, 2, 2, 8, 0]
    assert [found[name] for name in ("kick_on_1", "kick_on_3", "snare_on_2_4")] == [1, 1, 1]
    assert (found["GS_drums"], found["drum_top_pattern_share"], found["fill_bar_frac"]) == (1, 1, 0)


def test_bars_are_compared_as_kick_snare_and_hat():
    # The second bar lacks one of 48 strokes.
    assert drum_measures(band(ROCK, ROCK[1:]))["GS_drums"] == pytest.approx(1 - 1 / 48)


def test_patterns_a_hundred_bars():
    found = drum_measures(band(ROCK, ROCK, ROCK[1:], ROCK))
    assert found["drum_distinct_patterns_per_100_bars"] == 50
    assert found["drum_top_pattern_share"] == 0.75


def test_two_toms_make_a_fill():
    fill = [*ROCK, (12, TOM), (14, TOM)]
    assert drum_measures(band(ROCK, fill))["fill_bar_frac"] == 0.5


def test_bars_without_drums_do_not_count():
    assert drum_measures(band(ROCK, [], ROCK))["kick_on_1"] == 1


def test_a_backbeat_is_not_syncopated():
    assert drum_measures(band(ROCK, ROCK))["snare_sync_LHL_per_bar"] == 0


def test_a_kick_pushed_before_the_third_beat_is_syncopated():
    # From slot 6 (weight 1) over slot 8 (weight 3).
    pushed = [(0, KICK), (6, KICK), (4, SNARE), (12, SNARE)]
    assert drum_measures(band(pushed, pushed))["kick_sync_LHL_per_bar"] == 2


def test_bass_with_kick():
    bass = [(0, 4, 28), (4, 4, 28), (8, 8, 28)]
    found = bass_measures(band(ROCK, bass=bass))
    assert found["bass_with_kick"] == pytest.approx(2 / 3)
    assert found["kick_with_bass"] == 1
    assert found["kick_with_bass_lift"] == pytest.approx(16 / 3)


def test_bass_on_the_chord():
    bass = [(0, 4, 28), (4, 4, 30), (16, 4, 35)]  # E, F# over E; B over E
    chords = (Harmony(0, 32, 4, (0, 4, 7)),)
    found = bass_measures(band(ROCK, ROCK, bass=bass, chords=chords))
    assert found["bass_root_on_downbeat"] == 0.5
    assert found["bass_chord_tone_frac"] == pytest.approx(2 / 3)


def test_bass_without_drums_or_chords():
    piece = Piece("x", 0, Meter(), even_bars(1, 16), bass=notes_table([(0, 4, 28), (8, 4, 33)]))
    found = bass_measures(piece)
    assert found["bass_notes_per_bar"] == 2
    assert np.isnan(found["bass_with_kick"]) and np.isnan(found["bass_root_on_downbeat"])
