"""The chords of the annotated songs as the harmony grammar reads them: a triad for every half bar.

Reductions: sevenths, ninths and suspensions become their triads, diminished chords minor ones and
augmented chords major ones; a power chord takes the third of the song's mode; the bass is kept only where a
chord stands over the tonic. A half bar has the chord that fills most of it. Bars without a chord go on with
the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.song import KINDS
from engine.theory.chord import QUALITIES, Chord, parse_numeral
from engine.theory.key import SCALES
from engine.train.corpora import billboard, rs200
from engine.train.corpora.annotated import NO_CHORD, AnnotatedBar, AnnotatedSong, name_chord

METERS = ("4/4", "12/8", "6/8", "2/4")
_LONGEST = 64  # bars


class Line(NamedTuple):
    """The chords of a section: its kind, and a numeral for every half bar."""

    kind: str
    halves: tuple[str, ...]


class Reading(NamedTuple):
    """A song: its corpus, the work it is, its mode, its sections in order, and the numerals as annotated."""

    corpus: str
    work: str
    mode: str
    lines: tuple[Line, ...]
    full: tuple[str, ...]


def read_songs(data: Path) -> tuple[Reading, ...]:
    """Return the songs of RS200 and Billboard that have a common metre; raises CorpusError."""
    songs = (*rs200.read(data), *billboard.read(data))
    return tuple(reading(song) for song in songs if song.meter in METERS)


def reading(song: AnnotatedSong) -> Reading:
    """Return the chords of a song, section by section; sections without any chord are left out."""
    lines = []
    for section in song.sections:
        if section.kind in KINDS and 0 < len(section.bars) <= _LONGEST:
            halves = half_bars(section.bars, song.mode)
            if NO_CHORD not in halves:
                lines.append(Line(section.kind, halves))
    full = tuple(item.numeral for bar in song.bars for item in bar.chords if item.numeral != NO_CHORD)
    return Reading(song.id.partition("/")[0], song.work, song.mode, tuple(lines), full)


def half_bars(bars: Iterable[AnnotatedBar], mode: str) -> tuple[str, ...]:
    """Return a plain numeral for each half of each bar; NO_CHORD where a section never has one."""
    halves = []
    for bar in bars:
        for half in (0, 2):
            # Of two equally long the earlier: pushes and passing chords do not count.
            best = max(bar.chords, key=lambda c: (min(c.start + c.quarters, half + 2) - max(c.start, half), -c.start))
            halves.append(plain(best.numeral, mode))
    known = [numeral for numeral in halves if numeral != NO_CHORD]
    last = known[0] if len(known) * 2 > len(halves) else NO_CHORD
    for i, numeral in enumerate(halves):
        halves[i] = last = last if numeral == NO_CHORD else numeral
    return tuple(halves)


@lru_cache(maxsize=4096)
def plain(numeral: str, mode: str) -> str:
    """Return the triad, perhaps over the tonic, that a numeral is reduced to.

    >>> plain("IVmaj7", "major"), plain("V7/VII", "major"), plain("i5".upper(), "minor"), plain("bVII/I", "minor")
    ('IV', 'V', 'i', 'bVII/I')
    """
    if numeral == NO_CHORD:
        return numeral
    chord = parse_numeral(numeral)
    steps = QUALITIES[chord.quality][0]
    if 3 in steps or 4 in steps:
        quality = "min" if 3 in steps and 4 not in steps else "maj"
    else:
        third = (chord.root + 3) % 12 in SCALES[mode] and (chord.root + 4) % 12 not in SCALES[mode]
        quality = "min" if third and chord.quality == "5" else "maj"
    bass = 0 if chord.bass == 0 and chord.root != 0 and (chord.root, quality) in _PEDALS else chord.root
    return name_chord(Chord(chord.root, quality, bass))


# The chords that the grammar knows over a tonic pedal; elsewhere the tonic in the bass is an inversion.
_PEDALS = {(5, "maj"), (10, "maj"), (7, "maj"), (2, "min"), (5, "min"), (8, "maj"), (2, "maj")}
