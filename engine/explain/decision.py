"""One decision of a chain in numbers: what the model proposed, what every rule made of it, what was drawn."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler
from engine.chain.watch import About

Floats = NDArray[np.float64]

AHEAD = "what follows"  # what must still be met
_SAID = 256  # costs to the bit
_SAME = 1e-3  # a factor no further from 1 is rounding


class Option(NamedTuple):
    """Something that could have been drawn.

    value: a MIDI number, a slot, or what ``About`` names. model: its chance by the model alone. rules: for each rule of
    the decision how many times likelier that made it, 0 where it forbids; chance: what it was drawn with.
    """

    value: Hashable
    model: float
    rules: tuple[float, ...]
    chance: float


class Said(NamedTuple):
    """What one viewpoint says: the chance it alone gives what was drawn, and its favourite with the chance of that."""

    view: str
    chance: float
    favourite: Hashable
    most: float


class Decision(NamedTuple):
    """A draw: what was drawn, what else could have been, and which rules acted.

    what: "pitch", "onset" and so on. options: all of them, the likeliest first. rules: names, in the order of their
    acting. chance, model: of what was drawn.
    """

    what: str
    value: Hashable
    rules: tuple[str, ...]
    options: tuple[Option, ...]
    views: tuple[Said, ...]

    @property
    def chosen(self) -> Option:
        """What was drawn."""
        return next(option for option in self.options if option.value == self.value)


def decided(sampler: Sampler, about: About, events: Sequence[int], number: int) -> Decision:
    """Return the decision at a step (from 0) of a line of events."""
    choice = sampler.choices(events[: number + 1])[number]
    rows = [stage.weights[number][choice.state % len(stage.weights[number])] for stage in about.stages]
    rows += [choice.weights, choice.weights * choice.ahead]
    names, values = _rules(about), about.names[number]
    found = _options(values, [_share(row) for row in rows])
    views = tuple(
        _said(view.name, view.costs[number][choice.state % len(view.costs[number])], values, events[number])
        for view in about.views
    )
    return _acting(Decision(about.what, values[events[number]], names, found, views))


def waited(sampler: Sampler, about: About, events: Sequence[int], number: int, first: int) -> Decision:
    """Return the decision that the onset after another (at ``number`` - 1 or before it) comes at step ``number``.

    events: 1 an onset, 0 none. first: the slot of step 0. The options are the slots where it could have come, the last
    of them the line's last, which is always struck.
    """
    begin = number
    while begin and not events[begin - 1]:
        begin -= 1
    state = sampler.choices(events[: begin + 1])[begin].state
    ways = len(about.stages) + 2
    left, shares = np.ones(ways), []
    before = list(events[:begin])
    for step in range(begin, len(about.slots)):
        choice = sampler.choice(step, state, before)
        rows = [stage.weights[step][state % len(stage.weights[step])] for stage in about.stages]
        rows += [choice.weights, choice.weights * choice.ahead]
        hazard = np.array([_share(row)[1] for row in rows])
        shares.append(left * hazard)
        left = left * (1 - hazard)
        if step == number:
            at = state
        state = sampler.after(step, state, 0)
        before.append(0)
    slots = [first + step for step in range(begin, begin + len(shares) + 1)]
    table = np.array([*shares, left]).T
    views = (
        tuple(
            _said(view.name, view.costs[number][at % len(view.costs[number])], ("nothing", "onset"), 1)
            for view in about.views
        )
        if number < len(about.slots)
        else ()
    )
    return _acting(Decision("onset", first + number, _rules(about), _options(slots, list(table)), views))


def _rules(about: About) -> tuple[str, ...]:
    return (*(stage.rule for stage in about.stages[1:]), about.rules, AHEAD)


def _options(values: Sequence[Hashable], rows: Sequence[Floats]) -> tuple[Option, ...]:
    # Events that stand for the same (two ways to finger it) are one.
    together: dict[Hashable, Floats] = {}
    for value, chances in zip(values, np.array(rows).T, strict=True):
        together[value] = together.get(value, 0) + chances
    found = []
    for value, chances in together.items():
        lifts = tuple(float(later / one) if one else 0.0 for one, later in pairwise(chances))
        found.append(Option(value, float(chances[0]), lifts, float(chances[-1])))
    return tuple(sorted(found, key=lambda option: (-option.chance, -option.model, str(option.value))))


def _acting(decision: Decision) -> Decision:
    """Return the decision without the rules that changed nothing."""
    kept = [
        k for k in range(len(decision.rules)) if any(abs(o.rules[k] - 1) > _SAME for o in decision.options if o.model)
    ]
    return decision._replace(
        rules=tuple(decision.rules[k] for k in kept),
        options=tuple(o._replace(rules=tuple(o.rules[k] for k in kept)) for o in decision.options),
    )


def _said(name: str, costs: NDArray[np.int64], values: Sequence[Hashable], event: int) -> Said:
    row = _share(np.exp2((costs.min() - costs) / _SAID))
    best = int(row.argmax())
    return Said(name, float(row[event]), values[best], float(row[best]))


def _share(row: NDArray[np.int64] | Floats) -> Floats:
    found = np.asarray(row, dtype=np.float64)
    total = found.sum()
    return found / total if total else found
