"""What a drummer's hands do in one bar, given the groove's accents: cymbals, ghost notes, fills."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step
from engine.chain.watch import About, Stage, Stages, watcher
from engine.models.dense import Dense, weigh
from engine.models.drums import CLOSED, FLOOR, GHOST, HANDS, OPEN_HAT, RIDE_CYMBAL, SNARE, Drums
from engine.models.strokes import FEET, HANDS_DESIGN, Traits
from engine.plan.accents import Beat, answered, factor
from engine.stream import Stream

Ints = NDArray[np.int64]

# Experts that look at the bar which this one answers, and those that do not.
_ANSWERING = tuple(k for k, view in enumerate(HANDS_DESIGN.long) if "old" in view.columns)
_ALONE = tuple(k for k, view in enumerate(HANDS_DESIGN.long) if "old" not in view.columns)
_BETWEEN = 15  # percent: weight of the leading cymbal between its pulses
_VOICES = 4  # of a fill: snare, tom 1, tom 2, floor tom
_TOMS = 4  # the lead of models.strokes.LEADS that stands for toms
_PLACES = np.arange(16, dtype=np.int64)
_SLOTS = _PLACES[:, None]
_BOTH = np.arange(2, dtype=np.int64)


class Manner(NamedTuple):
    """How a section is played: the cymbal that leads, slots between its strokes, rules' percentages."""

    lead: int  # CLOSED, OPEN_HAT, RIDE_CYMBAL, or FLOOR for a floor tom
    pulse: int
    steady: int
    ghost: int
    open: int


class Hands(NamedTuple):
    """All ways to play a bar: a sampler, and the places in ``Drums.symbols`` that its events stand for."""

    sampler: Sampler
    events: Ints

    def draw(self, stream: Stream) -> list[int]:
        """Return the hand event of each of 16 slots."""
        found: list[int] = self.events[self.sampler.draw(stream)].tolist()
        return found


class Context(NamedTuple):
    """All that a bar's hands are drawn from, so that equal contexts share a sampler.

    old: the events of the bar that this one answers, none where there is none yet; vary: how closely it answers it.
    last: the event before, -1 for none. fine: whether anything may be played between the eighths.
    """

    traits: Traits
    bar: Beat
    manner: Manner
    vary: int
    old: tuple[int, ...]
    last: int
    fine: bool = True


def context_of(traits: Traits, bar: Beat, manner: Manner, line: Sequence[int], fine: bool = True) -> Context:
    """Return the context of the bar that follows a line of hand events."""
    lag, vary = answered(traits, len(line))
    first = len(line) - lag
    old = tuple(line[first : first + 16]) if first >= 0 else ()
    return Context(traits, bar, manner, vary, old, line[-1] if line else -1, fine)


def hands_of(drums: Drums, context: Context) -> Hands:
    """Return all ways to play the hands of a bar: beside a speaking snare a hand has one cymbal or nothing."""
    traits, bar, manner, vary, answer, last, fine = context
    events, on, off, alone = _allowed(tuple(drums.symbols.tolist()), manner)
    foot = np.array([(bar.kick >> slot & 1) + SNARE * (bar.snare >> slot & 1) for slot in range(16)], dtype=np.int64)
    size = len(events)
    if answer:
        # What has been found once is kept: only what is not allowed at all stays so.
        on, off = np.minimum(on, 1), np.minimum(off, 1)
        old = np.array(answer, dtype=np.int64)
    else:
        old = np.full(16, len(drums.symbols) + 1, dtype=np.int64)
    # State: has this bar agreed with the older one so far, and the event before.
    agreed = np.repeat(_BOTH, size)
    lead = _TOMS if manner.lead == FLOOR else manner.lead
    known = tuple(events.tolist())
    costs = _settled(drums.hands_rows, known, lead, traits.dense, traits.ghosts, bar.state, vary)[_PLACES, foot]
    alike, following = _answers(drums.hands_rows, known, len(drums.symbols) + 2, lead, traits.ghosts, vary)
    costs += alike[_PLACES, foot, old].repeat(size, axis=1)
    costs += following[_PLACES % 4, old]
    rows, told = weigh(costs), Stages()
    told.add("model", rows)
    rule = np.where(_SLOTS % manner.pulse, off, on) * np.where(foot[:, None] & SNARE, alone, 1)
    if not fine:
        rule[1::2] = events == 0
    rows *= rule[:, None]
    after = agreed[:, None] * size * (old[:, None] == events)[:, None] + np.arange(size)
    start = size + (known.index(last) if last in known else 0)
    steps = [Step(weights, then) for weights, then in zip(rows, after, strict=True)]
    sampler = Sampler(steps, start)
    if told:
        columns = _shared(lead, traits.dense, traits.ghosts, bar.state, vary) | {
            "slot": _SLOTS, "beat": _SLOTS % 4, "foot": foot[:, None], "old": old[:, None],
            "last": np.tile(events, 2)[None], "same": agreed[None],
        }  # fmt: skip
        names = (tuple(hand_name(code) for code in drums.symbols[events].tolist()),) * 16
        views = drums.hands_rows.views(columns, events, (), rows.shape)
        sampler.about = About("hands", tuple(range(16)), names, tuple(told.found), views, "drummer's rules")
    return Hands(sampler, events)


def hand_name(code: int) -> str:
    """Return what a hand symbol (a code of HANDS) stands for: "hat", "ride and ghost", "nothing"."""
    cymbal, crash, extra = HANDS[code].tolist()
    found = ("", "hat", "open hat", "ride")[cymbal], "crash" * crash, ("", "ghost", "tom 1", "tom 2", "floor")[extra]
    return " and ".join(filter(None, found)) or "nothing"


