"""How RS200's singers divide sections: bars that come again, where lines begin and end, what is left unsung."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from engine.train.corpora import rs200
from engine.train.corpora.annotated import AnnotatedSection, AnnotatedSong

KINDS = ("verse", "prechorus", "chorus", "bridge")
METERS = ("4/4", "12/8")
REST = "rest"  # the name of a bar without an onset
LETTERS = tuple(f"bar{k}" for k in range(32))  # names of bars, in order of first occurrence

_EARLY = 2  # a bar's notes are those from so many slots before its line
_SAME = 0.6  # share of notes in common from which a bar is another again
_ALIKE = 0.75  # share of onsets in common from which it is its rhythm again


class Bar(NamedTuple):
    """What is sung in a bar: (slot, degree) of each note."""

    notes: frozenset[tuple[int, int]]

    @property
    def slots(self) -> frozenset[int]:
        """The onsets."""
        return frozenset(slot for slot, _ in self.notes)


class Pair(NamedTuple):
    """The line sung in two bars: slots of its first and last onset from their start, or None when unsung.

    number: which pair of bars of the section this is. middle: the longest wait between onsets about the bar
    line in the middle, 0 where hardly anything is sung before or after it.
    """

    number: int
    span: tuple[int, int] | None
    middle: int


class Sung(NamedTuple):
    """A sung section: the song's work, its kind, a name for every bar, the bars, and its pairs of bars."""

    work: str
    kind: str
    letters: tuple[str, ...]
    bars: tuple[Bar, ...]
    pairs: tuple[Pair, ...]


def read_sung(data: Path) -> tuple[Sung, ...]:
    """Return the sung sections of RS200; raises CorpusError."""
    songs = rs200.read(data, "tdc")
    return tuple(
        found
        for song in songs
        if song.melody and song.meter in METERS
        for section in song.sections
        if section.kind in KINDS and (found := sung_section(song, section))
    )


def sung_section(song: AnnotatedSong, section: AnnotatedSection) -> Sung | None:
    """Return what is sung in a section, or None where that is less than every other bar."""
    count, base = len(section.bars), section.first * 16
    # Every bar counts as sixteen slots, also one of four times three.
    onsets = {note.bar * 16 + note.slot(16) - base: note.degree for note in song.melody}
    near = sorted(slot for slot in onsets if -8 <= slot < count * 16 + 8)
    # Where lines begin and end is learnt on the grid alone: triplets rounded to it would start lines where nobody does.
    even = {note.bar * 16 + note.slot(16) - base for note in song.melody if (note.position * 16).denominator == 1}
    pairs = pairs_of([slot for slot in near if slot in even], count) if song.meter == "4/4" else ()
    bars = tuple(
        Bar(frozenset((slot - k * 16, onsets[slot]) for slot in near if k * 16 - _EARLY <= slot < k * 16 + 16 - _EARLY))
        for k in range(count)
    )
    if sum(bool(bar.notes) for bar in bars) * 2 < count or not 2 <= count <= 32:
        return None
    return Sung(song.work, section.kind, letters_of(bars), bars, pairs)


def letters_of(bars: Sequence[Bar]) -> tuple[str, ...]:
    """Return a name for every bar: bars that share most notes, or nearly all onsets, share a name."""
    found: list[str] = []
    first: list[int] = []  # the first bar of each name
    for bar in bars:
        if not bar.notes:
            found.append(REST)
            continue
        alike = next((k for k, number in enumerate(first) if is_again(bars[number], bar)), None)
        if alike is None:
            alike = len(first)
            first.append(len(found))
        found.append(LETTERS[alike])
    return tuple(found)


def is_again(a: Bar, b: Bar) -> bool:
    """Return whether a bar is another one again: the same notes, or its rhythm."""
    return is_same(a, b) or _common(a.slots, b.slots) >= _ALIKE


def is_same(a: Bar, b: Bar) -> bool:
    """Return whether two bars have most of their notes in common."""
    return _common(a.notes, b.notes) >= _SAME


def is_answer(a: Bar, b: Bar) -> bool:
    """Return whether a bar takes up another's rhythm without being it again."""
    return not is_again(a, b) and _common(a.slots, b.slots) >= 0.5


def pairs_of(onsets: Sequence[int], bars: int) -> tuple[Pair, ...]:
    """Return the pairs of bars of a section, each with the notes up to the widest gap about the bar line."""
    cuts = [cut(onsets, 32 * k) for k in range(bars // 2 + 1)]
    found = []
    for k, (low, high) in enumerate(pairwise(cuts)):
        own = [slot - 32 * k for slot in onsets if low <= slot < high]
        # A line of one bar has three notes at least, before the wait as after it.
        waits = [b - a for n, (a, b) in enumerate(pairwise(own)) if b > 10 and a < 18 and 2 <= n < len(own) - 3]
        middle = max(waits, default=0)
        found.append(Pair(k, (own[0], own[-1]) if own else None, middle))
    return tuple(found)


def cut(onsets: Sequence[int], line: int) -> int:
    """Return the onset that begins after the widest gap near a bar line."""
    best, where = -1, line
    # Only the waits that end after line - 8 and begin before line + 4.
    at = bisect_right(onsets, line - 8)
    a = onsets[at - 1] if at else line - 99
    while a < line + 4:
        b = onsets[at] if at < len(onsets) else line + 99
        gap = min(b, line + 12) - max(a, line - 20)
        if gap > best:
            best, where = gap, b
        if at == len(onsets):
            break
        a, at = b, at + 1
    return where


def _common(a: frozenset[object] | frozenset[int], b: frozenset[object] | frozenset[int]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0
