"""Which lines of a section come again: singers take a line up where its chords come again, hardly ever over others.

How often they do, how faithfully, and from how far back is counted on RS200, by kind of section and by how much the
song repeats itself (``engine/train/lines_again.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.song import Section
from engine.stream import Stream, choose

OUTCOMES = ("", "rhythm", "vary", "same")  # what becomes of a line whose chords have been heard: anew, or as it was
FARTHEST = 8  # lines; from farther back all is alike
# Percent of lines over other chords that keep the rhythm of one of the two before, where a bar is alike and where none
# is, and of lines that come again those with another ending among those that vary.
MOVED_HALF, MOVED, ENDED = 30, 25, 50
# Percent of choruses that come back to their first line: over its chords where they come again, else moved to others.
HOOKED = 75
_CHORUS = 1
# Percent of the counted weight of singing anew: lines that lie otherwise than those counted come again less often.
ANEW = 50


class Leaf(NamedTuple):
    """A line of a derivation, in bars: what it shares (equal identities, equal material) and how it differs."""

    start: int
    bars: int
    identity: tuple[object, ...]
    change: str


class Takes(NamedTuple):
    """What was learnt of lines whose chords have been heard before in their section.

    outcomes: by (kind, class of song, whether the line before was taken up too), weights of OUTCOMES.
    apart: weight of taking up the line that lies so many lines back, from 1.
    """

    outcomes: tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]
    apart: tuple[int, ...]


def over_chords(
    takes: Takes, kind: int, song: int, section: Section, bar: int, leaves: Sequence[Leaf], stream: Stream
) -> list[Leaf]:
    """Return the lines as they come again over a section's chords.

    kind: 0 verse, 1 chorus, 2 other. song: class of how much the song repeats itself. bar: its ticks.
    A line that the derivation repeats stays as it is where its chords do. A chorus comes back to its first line.
    """
    found: list[Leaf] = []
    chords: list[tuple[object, ...]] = []
    outcomes: list[int] = []
    last: int | None = None  # the line that the line before took up
    *words, hooked = stream.words(3 * len(leaves) + 1)
    over = [tuple(_chords_of(section, bar, leaf.start + k) for k in range(leaf.bars)) for leaf in leaves]
    back = _back(leaves, over) if kind == _CHORUS and hooked * 100 >> 64 < HOOKED else None
    for number, (leaf, own) in enumerate(zip(leaves, over, strict=True)):
        same = [k for k, other in enumerate(chords) if other == own]
        meant = [k for k in same if leaf.change != "answer" and leaves[k].identity == leaf.identity]
        what, whence, how = words[3 * number : 3 * number + 3]
        line = leaf._replace(identity=("line", number), change="")
        outcome, source = 0, None
        if meant:
            outcome, source = (2 if leaf.change else 3), meant[0]
        elif same:
            goes_on = last is not None and last + 1 in same
            anew, *others = takes.outcomes[kind][song][int(goes_on)]
            outcome = choose([anew * ANEW, *(100 * weight for weight in others)], what)
            if goes_on and last is not None and _halves(leaves, last, number):
                outcome = outcomes[-1]
            source = last + 1 if goes_on and last is not None else same[choose(_near(takes, number, same), whence)]
        elif found:
            near = [k for k in (number - 1, number - 2) if k >= 0 and leaves[k].bars == leaf.bars]
            alike = [sum(one == other for one, other in zip(own, chords[k], strict=True)) for k in near]
            if leaf.change == "answer" and near[:1] == [number - 1] and alike[0]:
                line = leaf._replace(identity=found[-1].identity)
            elif near and what * 100 >> 64 < (MOVED_HALF if any(alike) else MOVED):
                outcome, source = 1, near[whence * len(near) >> 64]
        if number == back and not outcome and all(line.identity != found[0].identity for line in found[1:]):
            outcome, source = (2 + (how * 2 >> 64) if own == chords[0] else 1), 0
        if outcome and source is not None:
            ended = "end" if leaf.change == "end" or how * 100 >> 64 < ENDED else "vary"
            line = leaf._replace(identity=found[source].identity, change=("", "moved", ended, "")[outcome])
        elif same and leaf.change == "answer" and found:
            line = leaf._replace(identity=found[-1].identity)
        last = source if outcome else None
        outcomes.append(outcome)
        found.append(line)
        chords.append(own)
    return found


def _back(leaves: Sequence[Leaf], over: Sequence[tuple[object, ...]]) -> int | None:
    """Return the line in which the first is heard again: over the same chords, half way, or as soon as may be."""
    half = (leaves[-1].start + leaves[-1].bars) // 2
    others = [k for k, leaf in enumerate(leaves) if k and leaf.bars == leaves[0].bars]
    return min(others, key=lambda k: (over[k] != over[0], leaves[k].start != half, k != 2, k), default=None)


def _halves(leaves: Sequence[Leaf], last: int, number: int) -> bool:
    """Return whether a line is the second bar of two, and the one before took up the first bar of two."""
    pairs = ((last, last + 1), (number - 1, number))
    return all(leaves[one].bars == leaves[two].bars == 1 and leaves[two].start % 2 for one, two in pairs)


def _near(takes: Takes, number: int, same: Sequence[int]) -> list[int]:
    return [takes.apart[min(number - other, FARTHEST) - 1] for other in same]


def _chords_of(section: Section, bar: int, number: int) -> tuple[object, ...]:
    """Return the chords of a bar as they sound: their place in it, roots and tones."""
    first = number * bar
    return tuple(
        (max(span.start - first, 0), span.chord.root, span.chord.quality)
        for span in section.chords
        if span.start < first + bar and span.start + span.length > first
    )
