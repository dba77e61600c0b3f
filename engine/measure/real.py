"""Real songs of the corpora as pieces."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import CorpusError
from engine.measure.piece import Harmony, Piece, Span, notes_table
from engine.theory.chord import parse_numeral
from engine.theory.meter import Meter

# RS200 has onsets alone: a note is taken to last to the next one, but no longer than this.
_LONGEST = 12


def rs200_pieces(data: Path) -> list[Piece]:
    """Return the sung songs of RS200 under ``data``: chords as heard by annotator dt, form as by tdc.

    Raises CorpusError when the corpus is missing.
    """
    from engine.train.corpora import rs200

    forms = {song.id: song.sections for song in rs200.read(data, "tdc")}
    found = []
    for song in rs200.read(data, "dt"):
        if not song.melody:
            continue
        bars = {section.first + i: bar for section in song.sections for i, bar in enumerate(section.bars)}
        last = max([*bars, song.melody[-1].bar])
        widths = [
            Meter(*map(int, (bars[i].meter if i in bars else song.meter).split("/"))).slots for i in range(last + 1)
        ]
        starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        onsets = dict(sorted((int(starts[n.bar]) + n.slot(widths[n.bar]), n.pitch) for n in song.melody))
        times = sorted(onsets)
        ends = [*times[1:], times[-1] + _LONGEST]
        notes = [(a, min(_LONGEST, b - a), onsets[a]) for a, b in zip(times, ends, strict=True)]
        chords = []
        for i, bar in sorted(bars.items()):
            for start, quarters, numeral in bar.chords:
                if numeral == "N":
                    continue
                first, end = (int(starts[i]) + at * widths[i] // 4 for at in (start, start + quarters))
                chord = parse_numeral(numeral, bar.tonic)
                chords.append(
                    Harmony(first, end, chord.root, tuple((pc - chord.root) % 12 for pc in chord.pitch_classes))
                )
        found.append(
            Piece(
                song.id,
                song.tonic,
                Meter(*map(int, song.meter.split("/"))),
                starts,
                tuple(Span(s.kind, s.first, len(s.bars)) for s in forms[song.id]),
                tuple(chords),
                notes_table(notes),
            )
        )
    return found


def band_pieces(data: Path) -> list[Piece]:
    """Return the 4/4 bands of Freedoom and Tanner Helland under ``data``: bass, drums, inferred chords."""
    from engine.measure.midi import piece_from_score, read_score
    from engine.train.corpora import freedoom
    from engine.train.corpora.annotated import read_lines

    steps = {freedoom.MAJOR: (0, 4, 7), freedoom.MINOR: (0, 3, 7), freedoom.FIFTH: (0, 7)}
    found = []
    for folder in freedoom.FOLDERS:
        for row in read_lines(data / folder / "index.jsonl"):
            if not freedoom.usable(row):
                continue
            score = read_score(data / folder / row["file"])
            voices = {
                (voice.track, voice.channel, voice.program): [freedoom.Played(*note[:3]) for note in voice.notes]
                for voice in score.voices
            }
            chords = tuple(
                Harmony(8 * half, 8 * half + 8, root, steps[quality])
                for half, (root, quality) in enumerate(freedoom.band(score.name, voices).chords.tolist())
                if root >= 0
            )
            found.append(replace(piece_from_score(score), chords=chords))
    return found


def groove_pieces(data: Path) -> list[Piece]:
    """Return the rock and punk beats of 8 bars and more of Groove MIDI under ``data``: drums alone.

    Raises CorpusError when the corpus is missing.
    """
    from engine.measure.midi import piece_from_midi

    folder = data / "gmd_drums"
    try:
        with open(folder / "info.csv", newline="", encoding="utf-8") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["midi_filename"])
    except OSError as error:
        raise CorpusError(f"cannot read {folder / 'info.csv'}: {error.strerror}") from error
    wanted = [
        row
        for row in rows
        if row["style"].split("/")[0] in ("rock", "punk")
        and (row["beat_type"], row["time_signature"]) == ("beat", "4-4")
        and float(row["bars"]) >= 8
    ]
    return [piece_from_midi(folder / row["midi_filename"]) for row in wanted]
