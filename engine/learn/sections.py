"""Sections: stretches named and joined.

Names are a heuristic. The chorus is the sung material that comes again and is, taken together, loudest, fullest and
highest, later rather than first; the verse is the other sung material that is heard first. What stands before the
first sung stretch is the intro, after the last one the outro; unsung between them a solo if a lead plays, else an
interlude; sung before most choruses and short, a pre-chorus; sung once and late, a bridge. In a song nobody sings,
the stretches with half the usual notes or more count as sung. Neighbours of one kind are one section, up to sixteen
bars or one round of what they repeat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.looks import Looked
from engine.learn.stretches import Stretch

_SHORT, _LONG = 8, 16  # bars of a section


class Named(NamedTuple):
    """A section: its kind, the labels of its stretches, first bar, bars, and how sure the kind is (0..1)."""

    kind: str
    labels: tuple[int, ...]
    first: int
    bars: int
    confidence: float


def name(stretches: tuple[Stretch, ...], looked: Looked) -> tuple[tuple[str, float], ...]:
    """Return the kind of every stretch and how sure it is (0..1); see the head of this file for how."""
    if not stretches:
        return ()
    voiced = _voiced(stretches, looked)
    first, last = int(np.flatnonzero(voiced)[0]), int(np.flatnonzero(voiced)[-1])
    labels = [stretch.label for stretch in stretches]
    chorus, margin = _chorus(stretches, looked, voiced)
    verse = next((labels[at] for at in range(len(labels)) if voiced[at] and labels[at] != chorus), None)
    before = [labels[at - 1] for at in range(1, len(labels)) if labels[at] == chorus and labels[at - 1] != chorus]
    named = []
    for at, stretch in enumerate(stretches):
        label, often = stretch.label, labels.count(stretch.label)
        if not voiced[at]:
            kind = "intro" if at < first else "outro" if at > last else _unsung(stretch, looked)
            named.append((kind, 0.8))
        elif label == chorus:
            named.append(("chorus", margin))
        elif label == verse:
            named.append(("verse", 0.7 if often > 1 else 0.5))
        elif stretch.bars <= _SHORT and before.count(label) > max(1.0, len(before) / 2):
            named.append(("prechorus", 0.6))
        elif often == 1 and at > len(stretches) / 2:
            named.append(("bridge", 0.5))
        else:
            named.append(("verse", 0.5))
    return tuple(named)


def join(stretches: tuple[Stretch, ...], kinds: tuple[tuple[str, float], ...]) -> tuple[Named, ...]:
    """Return the sections: neighbours of one kind joined, a new one where what they repeat begins again."""
    found: list[Named] = []
    at = 0
    while at < len(stretches):
        after = at
        while after < len(stretches) and kinds[after][0] == kinds[at][0]:
            after += 1
        for group in _rounds(stretches[at:after]):
            sure = float(np.mean([kinds[at + number][1] for number in range(len(group))]))
            labels = tuple(stretch.label for stretch in group)
            bars = sum(stretch.bars for stretch in group)
            found.append(Named(kinds[at][0], labels, group[0].first, bars, sure))
            at += len(group)
    return tuple(found)


def _rounds(run: tuple[Stretch, ...]) -> list[tuple[Stretch, ...]]:
    # Equal rounds of eight bars or more if the labels go round, else as many as sixteen bars hold.
    shapes = [(stretch.label, stretch.bars) for stretch in run]
    for size in range(1, len(run) // 2 + 1):
        round_bars = sum(bars for _, bars in shapes[:size])
        if round_bars >= _SHORT and len(run) % size == 0 and shapes == shapes[:size] * (len(run) // size):
            return [run[first : first + size] for first in range(0, len(run), size)]
    groups: list[list[Stretch]] = []
    for stretch in run:
        if groups and sum(item.bars for item in groups[-1]) + stretch.bars <= _LONG:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return [tuple(group) for group in groups]


def _voiced(stretches: tuple[Stretch, ...], looked: Looked) -> NDArray[np.bool_]:
    sung = np.array([looked.sung[a : a + n].mean() for a, n, _ in stretches])
    full = np.array([looked.notes[a : a + n].mean() for a, n, _ in stretches])
    told = sung if looked.voice else full
    usual = float(np.median(told[told > 0])) if (told > 0).any() else 0.0
    voiced: NDArray[np.bool_] = told > (max(0.5, 0.25 * usual) if looked.voice else 0.5 * usual)
    return voiced if voiced.any() else np.ones(len(stretches), bool)


def _unsung(stretch: Stretch, looked: Looked) -> str:
    bars = slice(stretch.first, stretch.first + stretch.bars)
    return "solo" if looked.lead[bars].sum() > 2 * stretch.bars else "interlude"


def _chorus(stretches: tuple[Stretch, ...], looked: Looked, voiced: NDArray[np.bool_]) -> tuple[int, float]:
    # The label with the best sum of scores, and a confidence from how far it leads.
    labels = sorted({stretch.label for at, stretch in enumerate(stretches) if voiced[at]})
    if len(labels) == 1:
        return labels[0], 0.4
    rows = []
    for label in labels:
        mine = [stretch for at, stretch in enumerate(stretches) if stretch.label == label and voiced[at]]
        bars = np.concatenate([np.arange(a, a + n) for a, n, _ in mine])
        heard = looked.height[bars][looked.sung[bars] > 0]
        place = float(np.mean([stretch.first for stretch in mine])) / len(looked.notes)
        early = mine[0].first < 0.15 * len(looked.notes)
        often = min(len(mine), 4)
        loud, full = looked.loud[bars].mean() / 8, 2 * np.log1p(looked.notes[bars].mean())
        height = (heard.mean() if len(heard) else 0.0) / 3
        rows.append((often, loud, full, height, 1.5 * place, -1.5 * early))
    scores = np.array(rows, float).sum(axis=1)
    order = np.argsort(-scores, kind="stable")
    margin = float(scores[order[0]] - scores[order[1]])
    return labels[int(order[0])], min(0.9, 0.45 + 0.2 * margin)
