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
from engine.models.bass_views import LOWEST, NONE, PITCH, PITCH_DESIGN, PITCHES, RHYTHM, RHYTHM_DESIGN, Manner
from engine.models.mixture import Mixture
from engine.models.recall import log2
from engine.models.tables import load
from engine.models.viewpoints import Space, View

Ints = NDArray[np.int64]

LOOSE = 3  # trust in the riff of a bar that leaves it
_KEPT = 160  # of 256: by how much pitches are surer in bars that keep to it
_DENSITY = 48  # cost of every note in 16 bars more or less than wanted
STAY = 256  # cost of staying on a tone that the rules do not like best
_FAR = 18 << 8  # a difference of 18 bits is as good as any larger one
_TONES = np.arange(12)
# What is asked together: (what of, columns), beside what is one for a whole section.
_ASKED = (
    ("rhythm", ("kick", "slot", "past")),
    ("rhythm", ("riff", "trust", "slot", "past")),
    ("rhythm", ("riff", "trust", "kick", "turn", "new", "slot")),
    ("degree", ("metre", "quality", "new", "before")),
    ("degree", ("memory", "trust", "before")),
    ("degree", ("move", "before")),
    ("degree", ("memory", "trust", "metre", "new")),
    ("off", ("sure", "metre")),
    ("off", ("sure", "trust", "new")),
    ("height", ("new",)),
    ("step", ("metre",)),
    ("step", ("motion",)),
)
_ONE = {"cluster", *Manner._fields}


def _shares() -> dict[tuple[str, tuple[str, ...]], tuple[View, ...]]:
    # Every view belongs to the first question that names all it looks at.
    found: dict[tuple[str, tuple[str, ...]], tuple[View, ...]] = dict.fromkeys(_ASKED, ())
    for design, rhythm in ((RHYTHM_DESIGN, True), (PITCH_DESIGN, False)):
        for view in design.long:
            what = "rhythm" if rhythm else view.target
            asked = next(ask for ask in _ASKED if ask[0] == what and set(view.columns) <= {*ask[1], *_ONE})
            found[asked] += (view,)
    return found


_SHARES = _shares()


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
    leave: Ints
    stray: Ints
    shift: Ints
    length: Ints


class Joined(NamedTuple):
    """Views that speak of one thing, added up: a table over what they look at, the classes last.

    inner: whether the last column is what the sampler remembers, and so answered for all its values at once.
    """

    columns: tuple[str, ...]
    sizes: tuple[int, ...]
    costs: Ints
    inner: bool

    def ask(self, columns: Mapping[str, Ints], classes: Ints | None = None) -> Ints:
        """Return the costs of all classes at places, or those of the pitches so far from another (places, pitches)."""
        outer = self.columns[:-1] if self.inner else self.columns
        key: Ints = columns[outer[0]]
        for name, size in zip(outer[1:], self.sizes[1:], strict=False):
            key = key * size + columns[name]
        if classes is not None:
            key = key[:, None] * self.costs.shape[-1] + classes + PITCHES - 1
            return np.asarray(self.costs.reshape(-1).take(key))
        return np.asarray(self.costs.take(key, axis=0))


@lru_cache(maxsize=512)
def joined(model: BassModel, what: str, columns: tuple[str, ...], *fixed: tuple[str, int]) -> Joined:
    """Return the sum of the views that look at some of ``columns``, and at all of the ``fixed`` ones, as one table.

    what: "rhythm", or the target of a pitch. columns: a last one that the sampler remembers (past, before) is answered
    for all its values at once.
    """
    space, views = (RHYTHM, model.rhythm) if what == "rhythm" else (PITCH, model.pitch)
    kept = dict(fixed)
    sizes = tuple(space.sizes[name] for name in columns)
    grid = dict(zip(columns, np.unravel_index(np.arange(prod(sizes)), sizes), strict=True))
    total: Ints | None = None
    for view, costs in views:
        if view in _SHARES[what, columns]:
            key: Ints = np.zeros(prod(sizes), dtype=np.int64)
            for name in view.columns:
                key = key * space.sizes[name] + (kept[name] if name in kept else grid[name])
            total = costs[key] if total is None else total + costs[key]
    assert total is not None
    inner = columns[-1] in ("past", "before")
    shape = (prod(sizes[:-1]), sizes[-1]) if inner else (prod(sizes),)
    return Joined(columns, sizes, total.reshape(*shape, *total.shape[1:]), inner)


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
    sure: int
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
    columns = slots._asdict()
    apart: Ints = joined(model, "rhythm", ("kick", "slot", "past"), ("cluster", state)).ask(columns)
    apart += joined(model, "rhythm", ("riff", "trust", "slot", "past")).ask(columns)
    bar = ("riff", "trust", "kick", "turn", "new", "slot")
    apart += joined(model, "rhythm", bar, ("steady", manner.steady)).ask(columns)[:, None] + _FAR
    return _two().take(apart, axis=0, mode="clip")


