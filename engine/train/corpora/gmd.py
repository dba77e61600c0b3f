"""Groove MIDI: human drumming as hits on a grid of sixteenths, with loudness and micro-timing.

Gillick, Roberts, Engel, Eck and Bamman, Learning to Groove with Inverse Sequence Transformations
(ICML 2019). CC BY 4.0.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import CorpusError
from engine.theory.meter import QUARTER, SLOT

CORPUS = "Groove MIDI Dataset 1.0.0 (Gillick et al. 2019)"
LICENCE = "CC BY 4.0"
FOLDER = "gmd_drums"

# The kit of the recordings is not General MIDI everywhere; these are its pads by what is struck.
INSTRUMENTS = ("kick", "snare", "stick", "hat", "open", "pedal", "ride", "bell", "crash", "tom1", "tom2", "floor")
KICK, SNARE, STICK, HAT, OPEN, PEDAL, RIDE, BELL, CRASH, TOM1, TOM2, FLOOR = range(12)
_PADS = {
    36: KICK, 38: SNARE, 40: SNARE, 37: STICK, 42: HAT, 22: HAT, 46: OPEN, 26: OPEN, 44: PEDAL, 51: RIDE, 59: RIDE,
    53: BELL, 49: CRASH, 55: CRASH, 57: CRASH, 52: CRASH, 48: TOM1, 50: TOM1, 45: TOM2, 47: TOM2, 43: FLOOR, 58: FLOOR,
}  # fmt: skip

SLOT_OF, LATE, PAD, VELOCITY = range(4)


class Take(NamedTuple):
    """One recording in 4/4.

    hits: whole numbers, shape (n, 4), by slot: slot from the start, ticks later than that slot (negative:
    early), index in INSTRUMENTS, velocity 1..127. One hit an instrument and slot, the loudest.
    late: ticks by which the whole take lies behind the click. triplet: played on a triplet grid, so
    that ``hits`` misplaces its off-beats.
    """

    name: str
    style: str
    fill: bool
    tempo: int
    triplet: bool
    late: int
    hits: NDArray[np.int64]

    @property
    def bars(self) -> int:
        """Bars touched by a hit."""
        return int(self.hits[-1, SLOT_OF]) // 16 + 1 if len(self.hits) else 0


def read(data: Path, genres: tuple[str, ...]) -> tuple[Take, ...]:
    """Return the 4/4 takes of some genres (the first word of a style) in order of name.

    Raises CorpusError when the folder or a file is missing.
    """
    folder = data / FOLDER
    try:
        with open(folder / "info.csv", newline="", encoding="utf-8") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["midi_filename"])
    except OSError as error:
        raise CorpusError(f"cannot read {folder / 'info.csv'}: {error.strerror}") from error
    wanted = [row for row in rows if row["time_signature"] == "4-4" and row["style"].split("/")[0] in genres]
    return tuple(_take(folder, row) for row in wanted)


def quantise(ticks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return the nearest sixteenth of each time, ticks later than it, and the take's middle lateness.

    A drummer who lies ahead of the click throughout is first put back on it.
    """
    late = int(np.median((ticks + SLOT // 2) % SLOT - SLOT // 2)) if len(ticks) else 0
    moved = ticks - late + SLOT // 2
    slots = np.maximum(moved // SLOT, 0)
    return slots, ticks - slots * SLOT, late


def on_triplets(ticks: NDArray[np.int64]) -> bool:
    """Return whether off-beats lie on triplets rather than on sixteenths."""
    phase = ticks % QUARTER
    triplet = np.mean(np.minimum(abs(phase - 160), abs(phase - 320)) < 30)
    straight = np.mean(np.minimum(abs(phase - 120), abs(phase - 360)) < 30)
    return bool(triplet > 0.15 and triplet > 1.4 * straight)


def _take(folder: Path, row: dict[str, str]) -> Take:
    import pretty_midi

    path = folder / row["midi_filename"]
    try:
        midi = pretty_midi.PrettyMIDI(str(path))
    except (OSError, ValueError, EOFError) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error
    tempo = float(midi.get_tempo_changes()[1][0])
    notes = sorted((n.start, n.pitch, n.velocity) for part in midi.instruments for n in part.notes if n.pitch in _PADS)
    ticks = np.array([round(start * tempo / 60 * QUARTER) for start, _, _ in notes], np.int64)
    slots, offsets, late = quantise(ticks)
    best: dict[tuple[int, int], tuple[int, int]] = {}
    for slot, offset, (_, pitch, velocity) in zip(slots.tolist(), offsets.tolist(), notes, strict=True):
        place = (slot, _PADS[pitch])
        if velocity > best.get(place, (0, 0))[1]:
            best[place] = (offset, velocity)
    hits = np.array([(s, *found[:1], pad, found[1]) for (s, pad), found in sorted(best.items())], np.int64)
    triplet = len(ticks) > 0 and on_triplets(ticks)
    fill = row["beat_type"] == "fill"
    return Take(row["midi_filename"], row["style"], fill, round(tempo), triplet, late, hits.reshape(-1, 4))
