"""The fitted rhythm guitar: onsets against kick and snare, and what is muted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import NEVER, weights
from engine.chain.sampler import Step
from engine.models.beats import PAST, RhythmTable, bar_steps, beats, grid, mask
from engine.models.tables import load
from engine.theory.meter import Meter

Ints = NDArray[np.int64]

TRUST = 5  # the most a pattern is trusted
ANSWER = 2  # how far it is where the guitar answers the voice
_PUSH = 192  # what a stroke costs less there, and a kick left alone costs more
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


class Bar(NamedTuple):
    """A bar whose strokes are to be drawn where a pattern is remembered; slots as bits but for the drums.

    riff: the pattern's. drums: of every slot 0 nothing, 1 kick, 2 snare. must: those that have to be struck.
    barred: those that may not be, unless they must. room: those where the guitar answers: beats wholly in them follow
    the pattern less, and the kick more.
    """

    riff: int
    drums: tuple[int, ...]
    must: int
    barred: int
    room: int


def pattern_steps(model: GuitarModel, meter: Meter, bars: Sequence[Bar]) -> list[list[Step]]:
    """Return the steps of each bar's strokes, beat by beat."""
    slots = meter.slots
    masks = np.array([(bar.riff, bar.must, bar.barred & ~bar.must, _beats(bar.room, slots)) for bar in bars])
    riff, must, barred, free = (masks[:, :, None] >> np.arange(slots) & 1).transpose(1, 0, 2)
    drums = np.array([bar.drums for bar in bars])
    costs = model.rhythm.costs[riff, np.where(free, ANSWER, TRUST), drums, np.array(grid(meter))].astype(np.int64)
    costs[..., 0] += (must * NEVER + free * (drums == 1) * _PUSH)[..., None]
    costs[..., 1] += (barred * NEVER + free * -_PUSH)[..., None]
    return bar_steps(costs.reshape(-1, PAST, 2), meter)


def _beats(room: int, slots: int) -> int:
    # The beats that lie in a stretch of slots whole.
    return sum(room & mask(group) for group in beats(slots) if room & mask(group) == mask(group))


@lru_cache(maxsize=1024)
def touch_step(model: GuitarModel, gap: int, cluster: int, slot: int, drum: int, muting: int) -> Step:
    """Return the step of one onset: event 0 muted, 1 open; states: the touch before (NO_ONE: none).

    gap: slots to the next onset. slot: of a 4/4 bar. drum: 0 nothing, 1 kick, 2 snare. muting: cost added to open
    (negative: to muted) notes.
    """
    cost = model.open[min(gap, GAPS) - 1, :, cluster, slot, drum] + np.array([max(-muting, 0), max(muting, 0)])
    return Step(weights(cost), _TOUCHED)
