"""Wishes for a melody are kept, whatever they are, or those that collide are told."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from wishing import broken, possible, wishes

from engine.alone.melody import melody
from engine.errors import UsageError
from engine.plan.keeping import Frame, can_be_kept, colliding
from engine.plan.wishes import Wishes, parse_wishes, together
from engine.theory.meter import Meter

CHORDS = ("Am F C G", "| Em | C G | D | Em |", "C G Am F", "D5 A5 Bm7 Gsus4")


@given(wishes(), st.sampled_from(CHORDS), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_wishes_are_kept_or_refused(wished: Wishes, chords: str, seed: int) -> None:
    try:
        song = melody(chords, seed=seed, wishes=wished).song
    except UsageError as refused:
        assert str(refused).startswith("cannot be kept"), refused
        return
    assert not broken(song.part("melody").notes, wished, song.meter, song.bars)


def frame(bars: int) -> Frame:
    return Frame(Meter(), bars, 0, 16 * bars, (50, 74), 62, 2, 16 * bars - 5)


@given(wishes(bars=1))
@settings(max_examples=60, deadline=None)
def test_what_is_refused_cannot_be(wished: Wishes) -> None:
    assert can_be_kept(wished, frame(1)) == possible(wished, frame(1))


@given(wishes(bars=2))
@settings(max_examples=80, deadline=None)
def test_those_that_collide_are_the_fewest(wished: Wishes) -> None:
    if can_be_kept(wished, frame(2)):
        return
    few = colliding(wished, frame(2))
    assert few
    assert not can_be_kept(together(few), frame(2))
    for one in few:
        assert can_be_kept(together(other for other in few if other is not one), frame(2))


@given(wishes())
def test_words_say_the_same(wished: Wishes) -> None:
    assert parse_wishes(str(wished)) == replace(wished, top=wished.top if wished.highest is not None else 0)
