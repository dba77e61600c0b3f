"""The fitted bass as sampler steps: two mixtures, taken apart into sums that cost little to ask.

A mixture without selectors adds up what its views say, each weighed by how well it knows its context. So every view
is made one table of weighed costs when the model is loaded, and a place asks each table once. The rows are those of
``Mixture.rows``, to the rounding of a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP, weights
from engine.chain.sampler import Step
from engine.models.bass_views import LOWEST, NONE, PITCH, PITCHES, RHYTHM, Manner
from engine.models.beats import PAST
from engine.models.mixture import Mixture
from engine.models.recall import log2
from engine.models.tables import load
from engine.models.viewpoints import Space, View

Ints = NDArray[np.int64]

STAY = 3 * 256  # cost of staying on a tone that the rules do not like best
_FAR = 18 << 8  # a difference of 18 bits is as good as any larger one
_TONES = np.arange(12)


class Weighed(NamedTuple):
    """What one view says, weighed: costs of its classes in every context, shape (contexts, classes)."""

    view: View
    costs: Ints


@dataclass(frozen=True, eq=False)
class BassModel:
    """The views of both mixtures, and the tables that ``train.fit_bass.table`` tells of.

    Of the rhythm, costs are those of an onset less those of none, shape (contexts,).
    """

    rhythm: tuple[Weighed, ...]
    pitch: tuple[Weighed, ...]
    start: Ints
    next: Ints
    density: Ints
    manner: Ints
    shift: Ints
    length: Ints


class Slots(NamedTuple):
    """Slots to be struck or not, see ``bass_views``; arrays of one length."""

    slot: Ints
    kick: Ints
    riff: Ints
    trust: Ints
    turn: Ints
    new: Ints


class Spot(NamedTuple):
    """A note to be given a pitch: where it stands, see ``bass_views``, and what the rules of the style think.

    tones: the rules' cost of each of the 12 intervals above the chord's bass; -1 forbids.
    """

    root: int
    metre: int
    quality: int
    new: int
    move: int
    motion: int
    memory: int
    was: int
    trust: int
    tones: tuple[int, ...]


class Hand(NamedTuple):
    """What is one for all notes of a section: the player's manner, the section's state and middle, lowest and highest.

    Pitches are counted from the lowest string.
    """

    manner: Manner
    state: int
    centre: int
    low: int
    high: int


@lru_cache(maxsize=8)
def bass_model(models: str) -> BassModel:
    """Return the bass of a set of models; raises ModelError."""
    arrays = {name: np.asarray(array, dtype=np.int64) for name, array in load(models, "bass").arrays.items()}
    rhythm, pitch = (weighed(Mixture.of(load(models, name))) for name in ("bass_rhythm", "bass_pitch"))
    apart = tuple(Weighed(view, costs[:, 1] - costs[:, 0]) for view, costs in rhythm)
    return BassModel(apart, pitch, **arrays)


def weighed(mixture: Mixture) -> tuple[Weighed, ...]:
    """Return the long-term views of a mixture without selectors, each as one table."""
    found = []
    for chain, trusts in zip(mixture.chains, mixture.trust, strict=True):
        sizes = [mixture.space.sizes[name] for name in chain.view.columns]
        grid = np.unravel_index(np.arange(prod(sizes)), sizes)
        columns = {name: axis.astype(np.int64) for name, axis in zip(chain.view.columns, grid, strict=True)}
        # Asked for classes instead of events, a context answers once for all values of the target's column.
        classes = Space(mixture.space.target(chain.view.target).classes, mixture.space.sizes)
        costs, trust = chain._replace(view=View(chain.view.columns)).look(classes, columns, prod(sizes))
        found.append(Weighed(chain.view, trusts[trust][:, None] * costs >> 8))
    return tuple(found)


def slot_costs(model: BassModel, slots: Slots, manner: Manner, state: int) -> Ints:
    """Return the costs of no onset and of an onset after every four slots before, shape (slots, 16, 2)."""
    columns = {name: values[:, None] for name, values in slots._asdict().items()}
    columns.update(past=np.arange(PAST), cluster=np.array(state), steady=np.array(manner.steady))
    apart: Ints = np.full((len(slots.slot), PAST), _FAR)
    for view, costs in model.rhythm:
        apart += costs.take(_key(view, RHYTHM.sizes, columns))
    return _two().take(apart, axis=0, mode="clip")


def note_steps(model: BassModel, spots: Sequence[Spot], hand: Hand) -> list[Step]:
    """Return the steps of notes: events are the pitches from ``hand.low``, states those before (the last: none)."""
    count, size = len(spots), hand.high - hand.low + 1
    *named, rules = zip(*spots, strict=True)
    columns = {name: np.array(values)[:, None] for name, values in zip(Spot._fields, named, strict=False)}
    columns.update({name: np.array(value) for name, value in hand.manner._asdict().items()})
    columns.update(cluster=np.array(hand.state), before=np.arange(NONE + 1))
    degree: Ints = np.zeros((count, NONE + 1, 12), dtype=np.int64)
    level: Ints = np.zeros((count, size), dtype=np.int64)
    pitches = np.arange(hand.low, hand.high + 1)
    step = _moves(model, hand.manner.octaves, hand.manner.roam, hand.low, hand.high)
    for view, costs in model.pitch:
        if view.target == "degree":
            degree += costs.take(_key(view, PITCH.sizes, columns), axis=0)
        elif view.target != "step":
            key = _key(view, PITCH.sizes, columns)
            from_ = columns["was"] if view.target == "off" else np.array([[hand.centre]])
            where = np.where(from_ < PITCHES, from_, PITCHES // 2)
            level += costs.reshape(-1).take(key * costs.shape[1] + pitches - where + PITCHES - 1)
    rule = np.array(rules)
    # To stay on a tone that the rules like less is worse than to pass through it.
    degree[:, _TONES, _TONES] += STAY * (rule > 0)
    interval, pair = _places(hand.low, hand.high)
    root = columns["root"][:, 0]
    at = pair[root] + (np.arange(count) * degree[0].size)[:, None, None]
    total = degree.take(at)
    total += step[columns["metre"][:, 0], columns["motion"][:, 0]]
    total += level[:, None, :]
    total -= total.min(axis=2, keepdims=True)
    weight = weights(total)
    weight = (weight << 16) // weight.sum(axis=2, keepdims=True)
    allowed = (weights(np.maximum(rule, 0)) * (rule >= 0)).take(interval[root] + (np.arange(count) * 12)[:, None])
    weight *= allowed[:, None, :]
    weight >>= 12
    # Nothing that is allowed weighs nothing.
    weight += (allowed > 0)[:, None, :]
    after = _after(size + 1, size)
    return [Step(row, after) for row in weight]


@lru_cache(maxsize=64)
def state_step(model: BassModel, wanted: int) -> tuple[Step, Step]:
    """Return the step of a first section's state and of one after another: events are states.

    wanted: notes in 16 bars; a state weighs half as much for every note a bar away from it.
    """
    near = weights(np.abs(model.density - wanted) * 16)
    kinds = len(near)
    first = np.maximum(model.start[None, :] * near >> 12, 1)
    return Step(first, _after(1, kinds)), Step(np.maximum(model.next * near >> 12, 1), _after(kinds, kinds))


def _key(view: View, sizes: Mapping[str, int], columns: Mapping[str, Ints]) -> Ints:
    key: Ints = columns[view.columns[0]]
    for name in view.columns[1:]:
        key = key * sizes[name] + columns[name]
    return key


@lru_cache(maxsize=32)
def _moves(model: BassModel, octaves: int, roam: int, low: int, high: int) -> Ints:
    # What the views on steps say of each pitch after each (the last row: none), shape (5, 13, pitches + 1, pitches).
    pitches = np.arange(low, high + 1)
    place = pitches[None, :] - np.append(pitches, PITCHES // 2)[:, None] + PITCHES - 1
    columns = {"octaves": np.array(octaves), "roam": np.array(roam)}
    columns.update(metre=np.arange(5)[:, None], motion=np.arange(NONE + 1)[None, :])
    total: Ints = np.zeros((5, NONE + 1, *place.shape), dtype=np.int64)
    for view, costs in model.pitch:
        if view.target == "step":
            total += costs[_key(view, PITCH.sizes, columns)][..., place]
    return total


@lru_cache(maxsize=64)
def _places(low: int, high: int) -> tuple[Ints, Ints]:
    # For each root: the interval of each pitch, and where in a (13, 12) table a pitch after another lies.
    interval = (np.arange(low, high + 1)[None, :] + LOWEST - np.arange(12)[:, None]) % 12
    before = np.concatenate([interval, np.full((12, 1), NONE)], axis=1)
    return interval, before[:, :, None] * 12 + interval[:, None, :]


@lru_cache(maxsize=1)
def _two() -> Ints:
    # The costs of two events whose costs differ by -_FAR.._FAR (the second less the first), so that chances sum to 1.
    apart = np.arange(-_FAR, _FAR + 1)
    least = log2(TOP + weights(np.abs(apart))) - 16 * 256
    return np.stack([least + np.maximum(-apart, 0), least + np.maximum(apart, 0)], axis=1)


@lru_cache(maxsize=64)
def _after(states: int, events: int) -> Ints:
    return np.broadcast_to(np.arange(events), (states, events))
