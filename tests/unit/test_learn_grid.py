"""The grid: shifted, swung, in triplets, live."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learn.grid import OFF, lay
from engine.learn.raw import START, Raw, RawTrack
from engine.learn.track_beats import track_beats


def raw_at(starts: list[float], micros: int = 500_000) -> Raw:
    notes = np.array([(round(at), 60, 40 + n % 30, 90) for n, at in enumerate(starts)], np.int64)
    return Raw("x", 480, (RawTrack(notes),), tempos=((0, micros),))


def test_notes_on_the_grid_stay_there():
    laid = lay(raw_at([120 * n for n in range(64)]))
    assert laid.notes[:, START].tolist() == [120 * n for n in range(64)]
    assert (laid.error, laid.swing, laid.tracked) == (0, 50, False)
    assert laid.tempo == pytest.approx(120)


def test_a_shifted_grid_is_found():
    laid = lay(raw_at([120 * n + 43 for n in range(64)]))
    assert not laid.notes[:, OFF].any()
    assert set(np.diff(laid.notes[:, START])) == {120}


def test_small_deviations_are_taken_off_and_told():
    laid = lay(raw_at([120 * n + (7 if n % 3 else -9) for n in range(90)]))
    assert laid.notes[:, START].tolist() == [120 * n for n in range(90)]
    assert laid.error == pytest.approx(0.0081, abs=0.002)


def test_swung_eighths_are_straightened():
    laid = lay(raw_at([480 * (n // 2) + 320 * (n % 2) for n in range(96)]))
    assert (laid.swing, laid.swing_unit) == (67, 2)
    assert laid.notes[:, START].tolist() == [240 * n for n in range(96)]


def test_dotted_notes_do_not_swing():
    assert lay(raw_at([480 * (n // 2) + 360 * (n % 2) for n in range(96)])).swing == 50


def test_triplets_in_a_straight_song_stay_triplets():
    straight = [240 * n for n in range(64)]
    laid = lay(raw_at([*straight, *(15360 + 160 * n for n in range(6)), *(16320 + 240 * n for n in range(32))]))
    assert laid.notes[64:70, START].tolist() == [15360 + 160 * n for n in range(6)]
    assert not laid.compound


def test_a_song_all_in_triplets_is_in_compound_time():
    laid = lay(raw_at([160 * n for n in range(120)]))
    assert laid.compound
    assert laid.notes[:, START].tolist() == [240 * n for n in range(120)]


def test_beats_that_the_file_does_not_know_are_tracked():
    # Eighths at 97 beats a minute in a file that says 120.
    beat = 480 * 120 / 97
    laid = lay(raw_at([beat * n / 2 + 3.3 * (n % 7) for n in range(160)]))
    assert laid.tracked
    assert laid.tempo / 97 in (pytest.approx(1, rel=0.03), pytest.approx(2, rel=0.03), pytest.approx(0.5, rel=0.03))
    assert len(set(np.diff(laid.notes[:, START]))) <= 2


def test_a_slowing_beat_is_followed():
    times = np.cumsum(np.linspace(0.5, 0.7, 100))
    found = track_beats(times, np.full(100, 60), np.full(100, 90))
    assert found is not None
    near = np.abs(found[:, None] - times[None, :]).min(axis=1)
    assert np.mean(near < 0.05) > 0.9


def test_no_beat_is_found_in_two_seconds():
    assert track_beats(np.arange(10) / 5, np.full(10, 60), np.full(10, 90)) is None
