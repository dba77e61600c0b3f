from __future__ import annotations

import numpy as np
import pytest

from engine.measure.melody import entropy, melody_measures
from engine.measure.piece import Piece, even_bars, notes_table
from engine.measure.rhythm import lhl_syncopation, onset_similarity
from engine.theory.meter import Meter

FOUR_FOUR = np.tile([4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0], 2)


def sung(*notes, bars=1):
    return melody_measures(Piece("x", 0, Meter(), even_bars(bars, 16), melody=notes_table(notes)))


def scale(*pitches, gap=2):
    return sung(*((gap * i, gap, pitch) for i, pitch in enumerate(pitches)), bars=1 + gap * len(pitches) // 16)


def test_entropy_of_four_equal_classes_is_two_bits():
    assert entropy(np.array([5, 5, 0, 5, 5])) == pytest.approx(2)


def test_pitch_entropy_by_bar_and_by_four_bars():
    notes = [(16 * bar + 4 * i, 4, 60 + bar) for bar in range(4) for i in range(4)]
    found = sung(*notes, bars=4)
    assert (found["H1"], found["H4"]) == pytest.approx((0, 2))


def test_a_diatonic_melody_is_all_in_its_scale():
    assert scale(60, 62, 64, 65, 67, 69, 71)["scale_consistency"] == 1


def test_one_chromatic_note_in_eight_lowers_the_scale():
    assert scale(60, 62, 64, 65, 67, 69, 71, 61)["scale_consistency"] == pytest.approx(7 / 8)


def test_intervals_are_sorted_by_size():
    # 0, 2, 4, 7, -9 semitones.
    found = scale(60, 60, 62, 66, 73, 64)
    names = ("repeat", "step", "third", "leap", "big_leap")
    assert [found[f"mel_{name}_frac"] for name in names] == pytest.approx([0.2, 0.2, 0.2, 0.4, 0.2])
    assert found["mel_mean_abs_interval"] == pytest.approx(22 / 5)


def test_an_interval_over_a_bar_of_rest_does_not_count():
    assert sung((0, 2, 60), (2, 2, 62), (20, 2, 74), bars=2)["mel_mean_abs_interval"] == 2


def test_leaps_that_turn_back():
    # Up a fifth, back a step; up a sixth, on a step; down a tritone and repeated, which says nothing.
    assert scale(60, 67, 65, 74, 76, 76, 70, 70)["mel_leap_reversal"] == 0.5


def test_a_gap_of_half_a_bar_parts_phrases():
    assert sung((0, 2, 60), (2, 2, 60), (4, 2, 60), (12, 2, 60))["mel_phrase_notes"] == 2


def test_rests_and_empty_bars():
    found = sung((0, 4, 60), (4, 4, 60), bars=2)
    assert (found["mel_rest_frac"], found["mel_empty_bar_frac"]) == (0.75, 0.5)


def test_places_in_the_bar():
    found = sung((0, 2, 60), (4, 2, 60), (6, 2, 60), (11, 1, 60))
    assert (found["mel_onbeat_frac"], found["mel_downbeat_frac"]) == (0.5, 0.25)


def test_a_note_that_anticipates_a_silent_beat():
    # The off-beat eighth at 6 is followed by no note on 8; the one at 2 is followed by the beat at 4.
    assert sung((2, 2, 60), (4, 2, 60), (6, 4, 60))["mel_anticipation_frac"] == pytest.approx(1 / 3)


def test_syncopation_weighs_the_strongest_slot_passed_over():
    # From the eighth before the next bar (1) over the downbeat (4); from beat 2 (2) over the half bar (3).
    assert lhl_syncopation(np.array([14, 20]), FOUR_FOUR).tolist() == [3, 1]


def test_a_note_that_reaches_only_weaker_slots_is_not_syncopated():
    assert lhl_syncopation(np.array([0, 4, 8, 12]), FOUR_FOUR).tolist() == [0, 0, 0, 2]


def test_a_dry_sound_passes_over_less():
    assert lhl_syncopation(np.array([4]), FOUR_FOUR, 4).tolist() == [0]


def test_groove_similarity_is_one_less_the_share_of_slots_that_differ():
    grid = np.zeros((4, 16), bool)
    grid[[0, 1, 1, 3], [0, 0, 8, 0]] = True  # bar 2 is empty, bars 0 and 3 are the same
    every, adjacent = onset_similarity(grid)
    assert every == pytest.approx((15 / 16 + 1 + 15 / 16) / 3)
    assert adjacent == pytest.approx(15 / 16)


def test_a_voice_that_never_sings_has_no_measures():
    assert sung() == {}
