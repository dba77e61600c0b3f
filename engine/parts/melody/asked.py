"""What a user asks of a line, as masks over the tables of its samplers.

What is asked is always kept. The rules of the house come second: where a wish leaves nothing that they allow, they
weigh what it leaves as little as can be, but do not forbid it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.chain.sampler import MAX_WEIGHT, Step
from engine.models.viewpoints import Ints
from engine.plan.bounds import Onsets

ANY = 2  # a turn of the line that may go either way


class Asked(NamedTuple):
    """What is asked of a line's notes.

    open: which events each may have, shape (notes, events). top: an event that one of them must have, or None.
    turns: 1, 0, -1 where a note must lie above, on or below the one before; else ANY. shun: (note, event) pairs that
    weigh as little as can be.
    """

    open: Ints
    top: int | None = None
    turns: Sequence[int] = ()
    shun: Sequence[tuple[int, int]] = ()


def rhythm_steps(steps: Sequence[Step], slots: Sequence[int], ends: int, asked: Onsets) -> list[Step]:
    """Return the steps of a rhythm's inner slots with what is asked of them; ends: onsets that are none of these."""
    kept = []
    for step, slot in zip(steps, slots, strict=True):
        may = np.array([slot not in asked.on, slot not in asked.off], dtype=np.int64)
        kept.append(step._replace(weights=np.maximum(step.weights, 1) * may))
    if asked.many is None:
        return kept
    many = asked.many - ends
    for i, slot in enumerate(slots):
        # A state of this rule is how many onsets there have been.
        allowed = np.ones((many + 1, 2), dtype=np.int64)
        allowed[many, 1] = 0
        if slot in asked.numbers:
            allowed[:, 1] = 0
            allowed[min(max(asked.numbers[slot] - 1, 0), many), 1] = 1
        if i + 1 == len(slots):
            allowed[:many, 0] = 0
            allowed[: max(many - 1, 0), 1] = 0
        count = np.arange(many + 1)
        kept[i] = product(kept[i], np.stack([count, np.minimum(count + 1, many)], axis=1), allowed)
    return kept


def within(rows: Ints, asked: Asked, events: Ints, last: Ints) -> Ints:
    """Return weights, shape (notes, states, events), with what is asked; last: each state's event, as an index."""
    rows = rows << max(MAX_WEIGHT.bit_length() - 1 - int(rows.max()).bit_length(), 0)
    np.maximum(rows, 1, out=rows)
    for note, event in asked.shun:
        rows[note, :, event] = 1
    rows *= asked.open[:, None]
    known = last < len(events)
    turned = np.sign(events - np.append(events, 0)[last][:, None])
    for row, turn in zip(rows, asked.turns, strict=False):
        if turn != ANY:
            row *= (turned == turn) | ~known[:, None]
    return rows


def topped(steps: Sequence[Step], asked: Asked) -> list[Step]:
    """Return steps of which one must have the event ``asked.top``."""
    found = []
    for i, step in enumerate(steps):
        events = step.weights.shape[1]
        # A state of this rule is whether it has been sung.
        hit = np.arange(events) == asked.top
        after = np.stack([hit.astype(np.int64), np.ones(events, dtype=np.int64)])
        allowed = np.ones((2, events), dtype=np.int64)
        if i + 1 == len(steps):
            allowed[0] = hit
        ahead = len(steps[i + 1].weights) if i + 1 < len(steps) else int(step.after.max()) + 1
        found.append(product(step, after, allowed, ahead))
    return found


def product(step: Step, after: Ints, allowed: Ints, ahead: int = 0) -> Step:
    """Return a step that also follows a rule, whose states weigh most in the new ones.

    after, allowed (0 or 1): of the rule, shape (its states, events). ahead: how many states the next step has, as many
    as this one if 0.
    """
    states, events = step.weights.shape
    new = allowed[:, None] * step.weights
    return Step(
        new.reshape(-1, events), (after[:, None] * (ahead or states) + step.after).reshape(-1, events), step.place
    )
