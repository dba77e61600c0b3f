"""Fit the sung-pitch model on the melodies of RS200."""

from __future__ import annotations

from pathlib import Path

from engine.models.pitch import DESIGN, SPACE
from engine.models.tables import header
from engine.models.viewpoints import Columns, Ints
from engine.train import fit_mixture
from engine.train.base import DATE, Fitted, Tell, held_out
from engine.train.corpora import rs200
from engine.train.corpora.annotated import AnnotatedSong
from engine.train.held_out import evaluate
from engine.train.song_manners import gaits, palettes
from engine.train.sung_events import Row, pitch_columns, pitch_rows
from engine.train.sung_notes import LEAST, Sung, new_lines, sung


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
    rows: list[Row] = []
    every = [notes for _, notes in songs]
    for owner, ((song, notes), palette, gait) in enumerate(zip(songs, palettes(every), gaits(every), strict=True)):
        rows.extend(pitch_rows(new_lines(song, notes), notes, palette, gait, owner))
    return pitch_columns(rows)
