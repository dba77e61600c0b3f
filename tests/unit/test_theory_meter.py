"""Bars, slots and weights of metres."""

from __future__ import annotations

import pytest

from engine.theory.meter import Meter


@pytest.mark.parametrize(
    ("meter", "slots", "beat"), [((4, 4), 16, 4), ((3, 4), 12, 4), ((6, 8), 12, 6), ((12, 8), 24, 6)]
)
def test_bars_have_their_sixteenths(meter, slots, beat):
    assert (Meter(*meter).slots, Meter(*meter).beat) == (slots, beat)


# Lerdahl and Jackendoff's dots over one bar of common time.
def test_common_time_weighs_its_slots():
    assert [Meter().weight(slot) for slot in range(16)] == [4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0]


def test_a_waltz_has_no_half_bar():
    assert [Meter(3, 4).weight(slot) for slot in (0, 4, 6, 8)] == [4, 2, 1, 2]


def test_compound_time_has_two_beats():
    assert [Meter(6, 8).weight(slot) for slot in (0, 2, 6)] == [4, 1, 3]


@pytest.mark.parametrize("meter", [(0, 4), (17, 4), (4, 3), (4, 32)])
def test_what_is_no_metre_is_refused(meter):
    with pytest.raises(ValueError, match="time signature"):
        Meter(*meter)
