"""How often the lines of RS200 come again where their chords do, how faithfully, and from how far back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.models.viewpoints import Ints
from engine.plan.again import FARTHEST, OUTCOMES
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.sung_notes import Sung

CLASSES = (0.2, 0.5)  # shares of such lines that come again, which part three kinds of song
_KINDS = {"verse": 0, "chorus": 1, "prechorus": 2, "bridge": 2}
_LEAST = 3  # notes of a line
_FEW = 4  # such lines in a song, for it to have a class of its own
_SAME, _LINE, _RHYTHM = 0.99, 0.6, 0.75  # shares of notes, or of onsets, in common
_PRIOR = 6.0  # lines for which what is true of all songs counts in each class

_Notes = frozenset[tuple[int, int]]


class Take(NamedTuple):
    """A line whose chords have been heard before in its section.

    kind: 0 verse, 1 chorus, 2 other. goes_on: whether the line before was taken up too, and this follows what followed
    there. outcome: in OUTCOMES. apart: how many lines back what it takes up lies (0 for nothing). heard: how far back
    its chords have been heard.
    """

    kind: int
    goes_on: bool
    outcome: int
    apart: int
    heard: tuple[int, ...]


def takes(song: AnnotatedSong, notes: Sequence[Sung]) -> Iterator[Take]:
    """Yield the lines of two bars of a song whose chords have been heard before in their section."""
    bars = {s.first + i: bar.chords for s in song.sections for i, bar in enumerate(s.bars)}
    slots = [note.slot for note in notes]
    for section in song.sections:
        if section.kind not in _KINDS:
            continue
        starts = range(section.first, section.first + len(section.bars) - 1, 2)
        lines = [_line(notes, slots, start * 16) for start in starts]
        chords = [(bars[start], bars[start + 1]) for start in starts]
        last: int | None = None
        for number, line in enumerate(lines):
            same = [k for k in range(number) if chords[k] == chords[number] and len(lines[k]) >= _LEAST]
            if len(line) < _LEAST or not same:
                last = None
                continue
            goes_on = last is not None and last + 1 in same
            source = last + 1 if goes_on and last is not None else max(same, key=lambda k: (_like(line, lines[k]), k))
            outcome = _like(line, lines[source])
            last = source if outcome else None
            heard = tuple(number - k for k in same)
            yield Take(_KINDS[section.kind], goes_on, outcome, number - source if outcome else 0, heard)


def song_class(found: Sequence[Take]) -> int:
    """Return how much a song repeats its lines, 0 .. len(CLASSES); the middle where hardly any could come again."""
    if len(found) < _FEW:
        return 1
    share = sum(take.outcome >= 2 for take in found) / len(found)
    return sum(share >= bound for bound in CLASSES)


def tables(songs: Sequence[Sequence[Take]]) -> tuple[Ints, Ints]:
    """Return (outcomes, apart) as in ``engine.plan.again.Takes``."""
    counts = np.zeros((3, len(CLASSES) + 1, 2, len(OUTCOMES)))
    chosen, heard = np.zeros(FARTHEST), np.zeros(FARTHEST)
    for found in songs:
        for take in found:
            counts[take.kind, song_class(found), int(take.goes_on), take.outcome] += 1
            if take.outcome and not take.goes_on:
                chosen[min(take.apart, FARTHEST) - 1] += 1
                for far in take.heard:
                    heard[min(far, FARTHEST) - 1] += 1
    pooled = counts.sum(axis=0, keepdims=True) + counts.sum(axis=1, keepdims=True) / len(counts)
    pooled = pooled / pooled.sum(axis=-1, keepdims=True)
    outcomes = counts + _PRIOR * pooled
    outcomes = outcomes / outcomes.sum(axis=-1, keepdims=True)
    return np.rint(1000 * outcomes).astype(np.int64), np.rint(1000 * (chosen + 1) / (heard + 1)).astype(np.int64)


def _line(notes: Sequence[Sung], slots: Sequence[int], start: int) -> _Notes:
    own = notes[bisect_left(slots, start - 2) : bisect_left(slots, start + 30)]
    return frozenset([(n.slot - start, n.degree) for n in own])


def _like(one: _Notes, other: _Notes) -> int:
    """Return the outcome that one line is of another."""
    common = len(one & other) / max(len(one), len(other))
    ours, theirs = ({slot for slot, _ in line} for line in (one, other))
    onsets = len(ours & theirs) / max(len(ours), len(theirs))
    return 3 if common >= _SAME else 2 if common >= _LINE else int(onsets >= _RHYTHM)
