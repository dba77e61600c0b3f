"""Each knob moves what it names, one way, on a few seeds; docs/steering.md has the table over many."""

from __future__ import annotations

import numpy as np
import pytest

from engine import api
from engine.measure.steering import NAMED, steering_measures

SEEDS = range(1, 7)
AT = (0, 0.5, 1)
# On so few songs these say little from one setting to the next; between the ends they do.
ENDS = {"drum_hits_per_bar", "drum_distinct_patterns_per_100_bars", "chord_entropy", "sim_chorus_chorus"}


@pytest.fixture(scope="module")
def middle():
    return [steering_measures(api.compose(seed=seed)) for seed in SEEDS]


@pytest.mark.parametrize("knob", NAMED)
def test_a_knob_moves_what_it_names(knob, middle):
    rows = {
        at: middle if at == 0.5 else [steering_measures(api.compose(seed=s, **{knob: at})) for s in SEEDS] for at in AT
    }
    for name in NAMED[knob]:
        sign, plain = (-1, name[1:]) if name.startswith("-") else (1, name)
        low, half, high = (sign * float(np.nanmean([row[plain] for row in rows[at]])) for at in AT)
        assert low < high, name
        assert plain in ENDS or low <= half <= high, name


def test_measures_by_hand():
    from tests.fakes import small_song

    found = steering_measures(small_song())
    # Two bars of energy 2 and two of energy 3; i, bVII and IV, of which one in two bars is minor.
    assert found["section_energy"] == 2.5
    assert (found["minor_share"], found["colour_share"]) == (0.5, 0)
    assert found["chord_entropy"] == pytest.approx(1.5)
    assert found["sung_pitch"] == 67.5
    # Sung: E F F# G G# A A# B in E, and the bass on E: b2 and b3 are lowered.
    assert found["lowered_share"] == pytest.approx(2 / 16)
