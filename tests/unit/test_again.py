"""Which lines of a section come again over its chords."""

from __future__ import annotations

from engine.plan.again import Leaf, Takes, over_chords
from engine.song import ChordSpan, Section
from engine.stream import Stream
from engine.theory.chord import parse_numeral

BAR = 1920
NEVER, RHYTHM, ALWAYS = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)


def takes(outcome: tuple[int, ...]) -> Takes:
    return Takes((((outcome, outcome),),), (1,) * 8)


def section(numerals: str) -> Section:
    chords = tuple(ChordSpan(i * BAR, BAR, parse_numeral(n, 0), n) for i, n in enumerate(numerals.split()))
    return Section("verse/1", "verse", "verse", 0, len(chords), 3, "", (), chords, ())


def read(numerals: str, outcome: tuple[int, ...], leaves: list[Leaf] | None = None) -> list[tuple[str, str]]:
    where = section(numerals)
    leaves = leaves or [Leaf(k, 2, (k,), "") for k in range(0, where.bars, 2)]
    letters: dict[tuple[object, ...], str] = {}
    found = over_chords(takes(outcome), 0, 0, where, BAR, leaves, Stream.of(3))
    return [(letters.setdefault(leaf.identity, "abcdef"[len(letters)]), leaf.change) for leaf in found]


def test_lines_over_the_same_chords_come_again() -> None:
    assert read("I IV I IV", ALWAYS) == [("a", ""), ("a", "")]


def test_a_pair_of_lines_comes_again_in_its_order() -> None:
    assert read("I IV V vi I IV V vi", ALWAYS) == [("a", ""), ("b", ""), ("a", ""), ("b", "")]


def test_no_line_comes_again_unchanged_over_other_chords() -> None:
    assert all(change == "moved" or letter != "a" for letter, change in read("I IV V vi", ALWAYS)[1:])


def test_a_line_may_be_new_over_chords_that_come_again() -> None:
    assert read("I IV I IV", NEVER) == [("a", ""), ("b", "")]


def test_a_rhythm_alone_may_come_again() -> None:
    assert read("I IV I IV", RHYTHM) == [("a", ""), ("a", "moved")]


def test_what_the_derivation_repeats_stays_where_its_chords_do() -> None:
    leaves = [Leaf(0, 2, ("x",), ""), Leaf(2, 2, ("x",), "vary")]
    assert read("I IV I IV", NEVER, leaves)[1][1] in ("vary", "end")


def test_what_the_derivation_repeats_is_another_line_over_other_chords() -> None:
    leaves = [Leaf(0, 2, ("x",), ""), Leaf(2, 2, ("x",), "")]
    assert read("I IV V vi", NEVER, leaves)[1] in (("b", ""), ("a", "moved"))


def reprises(numerals: str) -> list[list[str]]:
    """Return which lines of a chorus have the material of its first, for forty songs that would never repeat one."""
    where = section(numerals)
    leaves = [Leaf(k, 2, (k,), "") for k in range(0, where.bars, 2)]
    never = Takes((((NEVER, NEVER),), ((NEVER, NEVER),)), (1,) * 8)
    songs = [over_chords(never, 1, 0, where, BAR, leaves, Stream.of(seed)) for seed in range(40)]
    return [[leaf.change for leaf in song[1:] if leaf.identity == song[0].identity] for song in songs]


def test_most_choruses_come_back_to_their_first_line() -> None:
    assert sum(bool(found) for found in reprises("I IV V vi I IV V vi")) >= 20


def test_a_first_line_over_other_chords_is_moved_to_them() -> None:
    found = reprises("I IV V vi ii iii V V")
    assert sum(bool(changes) for changes in found) >= 20
    assert all(change == "moved" for changes in found for change in changes)
