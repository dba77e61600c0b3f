"""Four voices: layouts of a chord, and what going from one to another breaks; answers from the schoolbooks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.theory.chord import Chord
from engine.theory.partwriting import NO_ONE, Layout, Ranges, faults, going_on, layouts

CHOIR = Ranges((55, 74), (48, 67), (40, 60))
C, G, F = Chord(0, "maj", 0), Chord(7, "maj", 7), Chord(5, "maj", 5)
LEADING = 11


def faulty(old: Layout, new: Layout) -> bool:
    return bool(faults(np.array(old), np.array(new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Layout(72, 67, 60, 48), Layout(74, 69, 62, 50)),  # everything a step up
        (Layout(76, 67, 60, 48), Layout(72, 69, 62, 50)),  # octaves of tenor and bass
        (Layout(72, 67, 55, 48), Layout(71, 65, 57, 50)),  # fifths of tenor and bass
        (Layout(67, 64, 60, 48), Layout(67, 65, 62, 38)),  # octaves by contrary motion
    ],
)
def test_parallel_fifths_and_octaves_are_found(old, new):
    assert faulty(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Layout(72, 67, 64, 48), Layout(71, 67, 62, 55)),  # I V
        (Layout(72, 69, 65, 53), Layout(72, 67, 64, 48)),  # IV I
        (Layout(72, 67, 64, 48), Layout(72, 67, 64, 48)),  # nobody moves
        (Layout(NO_ONE, 67, 60, 48), Layout(74, 67, 59, 55)),  # the soprano only enters
    ],
)
def test_sound_progressions_are_none(old, new):
    assert not faulty(old, new)


@pytest.mark.parametrize("chord", [C, G, F, Chord(9, "min7", 9), Chord(7, "7", 7)])
@pytest.mark.parametrize("soprano", [NO_ONE, 60, 67, 72, 79])
def test_layouts_do_not_cross_and_have_root_and_third(chord, soprano):
    for layout, _ in layouts(chord, soprano, CHOIR, LEADING):
        sounding = [pitch for pitch in layout if pitch != NO_ONE]
        assert sounding == sorted(sounding, reverse=True)
        assert {chord.root, chord.pitch_classes[1]} <= {pitch % 12 for pitch in sounding}
        assert [pitch % 12 for pitch in sounding].count(LEADING) <= 1


def test_a_chord_over_another_bass_has_that_bass():
    assert {layout.bass % 12 for layout, _ in layouts(Chord(5, "maj", 0), 72, CHOIR, LEADING)} == {0}


def test_root_position_costs_least():
    best, _ = layouts(C, 72, CHOIR, LEADING)[0]
    assert best.bass % 12 == 0


def test_a_soprano_below_all_others_still_has_a_layout():
    assert layouts(C, 30, CHOIR, LEADING)


def test_a_leading_note_that_rises_costs_less_than_one_that_falls():
    old = Layout(74, 71, 67, 55)
    rises, falls = Layout(72, 72, 64, 48), Layout(72, 67, 64, 48)
    cost, _ = going_on((old,), (rises, falls), LEADING, -1)
    assert cost[0, 0] < cost[0, 1]