def note_steps(model: BassModel, spots: Sequence[Spot], hand: Hand) -> list[Step]:
    """Return the steps of notes: events are the pitches from ``hand.low``, states those before (the last: none)."""
    count, size = len(spots), hand.high - hand.low + 1
    rule = np.array([spot.tones for spot in spots])
    columns = dict(zip(Spot._fields, np.array([spot[:-1] for spot in spots]).T, strict=False))
    manner, state = hand.manner, ("cluster", hand.state)
    degree = joined(model, "degree", ("memory", "trust", "before"), ("faithful", manner.faithful)).ask(columns)
    degree += joined(model, "degree", ("memory", "trust", "metre", "new")).ask(columns)[:, None]
    pitches = np.arange(hand.low, hand.high + 1)
    was = np.where(columns["was"] < PITCHES, columns["was"], PITCHES // 2)
    level = joined(model, "off", ("sure", "metre"), ("faithful", manner.faithful)).ask(columns, pitches - was[:, None])
    level += joined(model, "off", ("sure", "trust", "new")).ask(columns, pitches - was[:, None])
    degree += joined(model, "degree", ("metre", "quality", "new", "before"), ("pedal", manner.pedal), state).ask(
        columns
    )
    degree += joined(model, "degree", ("move", "before"), ("pedal", manner.pedal)).ask(columns)
    level = level + joined(model, "height", ("new",), ("roam", manner.roam)).ask(columns, pitches - hand.centre)
    step = _moves(model, manner.octaves, manner.roam, hand.low, hand.high)
    # Bars leave the riff as a whole or keep to it, and those that keep to it do so more than the average of both.
    kept = (columns["trust"] > LOOSE).astype(np.int64)
    degree += degree * (kept * _KEPT)[:, None, None] >> 8
    level += level * (kept * _KEPT)[:, None] >> 8
    # To stay on a tone that the rules like less is worse than to pass through it.
    degree[:, _TONES, _TONES] += STAY * (rule > 0)
    interval, pair = _places(hand.low, hand.high)
    root = columns["root"]
    at = pair[root] + (np.arange(count) * degree[0].size)[:, None, None]
    total = degree.take(at)
    total += step[kept, columns["metre"], columns["motion"]]
    total += level[:, None, :]
    total -= total.min(axis=2, keepdims=True)
    weight = weights(total)
    # Rows of 2**16, to a unit: to multiply by 1 / sum is six times as quick as to divide by it.
    weight *= (1 << 40) // weight.sum(axis=2, keepdims=True)
    weight >>= 24
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
    near = weights(np.abs(model.density - wanted) * _DENSITY)
    kinds = len(near)
    first = np.maximum(model.start[None, :] * near >> 12, 1)
    return Step(first, _after(1, kinds)), Step(np.maximum(model.next * near >> 12, 1), _after(kinds, kinds))


@lru_cache(maxsize=32)
def _moves(model: BassModel, octaves: int, roam: int, low: int, high: int) -> NDArray[np.int32]:
    # What the views on steps say of each pitch after each (the last row: none), in bars that leave the riff and that
    # keep to it: shape (2, 5, 13, pitches + 1, pitches).
    pitches = np.arange(low, high + 1)
    place = pitches[None, :] - np.append(pitches, PITCHES // 2)[:, None] + PITCHES - 1
    metre = joined(model, "step", ("metre",), ("octaves", octaves), ("roam", roam)).costs
    motion = joined(model, "step", ("motion",), ("octaves", octaves), ("roam", roam)).costs
    found = (metre[:, None, place] + motion[None, :, place]).astype(np.int32)
    return np.stack([found, found + (found * _KEPT >> 8)])


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
