"""Sections: what comes again, where the song turns, and which of it is verse and chorus.

Bars are compared by their tune, chords, drums and who plays; boundaries and lengths are chosen by dynamic
programming over the self-similarity matrix (Foote 2000 for novelty; Paulus and Klapuri 2009 for the joint choice);
stretches that are alike share a label.

Names are a heuristic. The chorus is the sung material that comes again and is, taken together, loudest, fullest and
highest; the verse is the sung material first heard that comes again. What stands before the first sung stretch is
the intro, after the last one the outro; unsung between them a solo if a lead plays, else an interlude; sung before
most choruses and short, a pre-chorus; sung once and late, a bridge.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.raw import Ints

Floats = NDArray[np.float64]

LENGTHS = range(2, 17)
# Nats by which a length is likelier than an eleven-bar one.
_LENGTH_GAIN = {4: 2.2, 8: 2.6, 6: 0.6, 12: 0.9, 16: 1.0, 2: -0.8, 3: -1.0, 5: 0.0, 7: 0.0, 9: 0.2, 10: 0.3}
_NOVELTY, _REPEAT, _START = 4.0, 3.0, 3.0
_ALIKE = 0.62


class Stretch(NamedTuple):
    """Bars ``first`` to ``first + bars`` of material ``label`` (0, 1, ... by first appearance)."""

    first: int
    bars: int
    label: int


def similarity(rows: tuple[tuple[float, Floats], ...]) -> Floats:
    """Return how alike bars are, 0..1, shape (bars, bars).

    rows: (weight, features of every bar); bars that are silent in a feature are alike in it to each other alone.
    """
    total = sum(weight for weight, _ in rows)
    alike = np.zeros((len(rows[0][1]), len(rows[0][1])))
    for weight, table in rows:
        norm = np.sqrt((table * table).sum(axis=1))
        silent = norm < 1e-9
        unit = table / np.maximum(norm, 1e-9)[:, None]
        alike += weight / total * (unit @ unit.T + np.outer(silent, silent))
    return alike


def split(alike: Floats) -> tuple[Stretch, ...]:
    """Return the stretches of a song from how alike its bars are."""
    bars = len(alike)
    if bars < 4:
        return (Stretch(0, bars, 0),) if bars else ()
    novelty = _novelty(alike)
    runs = _diagonals(alike)
    gain = np.full((bars + 1, max(LENGTHS) + 1), -1e9)
    for length in range(1, max(LENGTHS) + 1):
        if length > bars:
            break
        # How well the stretch is found again anywhere that it does not overlap.
        here = np.arange(bars - length + 1)
        mean = (runs[length:, length:] - runs[: bars - length + 1, : bars - length + 1]) / length
        apart = np.abs(here[:, None] - here[None, :]) >= length
        again = np.where(apart, mean, 0).max(axis=1)
        prior = _LENGTH_GAIN.get(length, 0.0 if length in LENGTHS else -2.5)
        gain[: bars - length + 1, length] = prior + _REPEAT * again
    gain[:bars] += (_NOVELTY * novelty)[:, None]
    best = np.full(bars + 1, -1e18)
    best[0], came = 0, np.zeros(bars + 1, np.int64)
    for end in range(1, bars + 1):
        lengths = np.arange(1, min(max(LENGTHS), end) + 1)
        reached = best[end - lengths] + gain[end - lengths, lengths] - _START
        pick = int(reached.argmax())
        best[end], came[end] = reached[pick], lengths[pick]
    cuts = [bars]
    while cuts[-1] > 0:
        cuts.append(cuts[-1] - int(came[cuts[-1]]))
    return _labelled(runs, cuts[::-1])


def relabel(alike: Floats, cuts: list[int]) -> tuple[Stretch, ...]:
    """Return the stretches between given bar lines, labelled by what is alike."""
    return _labelled(_diagonals(alike), cuts)


def _novelty(alike: Floats) -> Floats:
    # Foote's checkerboard over four and over eight bars: both sides alike in themselves and unlike each other.
    bars = len(alike)
    found = np.zeros(bars)
    for reach in (4, 8):
        padded = np.pad(alike, reach, mode="edge")
        sums = np.zeros((len(padded) + 1, len(padded) + 1))
        sums[1:, 1:] = padded.cumsum(0).cumsum(1)
        at = np.arange(bars) + reach

        def block(row: Ints, column: Ints, sums: Floats = sums, reach: int = reach) -> Floats:
            end, across = row + reach, column + reach
            total: Floats = sums[end, across] - sums[row, across] - sums[end, column] + sums[row, column]
            return total / reach**2

        found += 0.5 * (0.5 * (block(at - reach, at - reach) + block(at, at)) - block(at - reach, at))
    return found


def _diagonals(alike: Floats) -> Floats:
    # Sums along diagonals: entry (i, j) holds alike[i-1, j-1] + alike[i-2, j-2] + ...
    bars = len(alike)
    runs = np.zeros((bars + 1, bars + 1))
    for row in range(bars):
        runs[row + 1, 1:] = runs[row, :-1] + alike[row]
    return runs


def _labelled(runs: Floats, cuts: list[int]) -> tuple[Stretch, ...]:
    spans = [(first, after - first) for first, after in itertools.pairwise(cuts) if after > first]
    labels: list[int] = []
    groups: list[list[int]] = []
    for number, (first, bars) in enumerate(spans):
        best, found = _ALIKE, -1
        for group, members in enumerate(groups):
            scores = []
            for member in members:
                other, length = spans[member]
                shared = min(bars, length)
                if max(bars, length) > 2 * shared:
                    continue
                mean = (runs[first + shared, other + shared] - runs[first, other]) / shared
                scores.append(mean - 0.03 * abs(bars - length) / shared)
            if scores and float(np.mean(scores)) > best:
                best, found = float(np.mean(scores)), group
        if found < 0:
            groups.append([])
            found = len(groups) - 1
        groups[found].append(number)
        labels.append(found)
    return tuple(Stretch(first, bars, label) for (first, bars), label in zip(spans, labels, strict=True))


class Look(NamedTuple):
    """What naming looks at, for every bar: notes sung, their mean pitch, notes of a lead, all notes, mean velocity."""

    sung: Floats
    height: Floats
    lead: Floats
    notes: Floats
    loud: Floats


def name(stretches: tuple[Stretch, ...], look: Look) -> tuple[tuple[str, float], ...]:
    """Return the kind of every stretch and how sure it is (0..1); see the head of this file for how."""
    if not stretches:
        return ()
    sung = np.array([look.sung[a : a + n].sum() / n for a, n, _ in stretches])
    voiced = sung > max(0.5, 0.25 * float(np.median(sung[sung > 0])) if (sung > 0).any() else 1e9)
    labels = [stretch.label for stretch in stretches]
    kinds = [""] * len(stretches)
    sure = [0.5] * len(stretches)
    if not voiced.any():
        voiced = _busy(stretches, look)
    first, last = int(np.flatnonzero(voiced)[0]), int(np.flatnonzero(voiced)[-1])
    chorus, margin = _chorus(stretches, look, voiced)
    verse = next((labels[at] for at in range(len(labels)) if voiced[at] and labels[at] != chorus), None)
    before = [labels[at - 1] for at in range(1, len(labels)) if labels[at] == chorus and labels[at - 1] != chorus]
    counts = {label: labels.count(label) for label in set(labels)}
    for at, (_, bars, label) in enumerate(stretches):
        if not voiced[at]:
            kinds[at] = "intro" if at < first else "outro" if at > last else _unsung(stretches[at], look)
            sure[at] = 0.8
        elif label == chorus:
            kinds[at], sure[at] = "chorus", margin
        elif label == verse and counts[label] > 1:
            kinds[at], sure[at] = "verse", 0.7
        elif bars <= 8 and before.count(label) > max(1, len(before) / 2) and label != verse:
            kinds[at], sure[at] = "prechorus", 0.6
        elif counts[label] == 1 and at > len(stretches) / 2 and label != verse:
            kinds[at], sure[at] = "bridge", 0.5
        else:
            kinds[at], sure[at] = "verse", 0.5
    return tuple(zip(kinds, sure, strict=True))


def _busy(stretches: tuple[Stretch, ...], look: Look) -> NDArray[np.bool_]:
    # Nobody sings: all but the first and last thin stretches count as sung.
    full = np.array([look.notes[a : a + n].sum() / n for a, n, _ in stretches])
    busy: NDArray[np.bool_] = full >= 0.5 * float(np.median(full))
    return busy


def _unsung(stretch: Stretch, look: Look) -> str:
    bars = slice(stretch.first, stretch.first + stretch.bars)
    return "solo" if look.lead[bars].sum() > 2 * stretch.bars else "interlude"


def _chorus(stretches: tuple[Stretch, ...], look: Look, voiced: NDArray[np.bool_]) -> tuple[int, float]:
    # The label with the best sum of standard scores, and a confidence from how far it leads.
    labels = sorted({stretch.label for at, stretch in enumerate(stretches) if voiced[at]})
    if len(labels) == 1:
        return labels[0], 0.4
    rows = []
    for label in labels:
        mine = [stretch for stretch in stretches if stretch.label == label]
        bars = np.concatenate([np.arange(a, a + n) for a, n, _ in mine])
        heard = look.height[bars][look.sung[bars] > 0]
        place = float(np.mean([stretch.first for stretch in mine])) / len(look.notes)
        rows.append(
            (
                min(len(mine), 4),
                look.loud[bars].mean() / 8,
                np.log1p(look.notes[bars].mean()) * 2,
                (heard.mean() if len(heard) else 0.0) / 3,
                1.5 * place,
                -1.5 * (mine[0].first < 0.15 * len(look.notes)),
            )
        )
    table = np.array(rows, float)
    table -= table.mean(axis=0)
    scores = table.sum(axis=1)
    order = np.argsort(-scores, kind="stable")
    margin = float(scores[order[0]] - scores[order[1]])
    return labels[int(order[0])], min(0.9, 0.45 + 0.2 * margin)
