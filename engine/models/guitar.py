"""The fitted rhythm guitar: onsets against kick and snare, and what is muted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import weights
from engine.chain.sampler import Step
from engine.models.beats import RhythmTable, beat_step, beats, bits, grid
from engine.models.tables import load
from engine.theory.meter import Meter

Ints = NDArray[np.int64]

TRUST = 5  # the most a pattern is trusted
GAPS = 4  # slots to the next onset, at most
NO_ONE = 2  # no onset before


_TOUCHED = np.broadcast_to(np.arange(2), (3, 2))


@dataclass(frozen=True, eq=False)
class GuitarModel:
    """Costs, 256 to the bit, and weights; shapes as told in ``train.fit_guitar.strum_table``."""

    rhythm: RhythmTable
    free: RhythmTable
    open: Ints
    share: Ints
    density: Ints
    muted: Ints


@lru_cache(maxsize=8)
def guitar_model(models: str) -> GuitarModel:
    """Return the rhythm guitar of a set of models; raises ModelError."""
    arrays = {name: np.asarray(array, dtype=np.int64) for name, array in load(models, "guitar").arrays.items()}
    return GuitarModel(
        rhythm=RhythmTable(arrays["rhythm"]),
        free=RhythmTable(arrays["free"]),
        **{name: arrays[name] for name in ("open", "share", "density", "muted")},
    )


@lru_cache(maxsize=1024)
def pattern_steps(
    model: GuitarModel, meter: Meter, riff: tuple[int, ...], drums: tuple[int, ...], must: int, coarse: int, stop: int
) -> tuple[Step, ...]:
    """Return the steps of a bar's strokes, beat by beat, where a pattern is remembered.

    riff: its slots. drums: of every slot 0 nothing, 1 kick, 2 snare. must: slots as bits that have to be struck.
    coarse: slots of a beat as bits that may not be, unless they must. stop: slot after which nothing is struck, or -1.
    """
    positions, groups = grid(meter), beats(meter.slots)
    steps = []
    for group in groups:
        told = tuple((int(slot in riff), TRUST, drums[slot], positions[slot]) for slot in group)
        after = sum(1 << slot - group[0] for slot in group if slot > stop) if stop >= 0 else 0
        steps.append(beat_step(model.rhythm, told, 0, (), bits(must, group), coarse | after, group is groups[-1]))
    return tuple(steps)


@lru_cache(maxsize=1024)
def touch_step(model: GuitarModel, gap: int, cluster: int, slot: int, drum: int, muting: int) -> Step:
    """Return the step of one onset: event 0 muted, 1 open; states: the touch before (NO_ONE: none).

    gap: slots to the next onset. slot: of a 4/4 bar. drum: 0 nothing, 1 kick, 2 snare. muting: cost added to open
    (negative: to muted) notes.
    """
    cost = model.open[min(gap, GAPS) - 1, :, cluster, slot, drum] + np.array([max(-muting, 0), max(muting, 0)])
    return Step(weights(cost), _TOUCHED)
