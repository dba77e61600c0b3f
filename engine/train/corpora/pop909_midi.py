"""POP909's MIDI files, performed by a pianist, beside the annotations that lie on a grid of their own.

The files have no bar lines that can be trusted. The annotated melody is the MELODY track quantised, so the two are
matched note by note, and every annotated beat gets its tick.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import CorpusError
from engine.learn.raw import PITCH, START, Raw
from engine.learn.smf import read_midi
from engine.train.corpora.annotated import read_lines

SOURCE = {
    "corpus": "POP909 with phrase structure",
    "licence": "MIT (POP909 Dataset; hierarchical-structure-analysis)",
}
_NEAR = 0.75  # sixteenths between an annotated onset and a played one
_MATCHED = 0.95
_OFF_BEAT = 0.6


@dataclass(frozen=True, slots=True)
class Aligned:
    """A song whose annotation fits its MIDI file all through.

    beats: the tick of every annotated beat (the first is a downbeat of 4/4), and of the end of the last.
    chords: (first beat, beats, Harte symbol). phrases: (letter, first bar, bars), one tuple a labelling.
    key: Harte key such as "Gb:maj".
    """

    id: str
    data: bytes
    raw: Raw
    beats: NDArray[np.float64]
    chords: tuple[tuple[int, int, str], ...]
    phrases: tuple[tuple[tuple[str, int, int], ...], ...]
    key: str


def songs(data: Path) -> Iterator[tuple[str, Raw]]:
    """Yield id and file of every song under ``data``/pop909_structure, by id; raises CorpusError."""
    with _archive(data) as archive:
        for name in sorted(archive.namelist()):
            yield name.partition(".")[0], read_midi(archive.read(name), name)


def aligned(data: Path, ids: frozenset[str] | None = None) -> Iterator[Aligned]:
    """Yield the songs under ``data``/pop909_structure whose annotation one shift brings onto 95 % of the melody.

    ids: only these. Raises CorpusError where the files cannot be read.
    """
    with _archive(data) as archive:
        for row in read_lines(data / "pop909_structure" / "songs.jsonl"):
            if row["aligned"] and (ids is None or row["id"] in ids):
                song = _song(row, archive.read(f"{row['id']}.mid"))
                if song is not None:
                    yield song


def _archive(data: Path) -> zipfile.ZipFile:
    path = data / "pop909_structure" / "midi.zip"
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error


def _song(row: dict, data: bytes) -> Aligned | None:  # type: ignore[type-arg]
    raw = read_midi(data, f"{row['id']}.mid")
    melody = next((track.notes for track in raw.tracks if track.name == "MELODY"), None)
    if melody is None:
        return None
    played = melody[:, START] * 4 / raw.resolution
    written, at = [], 0
    for pitch, length in row["melody"]:
        if pitch:
            written.append((at, pitch))
        at += length
    place, pitches = np.array(written).T
    same = melody[:, PITCH][:, None] == pitches[None, :]
    apart = (played[:, None] - place[None, :])[same]
    shifts, counts = np.unique(np.round(apart * 3).astype(int), return_counts=True)
    shift = shifts[counts.argmax()] / 3
    near = same & (np.abs(played[:, None] - place[None, :] - shift) <= _NEAR)
    if near.any(axis=0).mean() < _MATCHED:
        return None
    apart = (played[:, None] - place[None, :])[near]
    shift = float(np.median(apart))
    # A few annotations lie a sixteenth off what is played: the piano then strikes between their eighths.
    struck = np.concatenate([track.notes[:, START] for track in raw.tracks if track.name == "PIANO"])
    if (np.round(struck * 4 / raw.resolution - shift).astype(int) % 2 == 1).mean() > _OFF_BEAT:
        return None
    chords, beat = [], 0
    for symbol, beats in row["chords"]:
        chords.append((beat, beats, symbol))
        beat += beats
    phrases = []
    for labelling in (row["structure1"], row["structure2"]):
        bar, found = 0, []
        for letter, bars in labelling:
            found.append((letter, bar, bars))
            bar += bars
        phrases.append(tuple(found))
    ticks = (np.arange(beat + 1) * 4 + shift) * raw.resolution / 4
    return Aligned(row["id"], data, raw, ticks, tuple(chords), tuple(phrases), row["key"])
