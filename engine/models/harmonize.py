"""Chords for a melody: a hidden Markov model whose states are triads above the tonic and whose symbols are sung notes.

What a stretch of melody speaks for is told by a softmax over 24 triads (``train.fit_harmonize``), divided by how common
they are, as in hybrid models of speech (Bourlard and Morgan 1994); moves from chord to chord are counted. The likeliest
sequences are found by Viterbi's algorithm with k lists (Seshadri and Sundberg 1994), in whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import isqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models import tables

Ints = NDArray[np.int64]

STATES = 24  # 2 * semitones above the tonic, and one more for a minor third
PER = ("bar", "half", "beat")
# Where a chord may change: inside a bar, on a bar line, into a phrase's last stretch.
PLACES = ("inside", "bar", "close")
UNIT = 256  # what a feature that holds, a whole, or a bit of cost counts
_WINDOWS = ("here", "start", "before", "after", "bar", "around", "song")
_FLAGS = ("silent", "close", "first", "last", "bar 1", "bar 2", "bar 3", "bar 4", "bar 8", "inside")
FEATURES = 12 * len(_WINDOWS) + len(_FLAGS) + 1  # and a constant
KEY_WINDOWS = ("song", "downbeats", "last", "ends", "first", "last quarter")
TURNS = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12  # of pitch classes, seen from every tonic
_LONG = 8  # slots from one note to the next after which a line has ended
_SIGNED = 4 * UNIT  # what a key signature is worth
_FAR = 1 << 40
_ROOTS = np.array([isqrt(UNIT * value) for value in range(UNIT + 1)], np.int64)
_PAUSE = 2  # a line ends where nothing begins for half a bar: bars are divided by this


class Stretches(NamedTuple):
    """What chords are found for: pieces of a bar.

    starts: first slot of each, and the end. bar: of each, counted from the first whole one. inside: whether it begins
    inside its bar. close: whether a line of the melody ends in it.
    """

    starts: Ints
    bar: Ints
    inside: NDArray[np.bool_]
    close: NDArray[np.bool_]

    @property
    def places(self) -> Ints:
        """Which of PLACES each begins at."""
        return np.where(self.close, 2, np.where(self.inside, 0, 1))


class Model(NamedTuple):
    """The fitted tables of one mode and one PER.

    All in 1/UNIT bit. weights: (FEATURES, STATES), what a feature that holds speaks for a state. prior: (STATES,), what
    being common counts against it. moves: (PLACES, STATES, STATES), costs from row to column.
    """

    weights: Ints
    prior: Ints
    moves: Ints


@lru_cache(maxsize=16)
def model(models: str | Path, minor: bool, per: str) -> Model:
    """Return the fitted tables; raises ModelError."""
    arrays = tables.load(models, "harmonize").arrays
    row = 2 * PER.index(per) + minor
    return Model(*(arrays[name][row].astype(np.int64) for name in Model._fields))


def key_features(notes: Ints, bars: Ints) -> Ints:
    """Return what tells the key of a melody, shape (len(KEY_WINDOWS), 12). notes, bars: as for ``stretches``."""
    start, classes = notes[:, 0], notes[:, 2] % 12
    length = np.minimum(notes[:, 1], 16)
    gaps = np.append(np.diff(start), 2 * _LONG)
    late = np.arange(len(notes)) >= len(notes) * 3 // 4
    each = np.ones(len(notes), np.int64)
    parts = (
        (each > 0, length),
        (np.isin(start, bars), each),
        (np.arange(len(notes)) == len(notes) - 1, each),
        (gaps >= _LONG, each),
        (np.arange(len(notes)) == 0, each),
        (late, length),
    )
    counts = [np.bincount(classes[chosen], amount[chosen], 12).astype(np.int64) for chosen, amount in parts]
    return _shares(np.array(counts))


def find_key(notes: Ints, bars: Ints, models: str | Path, signed: Collection[int] = ()) -> tuple[int, bool]:
    """Return tonic and whether it is minor of the key a melody is likeliest in.

    signed: keys that a signature says, as 12 * minor + tonic.
    """
    weights = tables.load(models, "harmonize").arrays["key"].astype(np.int64)
    rows = key_features(notes, bars)
    turned = rows[:, TURNS].transpose(1, 0, 2).reshape(12, -1)
    scores = (turned @ weights[:, :-1].T // UNIT + weights[:, -1]).T.reshape(-1)
    scores[list(signed)] += _SIGNED
    minor, tonic = divmod(int(scores.argmax()), 12)
    return tonic, bool(minor)


def stretches(notes: Ints, bars: Ints, beats: Ints, per: str) -> Stretches:
    """Return the stretches of a melody.

    notes: (n, 3) of start and length in slots, and pitch, by start. bars: first slot of every bar, and the end. beats:
    slots of a beat in every bar.
    """
    starts, owner = [], []
    for number, (first, end, beat) in enumerate(zip(bars.tolist(), bars[1:].tolist(), beats.tolist(), strict=False)):
        middle = first + -(-((end - first) // 2) // beat) * beat
        cuts = {"bar": [first], "half": [first, middle], "beat": list(range(first, end, beat))}[per]
        cuts = [cut for cut in dict.fromkeys(cuts) if cut < end]
        starts += cuts
        owner += [number] * len(cuts)
    edges, bar = np.array([*starts, bars[-1]], np.int64), np.array(owner, np.int64)
    inside = np.append(False, bar[1:] == bar[:-1])
    close = np.zeros(len(bar), bool)
    onsets = notes[:, 0]
    following = np.append(onsets[1:], bars[-1] + bars[-1])
    which = np.clip(np.searchsorted(edges, onsets, side="right") - 1, 0, len(bar) - 1)
    width = (bars[1:] - bars[:-1])[bar[which]]
    close[which[following - onsets >= width // _PAUSE]] = True
    # A line that comes to rest early in its bar ends in that bar's last stretch.
    ends = np.append(~inside[1:], True)
    for at in np.flatnonzero(close & ~ends):
        later = at + int(np.argmax(ends[at:]))
        if not np.any((which > at) & (which <= later)):
            close[at], close[later] = False, True
    return Stretches(edges, bar, inside, close)


def features(notes: Ints, found: Stretches, tonic: int) -> Ints:
    """Return the features of stretches, shape (stretches, FEATURES)."""
    edges, count = found.starts, len(found.bar)
    first, size = int(edges[0]), int(edges[-1] - edges[0])
    sung = np.zeros((size + 1, 12), np.int64)
    for start, length, pitch in notes.tolist():
        one, other = max(start - first, 0), min(max(start - first + length, 0), size)
        if one < other:
            sung[one + 1 : other + 1, (pitch - tonic) % 12] += 1
    total = np.cumsum(sung, axis=0)

    def heard(one: Ints, other: Ints) -> Ints:
        return total[np.clip(other - first, 0, size)] - total[np.clip(one - first, 0, size)]

    start, end = edges[:-1], edges[1:]
    before, after = np.append(start[:1], start[:-1]), np.append(end[1:], end[-1:])
    lines = np.append(start[~found.inside], edges[-1])
    own, last = lines[found.bar], lines[found.bar + 1]
    near, far = lines[np.maximum(found.bar - 1, 0)], lines[np.minimum(found.bar + 2, len(lines) - 1)]
    windows = (
        heard(start, end),
        heard(start, np.minimum(start + 2, end)),
        heard(before, start),
        heard(end, after),
        heard(own, last),
        heard(near, far),
        np.broadcast_to(total[-1], (count, 12)),
    )
    phase = _phase(found)
    four = (found.bar - phase) % 4
    flags = np.stack(
        [
            ~windows[0].any(axis=1),
            found.close,
            np.arange(count) == 0,
            found.bar == found.bar[-1],
            *(four == number for number in range(4)),
            (found.bar - phase) % 8 == 7,
            found.inside,
            np.ones(count, bool),
        ],
        axis=1,
    )
    return np.concatenate([*map(_shares, windows), flags * UNIT], axis=1)


def _phase(found: Stretches) -> int:
    """Return the bar (0..3) with which fours begin: lines end most often in the bar before."""
    ends = np.bincount(found.bar[found.close] % 4, minlength=4)
    return (int(ends.argmax()) + 1) % 4 if ends.any() else 0


def _shares(counts: Ints) -> Ints:
    """Return the square roots of shares, in UNITs."""
    share = counts * (UNIT * UNIT) // np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.asarray(_ROOTS[share // UNIT])


def costs(learnt: Model, rows: Ints) -> Ints:
    """Return what each state costs at each stretch, over what is usual: shape (stretches, STATES), 1/UNIT bit."""
    speaks = rows @ learnt.weights // UNIT
    found: Ints = speaks.max(axis=1, keepdims=True) - speaks - learnt.prior
    return np.asarray(found - found.min(axis=1, keepdims=True), np.int64)


def best(costs: Ints, moves: Ints, place: Ints, k: int = 1) -> list[tuple[int, tuple[int, ...]]]:
    """Return the ``k`` cheapest sequences of states with their costs, the cheapest first.

    costs: (n, states). moves: (places, states, states). place: (n,) of every step but the first. Of equals the one
    whose last states are lower.
    """
    states = costs.shape[1]
    total = np.full((states, k), _FAR, np.int64)
    total[:, 0] = costs[0]
    back: list[Ints] = []
    for here, kind in zip(costs[1:], place[1:].tolist(), strict=True):
        # Every way in: from each state's lists, in order of state and rank.
        ways = (total[:, :, None] + moves[kind][:, None, :]).reshape(states * k, states)
        order = np.argsort(ways, axis=0, kind="stable")[:k]
        total = np.minimum(np.take_along_axis(ways, order, axis=0).T + here[:, None], _FAR)
        back.append(order)
    ends = np.argsort(total.reshape(-1), kind="stable")[:k]
    found = []
    for end in ends.tolist():
        if total.reshape(-1)[end] >= _FAR:
            break
        state, rank = divmod(end, k)
        path = [state]
        for order in reversed(back):
            state, rank = divmod(int(order[rank, state]), k)
            path.append(state)
        found.append((int(total.reshape(-1)[end]), tuple(reversed(path))))
    return found
