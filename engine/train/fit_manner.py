"""Fit how whole songs are sung: the manner of every song of RS200."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.manner import MODES, PALETTES
from engine.models.rhythm import pace
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Tell
from engine.train.corpora import rs200
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.lines_again import song_class, takes
from engine.train.song_manners import gaits, grain_of, middles, palettes, spread
from engine.train.sung_notes import LEAST, Sung, lines, sung

_USUAL = 116  # beats a minute, where a song's tempo is not known


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "manner"; raises CorpusError where RS200 is missing."""
    songs = [(song, notes) for song in rs200.read(data) if len(notes := sung(song)) >= LEAST]
    every = [notes for _, notes in songs]
    rows = []
    for (song, notes), palette, gait in zip(songs, palettes(every), gaits(every), strict=True):
        rows.append(row_of(song, notes, int(palette), int(gait)))
    tell(f"manner: {len(rows)} songs")
    about = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011)",
        licence="CC BY 4.0",
        command="hookline train rock",
        date=DATE,
        about="by song: mode, pace, classes of degrees, intervals, height, rhythm, repetition; compass, middles",
    )
    arrays: dict[str, NDArray[Any]] = {
        "songs": np.array(rows, dtype=np.int8),
        "degrees": _degrees(every, [row[2] for row in rows]),
    }
    return Fitted({"manner": Table(dict(about), arrays)}, ())


def row_of(song: AnnotatedSong, notes: list[Sung], palette: int, gait: int) -> tuple[int, ...]:
    """Return a song's row of the table. palette, gait: its classes (``song_manners``)."""
    low, high = min(note.pitch for note in notes), max(note.pitch for note in notes)
    tonic = notes[0].pitch - notes[0].degree
    return (
        MODES.index(song.mode),
        pace(song.tempo or _USUAL),
        palette,
        gait,
        spread(notes),
        grain_of(lines(song, notes)),
        song_class(list(takes(song, notes))),
        (low - tonic) % 12,
        high - low,
        *(round(middle) - low for middle in middles(notes)),
    )


def _degrees(songs: Sequence[Sequence[Sung]], classes: Sequence[int]) -> NDArray[np.int16]:
    """Return how many of 1,000 notes of each palette's songs lie on each degree, shape (PALETTES, 12)."""
    counts = np.zeros((PALETTES, 12))
    for notes, palette in zip(songs, classes, strict=True):
        counts[palette] += np.bincount([note.degree for note in notes], minlength=12) / len(notes)
    return np.asarray(np.rint(1000 * counts / counts.sum(axis=1, keepdims=True)), dtype=np.int16)
