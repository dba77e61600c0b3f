"""Fit the sung-pitch model on the melodies of RS200."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import numpy as np

from engine.models.pitch import (
    DESIGN,
    FIRST,
    LAST,
    MIDDLE,
    NONE,
    REACH,
    SPACE,
    Place,
    age,
    motions,
    past_columns,
    place_columns,
)
from engine.models.tables import header
from engine.models.viewpoints import Columns, Ints
from engine.theory.meter import Meter
from engine.train import fit_mixture
from engine.train.base import DATE, Fitted, Tell, held_out
from engine.train.corpora import rs200
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.held_out import evaluate
from engine.train.song_manners import gaits, kind_of, middles, palettes, spread
from engine.train.sung_notes import LEAST, Sung, new_lines, sung

_METER = Meter(4, 4)


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "pitch" and its held-out score; raises CorpusError where RS200 is missing."""
    songs = [(song, notes) for song in rs200.read(data) if len(notes := sung(song)) >= LEAST]
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
    every = [notes for _, notes in songs]
    for owner, ((song, notes), palette, gait) in enumerate(zip(songs, palettes(every), gaits(every), strict=True)):
        spreads, about = spread(notes), middles(notes)
        tonic = (notes[0].pitch - notes[0].degree) % 12
        centre = tonic + 12 * round((median(n.pitch for n in notes) - tonic) / 12)
        earlier = [NONE, NONE]
        for phrase in new_lines(song, notes):
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
                        kind_of(note),
                        note.slot % 16,
                        age(len(earlier) - 2),
                        round(about[kind_of(note)]) - centre + REACH,
                        palette,
                        gait,
                        spreads,
                        int(np.clip(note.pitch - centre, -REACH, REACH)) + REACH,
                        earlier[-1],
                        earlier[-2],
                        owner,
                    )
                )
                earlier.append(rows[-1][-4])
    *places, event, first, second, owners = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    columns = place_columns(Place(*places))
    return {**columns, **past_columns(first, motions(first, second), columns["root"], columns["middle"])}, event, owners
