"""What a bar looks like to those who compare bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.bars import Beats
from engine.learn.grid import TRACK
from engine.learn.raw import PITCH, START, VELOCITY, Ints
from engine.learn.roles import DRUMS, LEAD, MELODY
from engine.theory.meter import SLOT

Floats = NDArray[np.float64]

_SLOTS = 24  # of a bar; what a longer one holds beyond counts with the last
_WIDTH = 144  # twelve eighths by twelve pitch classes

_DRUM_GROUPS = np.zeros(128, np.int64)
for _group, _sounds in enumerate(((35, 36), (37, 38, 39, 40), (42, 44), (46,), (49, 52, 55, 57), (51, 53, 59)), 1):
    _DRUM_GROUPS[list(_sounds)] = _group


class Looked(NamedTuple):
    """The bars of a song, each array by bar.

    looks: tune, its rhythm, chords, harmony, drums, players (see ``stretches.LOOKS``), shape (looks, bars, width).
    sung: notes of the tune; late: those in the second half of the bar; height: their mean pitch. lead: notes of leads.
    notes: all notes. loud: their mean velocity. voice: whether the tune is a voice's.
    """

    looks: Floats
    sung: Floats
    late: Floats
    height: Floats
    lead: Floats
    notes: Floats
    loud: Floats
    voice: bool


def look_at_bars(notes: Ints, role: Ints, beats: Beats, states: Ints) -> Looked:
    """Return what every bar looks like.

    notes: laid notes. role: of every note. states: the chord state of every beat. The tune is what voices sing, else
    what leads play, else all that is pitched.
    """
    bars = len(beats.bars) - 1
    bar = np.clip(np.searchsorted(beats.bars, notes[:, START], side="right") - 1, 0, bars - 1)
    slot = np.clip((notes[:, START] - beats.bars[bar]) // SLOT, 0, _SLOTS - 1)
    half = (beats.bars[bar + 1] - beats.bars[bar]) // 2
    drums, sung, lead = role == DRUMS, role == MELODY, role == LEAD
    tune = sung if sung.any() else lead if lead.any() else ~drums
    looks = np.zeros((6, bars, _WIDTH))

    def count(look: int, kept: NDArray[np.bool_], cell: Ints) -> None:
        looks[look] = np.bincount(bar[kept] * _WIDTH + cell[kept], minlength=bars * _WIDTH).reshape(bars, _WIDTH)

    count(0, tune, slot // 2 * 12 + notes[:, PITCH] % 12)
    count(1, tune, slot)
    np.add.at(looks[2], (beats.bar_of, states), 1)
    count(3, ~drums, notes[:, PITCH] % 12)
    count(4, drums, slot // 2 * 8 + _DRUM_GROUPS[np.clip(notes[:, PITCH], 0, 127)])
    count(5, np.ones(len(notes), bool), np.minimum(notes[:, TRACK], 31))
    np.sqrt(looks, out=looks)

    def notes_of(kept: NDArray[np.bool_]) -> Floats:
        return np.bincount(bar[kept], minlength=bars).astype(float)

    counts, tunes = notes_of(np.ones(len(notes), bool)), notes_of(tune)
    return Looked(
        looks,
        tunes,
        notes_of(tune & (notes[:, START] - beats.bars[bar] >= half)),
        np.bincount(bar[tune], notes[tune, PITCH], minlength=bars) / np.maximum(tunes, 1),
        notes_of(lead),
        counts,
        np.bincount(bar, notes[:, VELOCITY], minlength=bars) / np.maximum(counts, 1),
        bool(sung.any()),
    )
