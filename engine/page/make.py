"""Pages of songs and of MIDI files: everything gathered, then put together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.audio.midifile import midi_score
from engine.audio.score import END, KEY, VELOCITY, Score, song_score
from engine.audio.score import START as FROM
from engine.audio.soundfont import DRUM_BANK
from engine.audio.wave import RATE
from engine.errors import EngineError, ExportError
from engine.export.chart import chord_line
from engine.export.midi import midi, read_receipt
from engine.export.receipt import receipt
from engine.page.assemble import Extras, page
from engine.page.sound import stems
from engine.picture.midi import LOUDNESS, midi_roll
from engine.picture.roll import Label, Lane, Roll, colours, song_roll
from engine.song import Song

Progress = Callable[[float], None]


def song_page(song: Song, progress: Progress | None = None) -> str:
    """Return the HTML of a song's page; raises AudioError."""
    roll = song_roll(song)
    extras = Extras(
        midi(song),
        _receipt_text(receipt(song)),
        tuple(chord_line(section, song.meter, song.key_of(section)) for section in song.sections),
        _leadsheet(song),
    )
    return page(roll, stems(song_score(song), progress), extras)


def midi_page(path: Path, progress: Progress | None = None) -> str:
    """Return the HTML of a MIDI file's page; raises AudioError, SongFileError."""
    score = midi_score(path)
    roll = _as_played(midi_roll(path), score)
    data = path.read_bytes()
    try:
        told = _receipt_text(read_receipt(data))
    except EngineError:
        told = ""  # not one of ours
    charts = tuple(
        _chord_names(roll.chords, section.start, section.start + section.length) for section in roll.sections
    )
    return page(roll, stems(score, progress), Extras(data, told, charts if roll.chords else ()))


def _receipt_text(facts: object) -> str:
    return json.dumps(facts, indent=2)


def _as_played(roll: Roll, score: Score) -> Roll:
    """Return the roll with the lanes that the score's tracks are: one for each that is heard apart."""
    lanes = []
    for track, colour in zip(score.tracks, colours(track.name for track in score.tracks), strict=True):
        start, end = (track.notes[:, column] * roll.second // RATE for column in (FROM, END))
        loud = np.searchsorted(LOUDNESS, track.notes[:, VELOCITY], side="right")
        notes = np.stack([start, np.maximum(end - start, 1), track.notes[:, KEY], loud], axis=1).astype(np.int64)
        lanes.append(Lane(track.name, track.name, colour, track.bank == DRUM_BANK, notes))
    return roll._replace(lanes=tuple(lanes))


def _chord_names(chords: tuple[Label, ...], start: int, end: int) -> str:
    return " ".join(label.text for label in chords if start <= label.start < end)


def _leadsheet(song: Song) -> tuple[str, ...]:
    """Return the pages of the lead sheet; none where what engraves them is not installed."""
    from engine.notation.files import pages

    try:
        return tuple(pages(song, lead=True))
    except ExportError:
        return ()
