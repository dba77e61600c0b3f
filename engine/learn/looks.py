"""What a bar looks like to those who compare bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.learn.bars import Beats
from engine.learn.chords import NONE
from engine.learn.grid import TRACK
from engine.learn.raw import PITCH, START, VELOCITY, Ints
from engine.learn.roles import DRUMS, LEAD, MELODY
from engine.learn.sections import Look
from engine.theory.meter import SLOT

Floats = NDArray[np.float64]
Rows = tuple[tuple[float, Floats], ...]

_DRUM_GROUPS = np.zeros(128, np.int64)
for _group, _sounds in enumerate(((35, 36), (37, 38, 39, 40), (42, 44), (46,), (49, 52, 55, 57), (51, 53, 59)), 1):
    _DRUM_GROUPS[list(_sounds)] = _group


def look_at_bars(notes: Ints, role: Ints, beats: Beats, states: Ints) -> tuple[Rows, Look]:
    """Return every bar's tune, chords, drums and players with their weights, and what naming looks at.

    notes: laid notes. role: of every note. states: the chord state of every beat.
    """
    bars = len(beats.bars) - 1
    bar = np.clip(np.searchsorted(beats.bars, notes[:, START], side="right") - 1, 0, bars - 1)
    slot = np.clip((notes[:, START] - beats.bars[bar]) // SLOT, 0, 23)

    def table(kept: NDArray[np.bool_], cell: Ints, width: int) -> Floats:
        counted = np.bincount(bar[kept] * width + cell[kept], minlength=bars * width)
        rooted: Floats = np.sqrt(counted.reshape(bars, width).astype(float))
        return rooted

    sung = role == MELODY
    lead = role == LEAD
    tune = sung if sung.any() else lead if lead.any() else role != DRUMS
    drums = role == DRUMS
    pitched = ~drums
    melody = table(tune, slot // 2 * 12 + notes[:, PITCH] % 12, 144)
    rhythm = table(tune, slot, 24)
    harmony = table(pitched, notes[:, PITCH] % 12, 12)
    kit = table(drums, slot // 2 * 8 + _DRUM_GROUPS[np.clip(notes[:, PITCH], 0, 127)], 96)
    players = table(np.ones(len(notes), bool), np.minimum(notes[:, TRACK], 31), 32)
    chords = np.zeros((bars, NONE + 1))
    np.add.at(chords, (beats.bar_of, states), 1)
    counts = np.bincount(bar, minlength=bars).astype(float)
    loud = np.bincount(bar, notes[:, VELOCITY], minlength=bars) / np.maximum(counts, 1)
    sung_count = np.bincount(bar[tune], minlength=bars).astype(float)
    height = np.bincount(bar[tune], notes[tune, PITCH], minlength=bars) / np.maximum(sung_count, 1)
    leads = np.bincount(bar[lead], minlength=bars).astype(float)
    look = Look(sung_count, height, leads, counts, loud)
    weights = (
        (3.0, melody),
        (1.0, rhythm),
        (2.5, chords),
        (1.0, harmony),
        (1.0 if drums.any() else 0.0, kit),
        (1.5, players),
    )
    return tuple(item for item in weights if item[0] > 0), look
