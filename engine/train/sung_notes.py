"""The sung notes of RS200 in 4/4, on the grid of sixteenths, and the lines they make."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from engine.models.pitch import NO_CHORD, lean
from engine.theory.chord import QUALITIES, parse_numeral
from engine.train.corpora.annotated import NO_CHORD as SILENT
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.sung_lines import cut

BREATH = 7  # slots without an onset that end a phrase
_SHIFTS = (0, -32, 32)
_SAME = 0.6  # share of notes in common from which a line is another again
LEAST = 30  # notes, for a song to be learnt from


class Sung(NamedTuple):
    """A note of a song in 4/4: slot from the song's start, pitch, degree, chord it is sung to and kind of section."""

    slot: int
    pitch: int
    degree: int
    chord: int
    kind: str


def sung(song: AnnotatedSong) -> list[Sung]:
    """Return the notes of a song's melody that lie in 4/4 bars on the grid of sixteenths."""
    bars = {s.first + i: (bar, s.kind) for s in song.sections for i, bar in enumerate(s.bars)}
    found = []
    for note in song.melody:
        place = note.position * 16
        bar, kind = bars.get(note.bar, (None, ""))
        if bar is None or bar.meter != "4/4" or place.denominator != 1:
            continue
        numeral = bar.chord(note.position)
        found.append(Sung(note.bar * 16 + int(place), note.pitch, note.degree, chord_index(numeral), kind))
    waits = [later.slot - note.slot for note, later in pairwise(found)] + [16] * bool(found)
    for i, (heard, wait) in enumerate(zip(found, waits, strict=True)):
        bar_number, slot = divmod(heard.slot + lean(wait), 16)
        bar, _ = bars.get(bar_number, (None, ""))
        if bar is not None and bar.meter == "4/4":
            found[i] = heard._replace(chord=chord_index(bar.chord(Fraction(slot, 16))))
    return found


def chord_index(numeral: str) -> int:
    """Return 2 * root + 1 if the third is minor, NO_CHORD where nothing sounds."""
    if numeral == SILENT:
        return NO_CHORD
    chord = parse_numeral(numeral)
    return 2 * chord.root + (3 in QUALITIES[chord.quality][0])


def lines(song: AnnotatedSong, notes: list[Sung]) -> Iterator[list[Sung]]:
    """Yield the lines of a song: cut at the widest gap near every second bar line of a section.

    These are the lines that windows of singing are learnt from; they may rest inside.
    """
    slots = [note.slot for note in notes]
    bounds = sorted({16 * bar for s in song.sections for bar in range(s.first, s.first + len(s.bars), 2)})
    starts = sorted({bisect_left(slots, cut(slots, bound)) for bound in bounds} | {0, len(notes)})
    yield from (notes[a:b] for a, b in pairwise(starts))


def new_lines(song: AnnotatedSong, notes: list[Sung]) -> Iterator[list[Sung]]:
    """Yield the lines of a song that do not come back from earlier in it: what there is to be invented.

    Phrase plans say which lines come again, so the models of sung notes learn from the others alone. Were they to
    learn from whole songs, they would trust in repetition and know little of what is new.
    """
    earlier: list[tuple[set[tuple[int, int]], ...]] = []
    for line in lines(song, notes):
        # Two bars are the unit of lines, wherever they stand.
        start = line[0].slot // 32 * 32
        own = {(note.slot - start, note.pitch) for note in line}
        if not any(_comes_back(own, other) for other in earlier):
            earlier.append(tuple({(slot + shift, pitch) for slot, pitch in own} for shift in _SHIFTS))
            yield line


def _comes_back(one: set[tuple[int, int]], moved: tuple[set[tuple[int, int]], ...]) -> bool:
    # moved: another line, as it is and two bars earlier or later.
    common = max(len(one & other) for other in moved)
    return common >= _SAME * max(len(one), len(moved[0]))
