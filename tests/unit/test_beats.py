from __future__ import annotations

import numpy as np
import pytest

from engine.chain.sampler import Sampler
from engine.models.beats import RhythmTable, beat_step, beats, bits, grid, onsets
from engine.stream import Stream
from engine.theory.meter import Meter

# One context; an onset costs one bit more after an onset in the slot before.
COSTS = np.zeros((1, 16, 2), dtype=np.int64)
COSTS[0, 1::2, 1] = 256
TABLE = RhythmTable(COSTS)
BEAT = ((0,),) * 4


def test_costs_of_slots_add_up() -> None:
    step = beat_step(TABLE, BEAT, full=False)
    # 0b0111 has two onsets after an onset, 0b0101 none: two bits apart.
    assert step.weights[0, 0b0101] == 4 * step.weights[0, 0b0111]


def test_past_reaches_over_the_beat() -> None:
    step = beat_step(TABLE, BEAT, full=False)
    assert step.weights[1, 0b0000] == 2 * step.weights[1, 0b0001]


def test_states_remember_the_last_four_slots() -> None:
    step = beat_step(TABLE, BEAT, full=False)
    assert step.after[0, 0b1000] & 15 == 0b0001 and step.after[0, 0b0001] & 15 == 0b1000


def test_full_bar_may_not_stay_empty() -> None:
    step = beat_step(TABLE, BEAT, end=True)
    assert step.weights[0, 0] == 0 and step.weights[16, 0] > 0


def test_must_and_barred() -> None:
    step = beat_step(TABLE, BEAT, must=0b0001, barred=0b0011, full=False)
    allowed = {event for event in range(16) if step.weights[0, event]}
    assert allowed == {0b0001, 0b0101, 0b1001, 0b1101}


def test_wanted_slots_cost_their_price() -> None:
    step = beat_step(TABLE, BEAT, wanted=((0b0001, 512),), full=False)
    assert step.weights[0, 0b0001] == 4 * step.weights[0, 0b0000]


def test_shorter_beat_of_an_odd_metre() -> None:
    assert beat_step(TABLE, BEAT[:2], full=False).weights.shape == (32, 4)
    assert beats(14)[-1] == range(12, 14)


def test_onsets_of_two_bars() -> None:
    assert onsets([0b0001, 0, 0b1000, 0, 0, 0, 0, 0b0010], 16) == [0, 11, 29]


def test_bits_of_a_beat() -> None:
    assert bits(0b1010_0000, range(4, 8)) == 0b1010


@pytest.mark.parametrize("meter", [Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8), Meter(12, 8)])
def test_grid_begins_on_the_downbeat_and_stays_inside(meter: Meter) -> None:
    found = grid(meter)
    assert len(found) == meter.slots and found[0] == 0 and set(found) <= set(range(16))


def test_drawn_bars_are_never_empty() -> None:
    rare = RhythmTable(np.stack([np.zeros((1, 16)), np.full((1, 16), 2560)], axis=-1).astype(np.int64))
    steps = [beat_step(rare, BEAT, end=k % 4 == 3) for k in range(16)]
    for seed in range(20):
        struck = onsets(Sampler(steps).draw(Stream.of(seed)), 16)
        assert {slot // 16 for slot in struck} == {0, 1, 2, 3}
