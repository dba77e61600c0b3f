"""Note values and beams, as an engraver cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.notation.values import TYPES, beams, split
from engine.theory.meter import Meter

FOUR, THREE, SIX, TWELVE = Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(12, 8)
METERS = st.sampled_from([FOUR, THREE, SIX, TWELVE, Meter(2, 4), Meter(2, 2), Meter(5, 4), Meter(7, 8), Meter(9, 8)])


def lengths(start: int, stop: int, meter: Meter, rest: bool = False) -> list[int]:
    return [length for _, length in split(start, stop, meter, rest)]


@pytest.mark.parametrize(
    ("meter", "start", "stop", "expected"),
    [
        (FOUR, 0, 16, [16]),
        (FOUR, 0, 12, [12]),
        (FOUR, 0, 6, [6]),
        (FOUR, 2, 6, [4]),  # eighth, quarter, eighth: the usual syncopation
        (FOUR, 4, 12, [8]),  # quarter, half, quarter
        (FOUR, 6, 10, [2, 2]),  # but the middle of the bar is seen
        (FOUR, 4, 10, [4, 2]),
        (FOUR, 3, 6, [1, 2]),
        (FOUR, 1, 3, [2]),
        (FOUR, 0, 7, [4, 3]),
        (THREE, 0, 12, [12]),
        (THREE, 4, 12, [8]),
        (SIX, 0, 12, [12]),
        (SIX, 0, 8, [6, 2]),  # never a half note over the dotted beats
        (SIX, 4, 8, [2, 2]),
        (TWELVE, 0, 24, [24]),
        (TWELVE, 6, 18, [6, 6]),
    ],
)
def test_a_note_shows_the_beats(meter, start, stop, expected):
    assert lengths(start, stop, meter) == expected


@pytest.mark.parametrize(
    ("meter", "start", "stop", "expected"),
    [
        (FOUR, 0, 6, [4, 2]),
        (FOUR, 2, 8, [2, 4]),
        (FOUR, 4, 12, [4, 4]),  # rests take no part in syncopation
        (FOUR, 0, 8, [8]),
        (THREE, 0, 8, [4, 4]),
        (SIX, 0, 6, [6]),
        (SIX, 2, 12, [4, 6]),
    ],
)
def test_a_rest_shows_them_even_more(meter, start, stop, expected):
    assert lengths(start, stop, meter, rest=True) == expected


@given(METERS, st.integers(0, 23), st.integers(1, 24), st.booleans())
def test_values_fill_what_is_cut_and_have_a_name(meter, start, length, rest):
    start %= meter.slots
    stop = min(start + length, meter.slots)
    at = start
    for first, size in split(start, stop, meter, rest):
        assert first == at and size in TYPES
        at += size
    assert at == stop


def values(*sizes: int) -> list[tuple[int, int, bool]]:
    """Return values one after another; a negative size is a rest."""
    found, at = [], 0
    for size in sizes:
        found.append((at, abs(size), size < 0))
        at += abs(size)
    return found


def test_four_eighths_of_a_half_bar_are_under_one_beam():
    found = beams(values(2, 2, 2, 2, 4, 2, 2), FOUR)
    assert found == [("begin",), ("continue",), ("continue",), ("end",), (), ("begin",), ("end",)]


def test_sixteenths_are_beamed_by_the_beat():
    found = beams(values(2, 1, 1, 1, 1, 2, 8), FOUR)
    assert found[:3] == [("begin",), ("continue", "begin"), ("end", "end")]
    assert found[3:6] == [("begin", "begin"), ("continue", "end"), ("end",)]


def test_a_lone_sixteenth_has_a_hook():
    assert beams(values(3, 1, 12), FOUR)[:2] == [("begin",), ("end", "backward hook")]
    assert beams(values(1, 3, 12), FOUR)[:2] == [("begin", "forward hook"), ("end",)]


def test_compound_time_is_beamed_in_threes():
    assert beams(values(2, 2, 2, 2, 2, 2), SIX) == [("begin",), ("continue",), ("end",)] * 2


def test_a_rest_parts_a_beam():
    assert beams(values(2, -2, 2, 2, 8), FOUR)[:4] == [(), (), ("begin",), ("end",)]
