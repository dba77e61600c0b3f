"""The one sampler: exact draws from a chain of weighted choices under any regular rules.

A part is a sequence of events x1..xn. What the past of an event may matter for is a *state* (the last
two pitches, the last slots of a rhythm, how far a rule has got). At step t a table gives, for every
state and event, a whole-number weight (the product of the model and all rules; 0 forbids) and the
state that follows. Then

    P(x) = 1/Z * prod_t weights_t[s_t, x_t],   s_(t+1) = after_t[s_t, x_t].

Messages run backwards, beta_t[s] = sum_x weights_t[s, x] * beta_(t+1)[after_t[s, x]], and events are
drawn forwards in proportion to weight times message, so every draw already knows what must still be
met. There is no rejection and no repair.

Sources: Rabiner, A Tutorial on Hidden Markov Models (1989), for the messages; Pachet and Roy, Markov
constraints (2011); Papadopoulos, Pachet, Roy and Sakellariou, Exact sampling for regular and Markov
constraints with belief propagation (2015).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.temperature import PLAIN, heat, tempered
from engine.chain.watch import About, watcher
from engine.errors import RuleConflict
from engine.stream import Stream

Ints = NDArray[np.int64]

# Messages are kept below 2**32 and weights at or below 2**24, so 64 summands stay below 2**62.
_MESSAGE_BITS = 32
MAX_WEIGHT = 1 << 24


class Step(NamedTuple):
    """One position of the sequence.

    weights: whole numbers, shape (states, events), 0 .. 2**24; 0 forbids.
    after: the state that follows, same shape; states of the next step.
    place: what to call this position when no sequence is possible ("bar 3, beat 2").
    """

    weights: Ints
    after: Ints
    place: str = ""


Veto = Callable[[Sequence[int]], Sequence[int] | None]


class Choice(NamedTuple):
    """One draw: the state it is made in, and of every event its weight there and that of what may follow it.

    Its chance is the share of the product in the sum of all. What is vetoed weighs nothing.
    """

    state: int
    weights: Ints
    ahead: Ints


class Drawn(NamedTuple):
    """What a watcher is told: a sampler and the lines it has drawn."""

    sampler: Sampler
    lines: Sequence[Sequence[int]]


class Sampler:
    """All sequences through ``steps`` from state ``start``, ready to be drawn.

    ``final`` weighs the states at the end (shape (states,); all 1 when None). ``veto`` is for rules that would
    need too many states: told the events so far, it returns a mask (1 keeps, 0 forbids) over the next event, or
    None. The messages do not know of it, so it is kept wherever another event is left, and it should bite rarely.
    Raises RuleConflict naming the first place where no event is possible any more.
    """

    def __init__(
        self, steps: Sequence[Step], start: int = 0, final: Ints | None = None, veto: Veto | None = None
    ) -> None:
        if heat() != PLAIN:
            steps = [step._replace(weights=tempered(step.weights, heat())) for step in steps]
        self._steps = steps
        self._veto = veto
        self.about: About | None = None  # what it draws, where its maker told a watcher
        self._start = start
        if steps:
            beyond = int(steps[-1].after.max()) + 1
            message = np.ones(beyond, dtype=np.int64) if final is None else np.asarray(final, dtype=np.int64)
        else:
            message = np.ones(start + 1, dtype=np.int64)
        self._messages = [message]
        self._shifts = 0
        for step in reversed(steps):
            message = _back(step, message)
            # By its place: the quickest way to the largest of few.
            most = message.item(message.argmax())
            if most >> _MESSAGE_BITS:
                shift = most.bit_length() - _MESSAGE_BITS
                # Rounded up: what is possible stays possible.
                message += (1 << shift) - 1
                message >>= shift
                self._shifts += shift
            self._messages.append(message)
        self._messages.reverse()
        if not self._messages[0][start]:
            raise self._conflict()

    def draw(self, stream: Stream) -> list[int]:
        """Return one sequence of events, drawn exactly; the same stream gives the same one."""
        state, events, veto = self._start, list[int](), self._veto
        words = stream.words(len(self._steps))
        for (weights, following, _), message, word in zip(self._steps, self._messages[1:], words, strict=True):
            after = following[state]
            # Plain whole numbers: for so few events they are faster than arrays.
            rows = (weights[state] * message.take(after)).tolist()
            mask = veto(events) if veto else None
            if mask is not None:
                kept = [weight * keep for weight, keep in zip(rows, mask, strict=True)]
                rows = kept if any(kept) else rows
            sums = list(accumulate(rows))
            event = bisect_right(sums, (word * sums[-1]) >> 64)
            events.append(event)
            state = after.item(event)
        if (seen := watcher()) is not None:
            seen(Drawn(self, [events]))
        return events

    def draw_many(self, streams: Sequence[Stream]) -> list[list[int]]:
        """Return what ``draw`` returns for each of the streams, in the time of a few."""
        if self._veto:
            return [self.draw(stream) for stream in streams]
        states = np.full(len(streams), self._start, dtype=np.int64)
        words = [stream.words(len(self._steps)) for stream in streams]
        found = []
        for number, (step, message) in enumerate(zip(self._steps, self._messages[1:], strict=True)):
            after = step.after[states]
            sums = np.cumsum(step.weights[states] * message[after], axis=1)
            totals = sums[:, -1].tolist()
            targets = [(word[number] * total) >> 64 for word, total in zip(words, totals, strict=True)]
            events = (sums <= np.array(targets, dtype=np.int64)[:, None]).sum(axis=1)
            found.append(events)
            states = after[np.arange(len(streams)), events]
        lines: list[list[int]] = np.array(found, dtype=np.int64).reshape(len(found), len(streams)).T.tolist()
        if (seen := watcher()) is not None:
            seen(Drawn(self, lines))
        return lines

    def total(self) -> tuple[int, int]:
        """Return Z, the weight of all sequences, as (m, e) for m * 2**e."""
        return int(self._messages[0][self._start]), self._shifts

    def chances(self, events: Sequence[int]) -> list[tuple[int, int]]:
        """Return for each event of a sequence (its weight, the weight of all choices) at its place."""
        rows = [choice.weights * choice.ahead for choice in self.choices(events)]
        return [(int(row[event]), int(row.sum())) for row, event in zip(rows, events, strict=True)]

    def choices(self, events: Sequence[int]) -> list[Choice]:
        """Return the choices that a sequence is drawn by, a step each."""
        state, found = self._start, []
        for number, event in enumerate(events):
            found.append(self.choice(number, state, events[:number]))
            state = int(self._steps[number].after[state, event])
        return found

    def choice(self, number: int, state: int, events: Sequence[int]) -> Choice:
        """Return the choice at a step (from 0) in a state, after these events."""
        step = self._steps[number]
        weights, ahead = step.weights[state], self._messages[number + 1][step.after[state]]
        mask = self._veto(events) if self._veto else None
        if mask is not None and (kept := weights * np.array(mask)).dot(ahead):
            weights = kept
        return Choice(state, weights, ahead)

    def after(self, number: int, state: int, event: int) -> int:
        """Return the state that an event leads to."""
        return int(self._steps[number].after[state, event])

    def _conflict(self) -> RuleConflict:
        alive = {self._start}
        for number, step in enumerate(self._steps):
            found = {int(step.after[s, e]) for s in alive for e in np.flatnonzero(step.weights[s])}
            if not found:
                place = step.place or f"event {number + 1}"
                return RuleConflict(f"no event is possible at {place}: the rules there cannot hold together")
            alive = found
        return RuleConflict("the rules for the end of the sequence cannot hold together with the rest")


def _back(step: Step, message: Ints) -> Ints:
    weights, after, _ = step
    found: Ints
    if after.strides[0] == 0:
        # What follows depends on the event alone (the array is one row, broadcast).
        found = weights.dot(message.take(after[0]))
    else:
        # A product with ones sums short rows faster than a sum does.
        found = (weights * message.take(after)).dot(_ones(weights.shape[1]))
    return found


@lru_cache(maxsize=256)
def _ones(size: int) -> Ints:
    return np.ones(size, dtype=np.int64)


def markov_states(events: int, order: int) -> tuple[Ints, Ints]:
    """Return (after, history) for a chain that remembers its last ``order`` events.

    States count histories in base ``events``, the latest event last; state 0 stands for the
    start as well as for event 0 repeated, so give a first step of its own where that matters.
    after: shape (events**order, events). history: shape (events**order, order), oldest first.
    """
    size = events**order
    states = np.arange(size, dtype=np.int64)
    after = (states[:, None] * events + np.arange(events)) % size
    history = np.stack([states // events**k % events for k in range(order - 1, -1, -1)], axis=1)
    return after, history
