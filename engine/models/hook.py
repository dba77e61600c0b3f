"""What makes a phrase a hook: features of a sung line in whole numbers, and a fitted score that ranks them.

The score adds what sets chorus phrases apart from verse phrases, what sets phrases that return from those
that do not, and two findings on tunes that stick: an ordinary overall contour, and unusual slopes between
its turning points (Jakubowski, Finkel, Stewart and Muellensiefen, Dissecting an earworm, 2017; features in
the manner of Muellensiefen, FANTASTIC, 2009). It is a preference among good lines, never a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.models.tables import Table
from engine.models.viewpoints import Ints

ONE = 256  # shares and means are in 1/256
LEAST = 3  # notes: a shorter phrase has no shape to judge
WIDEST = 12  # semitones; a larger step counts as one of this size
LONGEST = 8  # slots; a longer wait counts as one of this length
CONTOUR = 5  # points of an overall contour
_LEVELS = (4, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0)  # weight of each sixteenth of 4/4

# Features of the rhythm alone come first, so that rhythms can be ranked before they are sung.
RHYTHM = (
    "notes", "length", "density", "wait_mean", "wait_longest", "wait_kinds", "wait_equal", "short", "syncopated",
    "on_beat", "on_downbeat", "start_slot", "pick_up", "starts_on_one", "end_slot", "ends_on_beat", "rhythm_again",
    "bar_again", "rhythm_cost",
)  # fmt: skip
PITCH = (
    "mean_height", "top_height", "low_height", "start_height", "end_height", "range", "step_mean", "repeated", "steps",
    "leaps", "rise", "peak_place", "turns", "slope", "slope_cost", "contour_cost", "tonic", "pentatonic", "kinds",
    "ends_on_tonic", "ends_on_third", "ends_on_fifth", "motif_again", "shape_again", "step_cost",
)  # fmt: skip
NAMES = RHYTHM + PITCH
VIEWS = ("chorus", "returns", "sticks")  # the rows of a ranking
SLOPES = 16
FINE = 16  # binary places of a weight
TOO_SHORT = -3000  # the score of a phrase that cannot be judged


class Costs(NamedTuple):
    """How usual things are in rock, in 1/256 bit.

    waits: of a wait after a wait, shape (LONGEST + 1, LONGEST + 1). steps: of an interval after an interval,
    shape (2 WIDEST + 1, 2 WIDEST + 1). contours: of the overall contour, shape (3 ** (CONTOUR - 1),).
    slopes: of the mean slope between turning points, shape (SLOPES,).
    """

    waits: Ints
    steps: Ints
    contours: Ints
    slopes: Ints


class Score(NamedTuple):
    """How hook-like a phrase is, in 1/1000 standard deviation of real phrases; 0 is their mean.

    chorus: as choruses are against verses. returns: as phrases that come back. sticks: as tunes that stick.
    """

    total: int
    chorus: int
    returns: int
    sticks: int


class Ranking:
    """The fitted score of phrases. Comparisons are of whole numbers."""

    def __init__(self, table: Table) -> None:
        arrays = {name: array.astype(np.int64) for name, array in table.arrays.items()}
        self.costs = Costs(*(arrays[name] for name in Costs._fields))
        self._low: list[int] = arrays["low"].tolist()
        self._high: list[int] = arrays["high"].tolist()
        self._weights: list[list[int]] = arrays["weights"].tolist()
        self._bias: list[int] = arrays["bias"].tolist()

    def rhythm(self, onsets: Sequence[int], bar: int) -> int:
        """Return what the rhythm adds to the total, to rank rhythms of equal length; TOO_SHORT below LEAST notes."""
        if len(onsets) < LEAST:
            return TOO_SHORT
        found = self._held(rhythm_features(onsets, bar, self.costs))
        return sum(a * b for a, b in zip(self._weights[0], found, strict=False)) >> FINE

    def score(self, onsets: Sequence[int], pitches: Sequence[int], bar: int, tonic: int, middle: int) -> Score:
        """Return the score of a phrase; all TOO_SHORT below LEAST notes. Arguments as of ``features``."""
        if len(onsets) < LEAST:
            return Score(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT)
        found = self._held(features(onsets, pitches, bar, tonic, middle, self.costs))
        rows = zip(self._weights, self._bias, strict=True)
        return Score(*((sum(a * b for a, b in zip(row, found, strict=True)) + bias) >> FINE for row, bias in rows))

    def _held(self, found: Sequence[int]) -> list[int]:
        # More of a good thing is better only as far as real phrases go.
        return [min(max(a, low), high) for a, low, high in zip(found, self._low, self._high, strict=False)]


def features(
    onsets: Sequence[int], pitches: Sequence[int], bar: int, tonic: int, middle: int, costs: Costs
) -> list[int]:
    """Return the features of NAMES of a phrase of at least LEAST notes; see the two halves below."""
    return rhythm_features(onsets, bar, costs) + pitch_features(onsets, pitches, tonic, middle, costs)


def rhythm_features(onsets: Sequence[int], bar: int, costs: Costs) -> list[int]:
    """Return the features of RHYTHM of a phrase.

    onsets: slots, counted from any bar line, at least LEAST of them. bar: slots in a bar.
    """
    count = len(onsets)
    waits = [b - a for a, b in pairwise(onsets)]
    capped = [min(wait, LONGEST) for wait in waits]
    length = onsets[-1] - onsets[0]
    levels = [_LEVELS[slot % bar % 16] for slot in onsets]
    passed = sum(
        wait > 1 and max(_LEVELS[s % bar % 16] for s in range(slot + 1, min(later, slot + 16))) > level
        for slot, later, wait, level in zip(onsets, onsets[1:], waits, levels, strict=False)
    )
    start = onsets[0] % bar
    taken = set(onsets)
    shared = sum(slot + bar in taken for slot in onsets)
    inside = sum(slot + bar <= onsets[-1] for slot in onsets)
    return [
        ONE * count,
        ONE * length,
        16 * ONE * (count - 1) // length,
        ONE * length // (count - 1),
        ONE * max(capped),
        ONE * len(set(capped)) // (count - 1),
        ONE * sum(a == b for a, b in pairwise(capped)) // (count - 2),
        ONE * sum(wait == 1 for wait in waits) // (count - 1),
        ONE * passed // (count - 1),
        ONE * sum(level >= 2 for level in levels) // count,
        ONE * sum(level == 4 for level in levels) // count,
        ONE * start,
        ONE * (start >= bar - 6),
        ONE * (start == 0),
        ONE * (onsets[-1] % bar),
        ONE * (levels[-1] >= 2),
        _again(list(pairwise(capped))),
        ONE * shared // inside if inside else ONE // 2,
        sum(int(costs.waits[a, b]) for a, b in pairwise(capped)) // (count - 2),
    ]


def pitch_features(onsets: Sequence[int], pitches: Sequence[int], tonic: int, middle: int, costs: Costs) -> list[int]:
    """Return the features of PITCH of a phrase.

    pitches: semitones, one an onset. tonic: any pitch that is the tonic. middle: the pitch about which the
    voice lies in this song.
    """
    count = len(pitches)
    steps = [min(max(b - a, -WIDEST), WIDEST) for a, b in pairwise(pitches)]
    top, low = max(pitches), min(pitches)
    degrees = [(pitch - tonic) % 12 for pitch in pitches]
    turns = turning_points(pitches)
    slope = mean_slope(onsets, pitches)
    end = degrees[-1]
    signs = [(step > 0) - (step < 0) for step in steps]
    minor = degrees.count(3) > degrees.count(4)
    scale = (0, 3, 5, 7, 10) if minor else (0, 2, 4, 7, 9)
    return [
        ONE * (sum(pitches) - count * middle) // count,
        ONE * (top - middle),
        ONE * (low - middle),
        ONE * (pitches[0] - middle),
        ONE * (pitches[-1] - middle),
        ONE * (top - low),
        ONE * sum(map(abs, steps)) // (count - 1),
        ONE * steps.count(0) // (count - 1),
        ONE * sum(1 <= abs(step) <= 2 for step in steps) // (count - 1),
        ONE * sum(abs(step) >= 5 for step in steps) // (count - 1),
        ONE * (pitches[-1] - pitches[0]),
        ONE * (onsets[pitches.index(top)] - onsets[0]) // max(onsets[-1] - onsets[0], 1),
        ONE * (len(turns) - 2) // (count - 2),
        slope,
        int(costs.slopes[slope_class(slope)]),
        int(costs.contours[contour(onsets, pitches)]),
        ONE * degrees.count(0) // count,
        ONE * sum(degree in scale for degree in degrees) // count,
        ONE * len(set(pitches)) // count,
        ONE * (end == 0),
        ONE * (end in (3, 4)),
        ONE * (end == 7),
        _again(list(pairwise(steps))),
        _again(list(zip(signs, signs[1:], signs[2:], strict=False))),
        sum(int(costs.steps[a + WIDEST, b + WIDEST]) for a, b in pairwise(steps)) // (count - 2),
    ]


def contour(onsets: Sequence[int], pitches: Sequence[int]) -> int:
    """Return the class of a phrase's overall contour: up, level or down between CONTOUR even points of time."""
    span = max(onsets[-1] - onsets[0], 1)
    sums, counts = [0] * CONTOUR, [0] * CONTOUR
    for onset, pitch in zip(onsets, pitches, strict=True):
        part = min((onset - onsets[0]) * CONTOUR // span, CONTOUR - 1)
        sums[part] += pitch
        counts[part] += 1
    found, held = 0, 0
    heights = []
    for total, count in zip(sums, counts, strict=True):
        held = ONE * total // count if count else held  # a part without onset holds the note before
        heights.append(held)
    for a, b in pairwise(heights):
        found = 3 * found + (1 + (b - a > ONE) - (a - b > ONE))
    return found


def slope_class(slope: int) -> int:
    """Return the class of a mean slope, 0 .. SLOPES - 1: half a semitone a beat wide."""
    return min(slope // (ONE // 2), SLOPES - 1)


def turning_points(pitches: Sequence[int]) -> list[int]:
    """Return the indices of both ends and of the notes where the line changes direction."""
    found, direction = [0], 0
    for i, (a, b) in enumerate(pairwise(pitches)):
        sign = (b > a) - (b < a)
        if sign and direction and sign != direction:
            found.append(i)
        direction = sign or direction
    return [*found, len(pitches) - 1]


def mean_slope(onsets: Sequence[int], pitches: Sequence[int]) -> int:
    """Return the mean slope between turning points, in 1/256 semitone a beat."""
    turns = turning_points(pitches)
    slopes = [4 * ONE * abs(pitches[b] - pitches[a]) // max(onsets[b] - onsets[a], 1) for a, b in pairwise(turns)]
    return sum(slopes) // len(slopes)


def _again(motifs: Sequence[object]) -> int:
    """Return the share of motifs that have been heard before in the phrase."""
    return ONE * (len(motifs) - len(set(motifs))) // max(len(motifs), 1)
