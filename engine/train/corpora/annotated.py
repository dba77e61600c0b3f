"""Songs as people annotated them: sections, chords bar by bar, and the sung melody where there is one.

Chords are Roman numerals of ``engine.theory.chord``: the root counted from the major scale of the
tonic in force, the quality reduced to the nearest of ``QUALITIES``. ``NO_CHORD`` stands where nothing
sounds. Bars of any metre are cut into four quarters of a bar.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import CorpusError
from engine.theory.chord import Chord, parse_numeral
from engine.theory.key import Key

NO_CHORD = "N"
_C = Key(0)


class BarChord(NamedTuple):
    """A chord in a bar: its first quarter of the bar (0..3), how many quarters it lasts, its numeral."""

    start: int
    quarters: int
    numeral: str


class AnnotatedBar(NamedTuple):
    """A bar: its metre ("4/4"), the tonic (pitch class) in force and its chords, which fill the bar."""

    meter: str
    tonic: int
    chords: tuple[BarChord, ...]

    def chord(self, position: Fraction) -> str:
        """Return the numeral in force at a position of the bar (0 <= position < 1)."""
        quarter = int(position * 4)
        return next(c.numeral for c in reversed(self.chords) if c.start <= quarter)


class SungNote(NamedTuple):
    """An onset of the sung melody. Corpora of onsets alone do not say how long a note lasts.

    bar: from the song's first bar. position: fraction of the bar. degree: semitones above the tonic
    in force, 0..11. pitch: MIDI number.
    """

    bar: int
    position: Fraction
    degree: int
    pitch: int

    def slot(self, slots: int = 16) -> int:
        """Return the nearest of ``slots`` equal slots of the bar (0 .. slots: the last may round up)."""
        return round(self.position * slots)


@dataclass(frozen=True, slots=True)
class AnnotatedSection:
    """A section: kind (one of ``engine.song.KINDS`` or "other"), the corpus's own label, its material.

    material: sections of one letter or symbol share their music as the annotator heard it ("" unknown).
    first: number of its first bar in the song.
    """

    kind: str
    label: str
    material: str
    first: int
    bars: tuple[AnnotatedBar, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedSong:
    """A song of a corpus. id: "corpus/name". tempo: felt beats a minute, or None."""

    id: str
    title: str
    tempo: float | None
    meter: str
    tonic: int
    mode: str
    sections: tuple[AnnotatedSection, ...]
    melody: tuple[SungNote, ...] = ()

    @property
    def work(self) -> str:
        """The letters and digits of the title: what ``held_out`` splits by, as one song may be in two corpora."""
        return "".join(letter for letter in self.title.lower() if letter.isalnum())

    @property
    def bars(self) -> tuple[AnnotatedBar, ...]:
        """All bars of the song, in order; bars between sections belong to none and are missing."""
        return tuple(bar for section in self.sections for bar in section.bars)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines; raises CorpusError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"cannot read {path}: {error.strerror}", "give the folder that holds the corpora") from error
    for number, line in enumerate(text.splitlines(), 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{path}:{number}: no JSON object: {error}") from error


def fill_bar(onsets: list[tuple[Fraction, str]]) -> tuple[BarChord, ...]:
    """Return the chords of a bar from (position, numeral) onsets, the first at 0, in order.

    An onset moves down to its quarter; of two in a quarter the later stays; repeats are joined.
    """
    cells: dict[int, str] = {int(position * 4): numeral for position, numeral in onsets}
    starts: list[int] = []
    for quarter in sorted(cells):
        if not starts or cells[quarter] != cells[starts[-1]]:
            starts.append(quarter)
    ends = [*starts[1:], 4]
    return tuple(BarChord(a, b - a, cells[a]) for a, b in zip(starts, ends, strict=True))


def name_chord(chord: Chord) -> str:
    """Return the numeral of a chord whose root counts from the tonic.

    >>> name_chord(Chord(10, "maj", 10))
    'bVII'
    """
    return chord.numeral(_C)


def estimate_mode(bars: tuple[AnnotatedBar, ...], melody: tuple[SungNote, ...] = ()) -> str:
    """Return "major", "mixolydian", "minor" or "dorian": the mode the chords (and melody) speak for.

    The third above the tonic decides first; then bVII and v against V and iii (in the major modes) and
    bVI, iv against IV and ii (in the minor ones), all weighed by duration. Sung notes break ties.
    """
    time: Counter[int] = Counter()
    for bar in bars:
        for item in bar.chords:
            if item.numeral != NO_CHORD:
                chord = parse_numeral(item.numeral)
                # Sevenths and ninths are colour; the triad speaks for the mode.
                for pc in chord.pitch_classes[:3]:
                    time[pc] += item.quarters
    sung = Counter(note.degree for note in melody)

    def prefers(a: int, b: int) -> bool:
        return (time[a], sung[a]) > (time[b], sung[b])

    if prefers(3, 4):
        return "dorian" if prefers(9, 8) else "minor"
    return "mixolydian" if prefers(10, 11) else "major"


def usual_meter(bars: tuple[AnnotatedBar, ...]) -> str:
    """Return the metre of most bars ("4/4" when there are none)."""
    counts = Counter(bar.meter for bar in bars)
    return max(sorted(counts), key=lambda name: counts[name]) if counts else "4/4"


def felt_beats(meter: str) -> int:
    """Return the felt beats of a bar: 4 for "4/4" and "12/8", 2 for "6/8"."""
    over, _, under = meter.partition("/")
    top = int(over)
    return top // 3 if under == "8" and top % 3 == 0 else top
