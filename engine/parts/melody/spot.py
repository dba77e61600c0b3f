"""A note that is to be given a pitch, and what the voice that sings it may sing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.models.manner import Manner
from engine.models.pitch import FIRST, LAST, MIDDLE, Place, age
from engine.models.viewpoints import Ints
from engine.song import ChordSpan
from engine.theory.chord import QUALITIES


class Spot(NamedTuple):
    """A note to be given a pitch: slot from the section's start, slots to its neighbours, its chord.

    held: the chord below it while it is held. like, pull: an event it should resemble (or None) and how many times
    likelier that is, 1 .. 1,000.
    rest: whether it must lie in the chord (a point of rest). final: whether it is the song's last.
    """

    slot: int
    before: int
    after: int
    chord: ChordSpan
    held: ChordSpan
    like: int | None = None
    pull: int = 1
    rest: bool = False
    final: bool = False


class Line(NamedTuple):
    """What one voice may sing: events (semitones above a central tonic + REACH) and their tonic."""

    events: Ints
    scale: tuple[int, ...]  # pitch classes above the tonic
    tonic: int  # pitch class
    middle: int  # an event
    kind: int
    manner: Manner
    like: tuple[int, ...]  # for each slot of a bar that of 4/4 which weighs the same
    bottom: int  # the MIDI number of event 0


def places(line: Line, spots: Sequence[Spot], weights: Sequence[int], remembered: int) -> Place:
    """Return where the notes stand, for the model; each of shape (notes, 1).

    weights: metrical. remembered: how many notes of this section have been sung before.
    """
    last = len(spots) - 1
    rows = []
    for i, (spot, weight) in enumerate(zip(spots, weights, strict=True)):
        chord = spot.chord.chord
        root = (chord.root - line.tonic) % 12
        rows.append(
            (
                2 * root + (3 in QUALITIES[chord.quality][0]),
                weight,
                min(spot.before, 8) if i else 0,
                9 if i == last else min(spot.after, 8),
                FIRST if i == 0 else LAST if i == last else MIDDLE,
                i * 4 // len(spots),
                line.kind,
                line.like[spot.slot % len(line.like)],
                age(remembered + i),
                line.middle,
                line.manner.palette,
                line.manner.gait,
                line.manner.spread,
            )
        )
    return Place(*np.array(rows, dtype=np.int64).T[:, :, None])
