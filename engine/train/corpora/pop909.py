"""Reader of POP909 with phrase structure (Wang and others 2020; Dai, Zhang and Dannenberg 2020; MIT).

Melody, chords and phrases lie on one grid of sixteenths in 4/4; unlike RS200, notes have lengths and
the corpus knows rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import CorpusError
from engine.theory.pitch import pitch_class
from engine.train.corpora.annotated import NO_CHORD, read_lines
from engine.train.corpora.billboard import numeral


class GridNote(NamedTuple):
    """A sung note: first sixteenth of the song, sixteenths long, semitones above the tonic 0..11, MIDI number."""

    start: int
    length: int
    degree: int
    pitch: int


class GridPhrase(NamedTuple):
    """A phrase: letter (capitals are sung, equal letters share material), first bar, bars long."""

    letter: str
    first: int
    bars: int


@dataclass(frozen=True, slots=True)
class GridSong:
    """A song of the corpus. key: tonic pitch class; chords: (first beat, beats, numeral)."""

    id: str
    tempo: float
    tonic: int
    minor: bool
    bars: int
    phrases: tuple[GridPhrase, ...]
    melody: tuple[GridNote, ...]
    chords: tuple[tuple[int, int, str], ...]

    @property
    def work(self) -> str:
        """What ``held_out`` splits by."""
        return self.id


def read(data: Path) -> tuple[GridSong, ...]:
    """Return the songs under ``data``/pop909_structure whose tracks agree, in order of the file.

    Raises CorpusError where the file cannot be read. Songs marked as not aligned are left out.
    """
    return tuple(_song(row) for row in read_lines(data / "pop909_structure" / "songs.jsonl") if row["aligned"])


def _song(row: dict[str, Any]) -> GridSong:
    name, _, mode = row["key"].partition(":")
    tonic = pitch_class(name)
    notes, at = [], 0
    for pitch, length in row["melody"]:
        if pitch:
            notes.append(GridNote(at, length, (pitch - tonic) % 12, pitch))
        at += length
    phrases, bar = [], 0
    for letter, bars in row["structure1"]:
        phrases.append(GridPhrase(letter, bar, bars))
        bar += bars
    chords, beat = [], 0
    for symbol, beats in row["chords"]:
        try:
            chords.append((beat, beats, numeral(symbol, tonic)))
        except CorpusError:
            chords.append((beat, beats, NO_CHORD))  # a few chords have bass notes the syntax cannot hold
        beat += beats
    return GridSong(
        f"pop909/{row['id']}",
        float(row["tempo"]),
        tonic,
        mode.startswith("min"),
        row["n_bars"],
        tuple(phrases),
        tuple(notes),
        tuple(chords),
    )
