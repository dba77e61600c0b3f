from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from engine.measure.harmony import centroid, fit_measures, harmony_measures, triad
from engine.measure.piece import Harmony, Piece, even_bars, notes_table
from engine.theory.meter import Meter

MAJOR, MINOR = (0, 4, 7), (0, 3, 7)


def piece(*chords, notes=()):
    harmonies = tuple(Harmony(16 * i, 16 * i + 16, root, steps) for i, (root, steps) in enumerate(chords))
    return Piece("x", 0, Meter(), even_bars(len(chords), 16), chords=harmonies, melody=notes_table(notes))


def test_a_progression_by_hand():
    found = harmony_measures(piece((0, MAJOR), (5, MAJOR), (0, MAJOR), (7, MAJOR), (7, MAJOR), (0, MAJOR)))
    assert found["CC"] == 3
    assert found["CHE"] == pytest.approx(-(0.6 * log(0.6) + 0.4 * log(0.2)))
    assert found["chord_changes_per_bar"] == pytest.approx(5 / 6)
    assert found["root_I_frac"] == pytest.approx(3 / 5)
    assert (found["pretonic_IV"], found["pretonic_V"]) == (0.5, 0.5)


def test_chord_trigrams_that_return():
    loop = [(0, MAJOR), (7, MAJOR), (9, MINOR), (5, MAJOR)] * 3
    assert harmony_measures(piece(*loop))["CPI"] == pytest.approx(4 / 10)


def test_one_chord_has_no_progression():
    found = harmony_measures(piece((0, MAJOR)))
    assert found["CC"] == 1 and np.isnan(found["CTD"]) and np.isnan(found["CPI"])


@pytest.mark.parametrize(
    ("steps", "under"), [((0, 4, 7, 11), MAJOR), ((0, 3, 6, 10), (0, 3, 6)), ((0, 7), MAJOR), ((0, 4, 8), (0, 4, 8))]
)
def test_the_triad_under_a_chord(steps, under):
    assert triad(steps) == under


def test_the_centroid_of_a_pitch_class_lies_on_its_three_circles():
    # C: at the top (cosine) of each circle; the radius of major thirds is one half.
    assert centroid(0, (0,)) == pytest.approx([0, 1, 0, 1, 0, 0.5])


def test_pitch_classes_a_tritone_apart_are_opposite_in_fifths_only():
    # Opposite on the circle of fifths and of minor thirds (6 * 9 = 54 = 6 mod 12), equal on that of major thirds.
    assert np.linalg.norm(centroid(0, (0,)) - centroid(6, (0,))) == pytest.approx(sqrt(8))


def test_chord_tones_and_notes_that_resolve():
    notes = [(0, 4, 64), (4, 4, 62), (8, 4, 60), (12, 4, 69)]  # E, D to C by step, A left alone
    found = fit_measures(piece((0, MAJOR), notes=notes))
    assert found["chord_tone_frac"] == 0.5
    assert found["strong_beat_chord_tone"] == 1
    assert found["CTnCTR"] == 0.75


def test_consonance_of_the_root_with_its_triad():
    # Above the root a unison (1), above the third a minor sixth (1), above the fifth a fourth (0).
    assert fit_measures(piece((0, MAJOR), notes=[(0, 16, 60)]))["PCS"] == pytest.approx(2 / 3)


def test_consonance_is_weighted_by_duration():
    # F above C E G: a fourth (0), a minor second (-1), a minor seventh (-1).
    notes = [(0, 12, 60), (12, 4, 65)]
    assert fit_measures(piece((0, MAJOR), notes=notes))["PCS"] == pytest.approx((12 * 2 / 3 - 4 * 2 / 3) / 16)


def test_a_note_alone_on_its_root_has_no_tonal_distance():
    assert fit_measures(piece((0, (0,)), notes=[(0, 16, 60)]))["MCTD"] == pytest.approx(0)


def test_a_seventh_is_a_chord_tone():
    assert fit_measures(piece((0, (0, 4, 7, 10)), notes=[(0, 16, 70)]))["chord_tone_frac"] == 1
