"""The drums of the Freedoom soundtrack and of Tanner Helland's music, as takes like those of Groove MIDI.

Velocities are typed in: those of the snare are scaled so that its usual stroke is as loud as a played one, and what
is much softer counts as a ghost note. A pedalled hat keeps time in these files, so it counts as a closed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.errors import CorpusError
from engine.train.corpora import freedoom
from engine.train.corpora.annotated import read_lines
from engine.train.corpora.gmd import (
    BELL,
    CRASH,
    FLOOR,
    HAT,
    KICK,
    OPEN,
    PAD,
    RIDE,
    SLOT_OF,
    SNARE,
    STICK,
    TOM1,
    TOM2,
    VELOCITY,
    Take,
)

STYLE = "band"

PADS = {
    35: KICK, 36: KICK, 37: STICK, 38: SNARE, 39: SNARE, 40: SNARE, 42: HAT, 44: HAT, 46: OPEN, 51: RIDE, 59: RIDE,
    53: BELL, 49: CRASH, 52: CRASH, 55: CRASH, 57: CRASH, 48: TOM1, 50: TOM1, 45: TOM2, 47: TOM2, 41: FLOOR, 43: FLOOR,
}  # fmt: skip
USUAL = 110  # velocity of a snare that speaks
_LEAST = 8  # bars


def read(data: Path) -> Iterator[Take]:
    """Yield the drums of every usable file in order of name, from the first bar that has any; raises CorpusError."""
    import mido

    for folder in freedoom.FOLDERS:
        for row in sorted(read_lines(data / folder / "index.jsonl"), key=lambda row: str(row["file"])):
            if not freedoom.usable(row):
                continue
            path = data / folder / row["file"]
            try:
                file = mido.MidiFile(path, clip=True)
            except (OSError, EOFError, ValueError, KeyError) as error:
                raise CorpusError(f"cannot read {path}: {error}") from error
            take = _take(path.stem, file, round(float(row["bpm"] or 120)))
            if take.bars >= _LEAST:
                yield take


def _take(name: str, file: object, tempo: int) -> Take:
    best: dict[tuple[int, int], int] = {}
    for track in file.tracks:  # type: ignore[attr-defined]
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity and message.channel == 9 and message.note in PADS:
                place = (round(4 * tick / file.ticks_per_beat), PADS[message.note])  # type: ignore[attr-defined]
                best[place] = max(best.get(place, 0), message.velocity)
    hits = np.array([(slot, 0, pad, loud) for (slot, pad), loud in sorted(best.items())], np.int64).reshape(-1, 4)
    snares = hits[hits[:, PAD] == SNARE, VELOCITY]
    if len(snares):
        # Of hits by loudness the upper half speaks for sure, ghosts or not.
        usual = max(int(np.quantile(snares, 0.7)), 1)
        hits[:, VELOCITY] = np.minimum(hits[:, VELOCITY] * USUAL // usual, 127)
    if len(hits):
        hits[:, SLOT_OF] -= hits[0, SLOT_OF] // 16 * 16
    return Take(name, STYLE, False, tempo, False, 0, hits)
