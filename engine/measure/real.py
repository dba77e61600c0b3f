"""Real songs of the corpora as pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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
