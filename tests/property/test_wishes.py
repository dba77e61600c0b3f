"""Wishes for a melody are kept, whatever they are, or those that collide are told."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st
from wishing import broken, possible, wishes

from engine import bench
from engine.alone.melody import melody
from engine.document import Document, cells
from engine.errors import UsageError
from engine.export.songfile import document_file
from engine.export.songread import read_document
from engine.pipeline import compose
from engine.plan.keeping import Frame, can_be_kept, colliding
from engine.plan.wishes import Wishes, parse_wishes, together
from engine.request import make_request
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


@lru_cache(maxsize=2)
def song(seed: int) -> Document:
    style = ("rock", "pop")[seed % 2]
    return bench.document(compose(make_request(seed=seed, form="I V P C V C B C", bridge_melody=True, style=style)))


@given(
    wished=wishes(most=3),
    seed=st.integers(0, 1),
    place=st.sampled_from(("verse", "chorus", "bridge", "prechorus", "chorus/2")),
    how=st.sampled_from(("reroll", "rhythm", "contour")),
    amount=st.sampled_from((0, 0.3, 1)),
)
@settings(max_examples=30, deadline=None)
def test_wishes_are_kept_in_a_song_and_nothing_else_changes(
    wished: Wishes, seed: int, place: str, how: str, amount: float
) -> None:
    before = song(seed)
    wished = wished if how == "reroll" else replace(wished, rhythm=())
    try:
        if how == "reroll":
            after = bench.reroll(before, f"{place}/melody", wishes=wished)
        else:
            after = bench.vary(before, f"{place}/melody", amount, how, wished)
    except UsageError:
        return
    old, new = cells(before.song), cells(after.song)
    for section in after.song.sections:
        if place in (section.name, section.kind) and (section.name, "melody") in new:
            line = [note._replace(pitch=note.pitch - section.shift) for note in new[section.name, "melody"]]
            assert not broken(line, wished, after.song.meter, section.bars)
    for name, part in old.keys() | new.keys():
        if part != "melody" or place not in (name, name.partition("/")[0]):
            assert old.get((name, part)) == new.get((name, part))
    assert read_document(document_file(after)) == after
    assert bench.do(before, after.song.edits[-1]).song == after.song
