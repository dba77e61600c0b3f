"""Fit the sung-pitch model on the melodies of RS200."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

import numpy as np

from engine.models.pitch import (
    DESIGN,
    FIRST,
    KINDS,
    LAST,
    MIDDLE,
    NO_CHORD,
    NONE,
    REACH,
    SPACE,
    Place,
    age,
    past_columns,
    place_columns,
)
from engine.models.tables import header
from engine.models.viewpoints import Columns, Ints
from engine.theory.chord import QUALITIES, parse_numeral
from engine.theory.meter import Meter
from engine.train import fit_mixture
from engine.train.base import DATE, Fitted, Tell, held_out
from engine.train.corpora import rs200
from engine.train.corpora.annotated import NO_CHORD as SILENT
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.held_out import evaluate
from engine.train.sung_lines import cut

BREATH = 7  # slots without an onset that end a phrase
_METER = Meter(4, 4)


class Sung(NamedTuple):
    """A note of a song in 4/4: slot from the song's start, pitch, degree, chord and kind of section."""

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
    return found


def chord_index(numeral: str) -> int:
    """Return 2 * root + 1 if the third is minor, NO_CHORD where nothing sounds."""
    if numeral == SILENT:
        return NO_CHORD
    chord = parse_numeral(numeral)
    return 2 * chord.root + (3 in QUALITIES[chord.quality][0])


def phrases(notes: list[Sung]) -> Iterator[list[Sung]]:
    """Yield runs of notes with no rest of BREATH slots inside."""
    start = 0
    for i in range(1, len(notes) + 1):
        if i == len(notes) or notes[i].slot - notes[i - 1].slot >= BREATH:
            yield notes[start:i]
            start = i


def lines(song: AnnotatedSong, notes: list[Sung]) -> Iterator[list[Sung]]:
    """Yield the lines of a song: cut at the widest gap near every second bar line of a section.

    These are the lines that windows of singing are learnt from; unlike phrases they may rest inside.
    """
    slots = [note.slot for note in notes]
    bounds = sorted({16 * bar for s in song.sections for bar in range(s.first, s.first + len(s.bars), 2)})
    starts = sorted({bisect_left(slots, cut(slots, bound)) for bound in bounds} | {0, len(notes)})
    yield from (notes[a:b] for a, b in pairwise(starts))


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "pitch" and its held-out score; raises CorpusError where RS200 is missing."""
    songs = [(song, notes) for song in rs200.read(data) if len(notes := sung(song)) >= 30]
    tell(f"pitch: {sum(len(n) for _, n in songs):,} notes of {len(songs)} songs")
    test = {number for number, (song, _) in enumerate(songs) if held_out(song.work)}
    score = evaluate("pitch", "note", SPACE, DESIGN, *_events(songs), test, tell)
    mixture = fit_mixture.fit(SPACE, DESIGN, *_events(songs)).mixture
    about = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011)",
        licence="CC BY 4.0",
        command="hookline train rock",
        date=DATE,
        about="mixture for sung pitch in semitones above a central tonic",
    )
    return Fitted({"pitch": mixture.table(dict(about))}, (score,))


def _events(songs: list[tuple[AnnotatedSong, list[Sung]]]) -> tuple[Columns, Ints, Ints]:
    rows = []
    for owner, (song, notes) in enumerate(songs):
        tonic = (notes[0].pitch - notes[0].degree) % 12
        centre = tonic + 12 * round((median(n.pitch for n in notes) - tonic) / 12)
        middle = round(fmean(n.pitch for n in notes)) - centre + REACH
        earlier = [NONE, NONE]
        for phrase in lines(song, notes):
            for i, note in enumerate(phrase):
                last = i == len(phrase) - 1
                rows.append(
                    (
                        note.chord,
                        _METER.weight(note.slot),
                        min(note.slot - phrase[i - 1].slot, 8) if i else 0,
                        9 if last else min(phrase[i + 1].slot - note.slot, 8),
                        FIRST if i == 0 else LAST if last else MIDDLE,
                        i * 4 // len(phrase),
                        KINDS.index(note.kind) if note.kind in KINDS else 4,
                        note.slot % 16,
                        age(len(earlier) - 2),
                        middle,
                        int(np.clip(note.pitch - centre, -REACH, REACH)) + REACH,
                        earlier[-1],
                        earlier[-2],
                        owner,
                    )
                )
                earlier.append(rows[-1][-4])
    *places, event, first, second, owners = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    columns = place_columns(Place(*places))
    return {**columns, **past_columns(first, second, columns["root"], columns["middle"])}, event, owners
