from __future__ import annotations

import numpy as np
import pytest

from engine.measure.copying import Melodies
from engine.measure.piece import Harmony, Piece, Span, even_bars, notes_table
from engine.measure.structure import joined, structure_measures
from engine.measure.thumbnail import fitness
from engine.theory.meter import Meter

A, B = (60, 62, 64, 65), (67, 65, 64, 60)


def piece(*bars, sections=(), name="x"):
    """One chord throughout; each bar four crotchets, or empty."""
    notes = [(16 * n + 4 * i, 4, pitch) for n, bar in enumerate(bars) for i, pitch in enumerate(bar)]
    chord = Harmony(0, 16 * len(bars), 0, (0, 4, 7))
    return Piece(name, 0, Meter(), even_bars(len(bars), 16), tuple(sections), (chord,), notes_table(notes))


def test_neighbours_of_one_kind_are_one_section():
    spans = (Span("verse", 0, 8), Span("verse", 8, 8), Span("chorus", 16, 8))
    assert joined(spans) == (Span("verse", 0, 16), Span("chorus", 16, 8))


def test_sections_are_counted():
    spans = (Span("verse", 0, 4), Span("chorus", 4, 4), Span("verse", 8, 4), Span("chorus", 12, 3))
    found = structure_measures(piece(*[A] * 15, sections=spans))
    assert [found[name] for name in ("n_sections", "n_verse", "n_chorus")] == [4, 2, 2]
    assert found["section_len_multiple_of_4"] == 0.75


def test_bars_that_return():
    found = structure_measures(piece(A, B, A, (), ()))
    assert found["bars_repeated"] == pytest.approx(2 / 5)
    assert found["mel_bars_repeated"] == pytest.approx(1 / 3)


def test_equal_sections_are_alike_and_different_ones_are_not():
    spans = (Span("verse", 0, 2), Span("chorus", 2, 2), Span("verse", 4, 2), Span("chorus", 6, 2))
    bars = (A, A, B, B, A, A, B, B)
    found = structure_measures(piece(*bars, sections=spans))
    assert found["sim_verse_verse"] == pytest.approx(1)
    assert found["sim_verse_chorus"] == pytest.approx(0.25)  # one note of four in common


def test_a_section_that_comes_a_bar_late_is_found():
    spans = (Span("verse", 0, 3), Span("intro", 3, 1), Span("verse", 4, 4))
    found = structure_measures(piece(A, B, A, (), (), A, B, A, sections=spans))
    assert found["sim_verse_verse"] == pytest.approx(1)


def test_the_chorus_above_the_verse():
    spans = (Span("verse", 0, 2), Span("chorus", 2, 1))
    found = structure_measures(piece((60, 60), (60, 60), (67, 67, 67), sections=spans))
    assert found["chorus_minus_verse_pitch"] == 7
    assert found["chorus_over_verse_density"] == pytest.approx(1.5)


def test_the_fitness_of_a_segment_that_comes_twice():
    # A B A B, bars either equal or not: the segment A B has score (4 - 2) / 4 and coverage (4 - 2) / 4.
    same = np.array([[1, 0, 1, 0], [0, 1, 0, 1]] * 2, float)
    assert fitness(np.where(same > 0, 1.0, -2.0)).tolist() == [0, 0, 0.5]


def test_what_never_returns_has_no_thumbnail():
    assert fitness(np.where(np.eye(8) > 0, 1.0, -2.0)).max() == 0


def test_the_longest_run_in_another_melody():
    known = Melodies([piece(A, B, name="one"), piece((60, 60, 60, 60), name="two")])
    up = tuple(pitch + 5 for pitch in A)
    assert known.longest_run(piece(up, (70, 60, 70, 60), name="new")) == 4


def test_a_melody_is_not_its_own_copy():
    assert Melodies([piece(A, B, name="one")]).longest_run(piece(A, B, name="one")) == 0