@lru_cache(maxsize=64)
def _answers(model: Dense, events: tuple[int, ...], olds: int, lead: int, ghosts: int, vary: int) -> tuple[Ints, Ints]:
    """Return what the experts that look at the older bar say, so that a bar is looked up and not asked.

    Costs by slot, foot, the older event and whether it has agreed, shape (16, feet, olds, 2, events); and by place in
    the beat, the older event and state, shape (4, olds, states, events).
    """

    def axis(values: Ints, at: int) -> Ints:
        return values.reshape([len(values) if k == at else 1 for k in range(4)])

    opened = np.array(events, dtype=np.int64)
    slots, older = np.arange(16, dtype=np.int64), np.arange(olds, dtype=np.int64)
    one = {name: np.full((1,) * 4, value) for name, value in (("lead", lead), ("ghosts", ghosts), ("vary", vary))}
    last = [k for k in _ANSWERING if "last" in HANDS_DESIGN.long[k].columns]
    columns = {
        **one, "slot": axis(slots, 0), "beat": axis(slots % 4, 0), "foot": axis(slots[:FEET], 1),
        "old": axis(older, 2), "same": axis(_BOTH, 3),
    }  # fmt: skip
    alike = model.long(columns, opened, [k for k in _ANSWERING if k not in last])
    columns |= {"beat": axis(slots[:4], 0), "old": axis(older, 1), "same": axis(_BOTH, 2), "last": axis(opened, 3)}
    following = model.long(columns, opened, last)
    return alike, following.reshape(4, olds, 2 * len(events), len(events))


def _shared(lead: int, dense: int, ghosts: int, state: int, vary: int) -> dict[str, Ints]:
    """Return the columns that are the same all bar long."""
    found = {"lead": lead, "dense": dense, "ghosts": ghosts, "state": state, "vary": vary}
    return {name: np.full((1, 1), value, dtype=np.int64) for name, value in found.items()}


@lru_cache(maxsize=256)
def _settled(model: Dense, events: tuple[int, ...], lead: int, dense: int, ghosts: int, state: int, vary: int) -> Ints:
    """Return what the experts that do not look at an older bar say, shape (16, feet, states, events): costs."""
    shared = {name: values[None] for name, values in _shared(lead, dense, ghosts, state, vary).items()}
    size = len(events)
    columns = {
        **shared, "slot": _SLOTS[..., None], "beat": _SLOTS[..., None] % 4,
        "foot": np.arange(FEET, dtype=np.int64)[None, :, None],
        "last": np.array(events * 2, dtype=np.int64)[None, None],
        "same": np.repeat(np.arange(2, dtype=np.int64), size)[None, None],
    }  # fmt: skip
    return model.long(columns, np.array(events, dtype=np.int64), _ALONE)


@lru_cache(maxsize=64)
def _allowed(symbols: tuple[int, ...], manner: Manner) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the events open to a manner, nothing first, their factors on and off its pulse, and those of one hand."""
    cymbal, crash, extra = HANDS[list(symbols)].T
    leads = extra == FLOOR if manner.lead == FLOOR else cymbal == manner.lead
    leads = leads & (crash == 0)
    plain = (cymbal == 0) & (crash == 0) & (extra <= GHOST)
    opened = (cymbal == OPEN_HAT) & (extra <= GHOST) & (crash == 0) & (manner.lead == CLOSED)
    led = leads & ((extra <= GHOST) | (manner.lead == FLOOR)) & ((cymbal == 0) | (manner.lead != FLOOR))
    open_hat = factor(manner.steady * manner.open // 100)
    events = np.flatnonzero(led | plain | (opened if open_hat else False))
    # The empty symbol has the code 0.
    events = events[np.argsort(np.array(symbols)[events] != 0, kind="stable")]
    leads, opened, extra, cymbal = leads[events], opened[events], extra[events], cymbal[events]
    ghost = np.where(extra == GHOST, factor(manner.ghost), 16)
    on = np.where(opened, open_hat, np.where(leads, factor(manner.steady), 16)) * ghost // 16
    off = np.where(opened, 0, np.where(leads & (manner.pulse > 1), factor(_BETWEEN), 16)) * ghost // 16
    alone = (extra == 0) | (extra == FLOOR) & (cymbal == 0)
    return events, on, off, alone.astype(np.int64)


def draw_voices(drums: Drums, strokes: list[int], stream: Stream) -> list[int]:
    """Return the voice (0 snare, 1 tom 1, 2 tom 2, 3 floor tom) of each stroke of a fill, given their slots."""
    before, last = np.divmod(np.arange(25), 5)
    after = last[:, None] * 5 + np.arange(_VOICES)
    steps, previous = [], -9
    for slot in strokes:
        gap = min(max(slot - previous, 1), 3) - 1
        steps.append(Step(drums.voice[slot // 4, gap][before, last], after))
        previous = slot
    if not steps:
        return []
    sampler = Sampler(steps, 24)
    if watcher():
        names = (("snare", "tom1", "tom2", "floor"),) * len(steps)
        model = Stage("model", [step.weights for step in steps])
        sampler.about = About("voice", tuple(strokes), names, (model,))
    return sampler.draw(stream)


def leading(drums: Drums, state: int) -> int:
    """Return the cymbal that leads in a bar state: CLOSED, RIDE_CYMBAL or, for toms, FLOOR."""
    found = {CLOSED: int(drums.feature("closed")[state]), RIDE_CYMBAL: int(drums.feature("ride")[state])}
    found[FLOOR] = int(drums.feature("tom_first")[state]) // 2
    return max(found, key=lambda lead: (found[lead], -lead))
