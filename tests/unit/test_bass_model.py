"""The bass's mixtures, taken apart into sums, say what the mixtures say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.models import bass_views as views
from engine.models.bass import LOOSE, Hand, Slots, Spot, bass_model, note_steps, slot_costs, state_step
from engine.models.bass_views import LOWEST, NONE, NOWHERE, PITCHES, Manner
from engine.models.beats import PAST, bar_steps, beat_step, beats
from engine.models.mixture import Mixture
from engine.models.tables import load
from engine.theory.meter import Meter

MODEL = bass_model("rock")
MANNER = Manner(1, 2, 1, 1, 2)


def test_slots_cost_what_the_mixture_says() -> None:
    slots = Slots(*(np.array(values) for values in ((0, 6, 13), (1, 0, 1), (2, 1, 0), (0, 5, 3), (0, 1, 3), (1, 0, 0))))
    costs = slot_costs(MODEL, slots, MANNER, 4)
    columns = {name: values.repeat(PAST) for name, values in slots._asdict().items()}
    columns.update(past=np.tile(np.arange(PAST), 3), cluster=np.full(48, 4), steady=np.full(48, MANNER.steady))
    rows = Mixture.of(load("rock", "bass_rhythm")).rows(columns).reshape(3, PAST, 2)
    assert 2.0 ** (-costs / 256) == pytest.approx(rows / 65536, abs=0.01)


def test_notes_weigh_what_the_mixture_says() -> None:
    spot = Spot(9, 2, 1, 0, 5, 0, 7, 12, LOOSE, 4, (0,) * 12)
    hand = Hand(MANNER, 3, 10, 0, PITCHES - 1)
    (step,) = note_steps(MODEL, [spot], hand)
    last = np.arange(PITCHES + 1)
    columns = {name: np.full(len(last), value) for name, value in spot._asdict().items() if name != "tones"}
    columns.update({name: np.full(len(last), value) for name, value in MANNER._asdict().items()})
    columns.update(cluster=np.full(len(last), 3), centre=np.full(len(last), 10), last=last)
    columns["before"] = np.where(last == NOWHERE, NONE, (last + LOWEST - 9) % 12)
    rows = Mixture.of(load("rock", "bass_pitch")).rows(columns)
    assert step.weights / step.weights.sum(axis=1, keepdims=True) == pytest.approx(rows / 65536, abs=0.01)


def test_bars_that_keep_to_the_riff_are_surer_of_its_notes() -> None:
    hand = Hand(MANNER, 3, 10, 0, PITCHES - 1)
    kept, left = (
        step.weights[12, 12] / step.weights[12].sum()
        for step in note_steps(
            MODEL, [Spot(9, 2, 1, 0, 0, 0, 7, 12, trust, 4, (0,) * 12) for trust in (5, LOOSE)], hand
        )
    )
    assert kept > left > 0


def test_forbidden_tones_weigh_nothing_and_allowed_ones_something() -> None:
    tones = (0, -1, 0, 0, -1, 0, -1, 0, 0, -1, 0, -1)
    (step,) = note_steps(MODEL, [Spot(4, 0, 1, 1, 0, NONE, NONE, NOWHERE, 0, 0, tones)], Hand(MANNER, 0, 8, 0, 15))
    above = (np.arange(16) + LOWEST - 4) % 12
    assert ((step.weights > 0) == (np.array(tones)[above] >= 0)).all()


def test_bars_at_once_are_beats_one_by_one() -> None:
    from engine.models.beats import RhythmTable

    costs = (np.arange(32 * PAST * 2).reshape(32, PAST, 2) * 37 % 700).astype(np.int64)
    table = RhythmTable(costs)
    for bar, steps in enumerate(bar_steps(costs, Meter(4, 4))):
        for group, step in zip(beats(16), steps, strict=True):
            alone = beat_step(table, tuple((16 * bar + slot,) for slot in group), 0, (), 0, 0, group.stop == 16)
            # One at a time, every row is scaled on its own.
            one, other = (w / np.maximum(w.max(axis=1, keepdims=True), 1) for w in (step.weights, alone.weights))
            assert one == pytest.approx(other, abs=0.001) and (step.after == alone.after).all()


def test_states_near_the_density_weigh_more() -> None:
    sparse, dense = (state_step(MODEL, wanted)[0].weights[0] for wanted in (50, 200))
    assert (MODEL.density[sparse.argmax()]) < MODEL.density[dense.argmax()]


def test_contexts_fit_a_table() -> None:
    for space, design in ((views.RHYTHM, views.RHYTHM_DESIGN), (views.PITCH, views.PITCH_DESIGN)):
        for view in design.long:
            assert np.prod([space.sizes[name] for name in view.columns]) < 1 << 14
