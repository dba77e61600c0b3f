"""The rhythm of a sung phrase: drawn whole, from the model of sung onsets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from engine.chain.sampler import Sampler, Step, markov_states
from engine.chain.watch import About, Stages
from engine.models.dense import Dense, weigh_two
from engine.models.memory import Growing
from engine.models.pitch import AGES, age
from engine.models.rhythm import DESIGN, LEFT, MEMORY, STATES, Lengths, Moment, history_columns, moment_columns
from engine.models.viewpoints import Ints
from engine.parts.melody.asked import rhythm_steps
from engine.plan.bounds import Onsets
from engine.stream import Stream, choose
from engine.theory.meter import Meter, common

_AFTER, _ = markov_states(2, MEMORY)
_HISTORY = history_columns(np.arange(STATES, dtype=np.int64))
_EVENTS = np.arange(2)
_BEAT = 4  # slots
SURE = 10  # eighths: a mixture of all songs is less sure of a rhythm than any one of them
REST = 7  # slots to the next onset, from which on there is a rest to breathe in
BREATH, HELD = 1, 12
_LEFT = tuple(k for k, view in enumerate(DESIGN.long) if "left" in view.columns)
_SETTLED = tuple(k for k, view in enumerate(DESIGN.long) if "left" not in view.columns)


def moments(first: int, last: int, meter: Meter, kind: int, pace: int, grain: int, remembered: int) -> Moment:
    """Return the slots between a line's first and last onset, each of shape (slots, 1).

    remembered: how many slots of this section have been drawn before.
    """
    slots = np.arange(first + 1, last, dtype=np.int64)[:, None]
    # Other metres read the slots of 4/4 that weigh the same.
    like = np.array(common(meter), dtype=np.int64)
    shared = (np.full_like(slots, value) for value in (kind, pace, grain, age(remembered // 4)))
    return Moment(like[slots % meter.slots], last - slots, *shared)


def onset_sampler(
    model: Dense,
    moment: Moment,
    memories: Sequence[Growing],
    *,
    density: int = 100,
    offbeat: int = 100,
    between: int = 100,
    near: Sequence[int] = (),
    pull: int = 1,
    asked: Onsets | None = None,
    first: int = 0,
) -> Sampler:
    """Return all rhythms of the slots of ``moment``: an onset (1) or none (0) each.

    density: percent by which an onset's weight is multiplied; offbeat: the same between beats, and its inverse on them.
    between: percent by which that of an onset between eighths is multiplied.
    near, pull: onsets of another rhythm, and how many times likelier each slot is to be like it.
    asked: what a user wants of the line, which begins at the slot ``first``.
    """
    if not len(moment.slot):
        return Sampler([])
    told = Stages()
    slot, left = moment.slot[:, 0], np.minimum(moment.left[:, 0], LEFT)
    kind, pace, grain, age = (int(part[0, 0]) for part in moment[2:])
    costs = _settled(model, kind, pace, grain, age).take(slot, axis=0)
    costs.reshape(len(slot), -1, 2, 2)[:] += _leading(model)[age, left, slot][:, None]
    if memories:
        costs += model.short({**moment_columns(moment), **_HISTORY}, _EVENTS, memories)
    rows = weigh_two(costs * SURE // 8)
    told.add("model", rows)
    onset = np.where(moment.slot[:, 0] % _BEAT, density * offbeat // 100, density * 100 // offbeat)
    if between != 100:
        onset = np.where(moment.slot[:, 0] % 2, onset * between // 100, onset)
    rows = rows * np.stack([np.full_like(onset, 100), onset], axis=1)[:, None]
    told.add("density", rows)
    if near:
        like = np.ones((len(near), 1, 2), dtype=np.int64)
        like[np.arange(len(near)), 0, list(near)] = pull
        rows = rows * like
        told.add("likeness", rows)
    # A phrase begins with its first onset alone in memory, as in the songs the model was fitted on.
    steps = [Step(slot // 128, _AFTER) for slot in rows]
    if asked:
        steps = rhythm_steps(steps, range(first + 1, first + 1 + len(steps)), 2, asked)
    sampler = Sampler(steps, start=1)
    if told:
        views = model.views({**moment_columns(moment), **_HISTORY}, _EVENTS, memories, rows.shape)
        sampler.about = About("onset", tuple(range(1, len(rows) + 1)), ((0, 1),) * len(rows), tuple(told.found), views)
    return sampler


@lru_cache(maxsize=512)
def _settled(model: Dense, kind: int, pace: int, grain: int, age: int) -> Ints:
    """Return what the experts that do not know the way to the line's end say, shape (16, STATES, 2)."""
    slots = np.arange(16, dtype=np.int64)[:, None]
    shared = (np.full_like(slots, value) for value in (kind, pace, grain, age))
    columns = moment_columns(Moment(slots, slots, *shared))
    return model.long({**columns, **_HISTORY}, _EVENTS, _SETTLED)


@lru_cache(maxsize=16)
def _leading(model: Dense) -> Ints:
    """Return what the others say by age, way to the end, slot and the slot before, shape (AGES, LEFT + 1, 16, 2, 2)."""
    shape = (AGES, LEFT + 1, 16)
    age, left, slot = (axis.reshape(-1, 1) for axis in np.indices(shape))
    nothing = np.zeros_like(age)
    columns = moment_columns(Moment(slot, left, nothing, nothing, nothing, age))
    return model.long({**columns, "last1": np.arange(2)}, _EVENTS, _LEFT).reshape(*shape, 2, 2)


def columns_of(moment: Moment, onsets: Sequence[int]) -> tuple[dict[str, Ints], Ints]:
    """Return the (columns, events) of a drawn rhythm, to be remembered."""
    history, past = 1, []
    for onset in onsets:
        past.append(history)
        history = (history << 1 | onset) & (STATES - 1)
    flat = {name: values[:, 0] for name, values in moment_columns(moment).items()}
    return {**flat, **history_columns(np.array(past, dtype=np.int64))}, np.array(onsets, dtype=np.int64)


def draw_lengths(lengths: Lengths, waits: Sequence[int], legato: int, stream: Stream) -> list[int]:
    """Return how many slots each note sounds; the last wait is the way to the end of the voice's room.

    legato: percent by which the weight of holding a note up to the next is multiplied; before a rest, no longer than
    HELD and with BREATH slots to breathe.
    """
    last, found = len(waits) - 1, []
    for i, (wait, word) in enumerate(zip(waits, stream.words(len(waits)), strict=True)):
        weights = lengths.weights(wait, i == last)
        held = wait if wait < REST else min(wait - BREATH, HELD)
        weights[held - 1] = weights[held - 1] * legato // 100
        found.append(choose(weights, word) + 1)
    return found
