"""Fingerings: on which string and fret each note of a guitar or bass is played.

The hand's path is the cheapest over the whole part, found by dynamic programming over the ways to finger each chord;
see Radicioni et al., Guitar fingering for music performance (ICMC 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.notation.bars import Event
from engine.song import Part
from engine.theory.fretboard import TUNING

BASS_TUNING = (28, 33, 38, 43)
TUNINGS = {"lead": TUNING, "rhythm": TUNING, "bass": BASS_TUNING}
LAST_FRET = 24
SPAN = 5  # frets under one hand, the fourth finger stretched
_KEPT = 10  # ways of one chord that are looked at


class Way(NamedTuple):
    """A way to finger a chord: (string from 0, the lowest, fret) of each pitch, where the hand is, what it costs."""

    frets: tuple[tuple[int, int], ...]
    hand: int
    cost: int


def tuning_of(part: Part) -> tuple[int, ...]:
    """Return the open strings, from low to high, that a part needs: the usual ones, or the lowest tuned down."""
    usual = TUNINGS[part.name]
    lowest = min((note.pitch for note in part.notes), default=usual[0])
    if lowest >= usual[0]:
        return usual
    if lowest >= usual[0] - 2:
        return (lowest, *usual[1:])
    return tuple(string + lowest - usual[0] for string in usual)


def fingered(found: Sequence[Event], tuning: tuple[int, ...]) -> list[Event]:
    """Return the events with strings and frets, none stretching the hand where it can be helped."""
    choices = [ways(tuple(tone.pitch for tone in event.tones), tuning) for event in found]
    # costs[k]: of the cheapest path to way k of the event at hand; back: where it came from.
    back: list[list[int]] = []
    costs: list[int] = []
    for n, options in enumerate(choices):
        if not n:
            costs = [way.cost for way in options]
            back.append([0] * len(options))
            continue
        if options is choices[n - 1]:  # the same again: the hand stays
            back.append(list(range(len(options))))
            costs = [cost + way.cost for cost, way in zip(costs, options, strict=True)]
            continue
        before, rest = choices[n - 1], found[n].start - found[n - 1].stop
        steps, now = [], []
        for way in options:
            best = min((costs[k] + _move(before[k], way, rest), k) for k in range(len(before)))
            now.append(best[0] + way.cost)
            steps.append(best[1])
        back.append(steps)
        costs = now
    chosen: list[Event] = []
    k = min(range(len(costs)), key=lambda n: costs[n]) if costs else 0
    for event, options, steps in zip(reversed(found), reversed(choices), reversed(back), strict=True):
        frets = tuple((len(tuning) - string, fret) for string, fret in options[k].frets)
        chosen.append(event._replace(frets=frets))
        k = steps[k]
    return chosen[::-1]


@lru_cache(maxsize=4096)
def ways(pitches: tuple[int, ...], tuning: tuple[int, ...]) -> tuple[Way, ...]:
    """Return the ways to play some pitches at once, the easiest first; at least one.

    Each pitch takes a string of its own; fingers span SPAN frets where any way does. What lies outside the
    instrument is given its nearest string all the same, and what needs one string twice is written on the next.
    """
    found: list[tuple[tuple[int, int], ...]] = [()]
    for pitch in sorted(pitches):
        longer = [
            (*frets, (string, pitch - open_))
            for frets in found
            for string, open_ in enumerate(tuning)
            if 0 <= pitch - open_ <= LAST_FRET and all(string != used for used, _ in frets)
        ]
        found = sorted(longer, key=_stretch)[:200] or [(*frets, _forced(pitch, tuning, frets)) for frets in found]
    order = sorted(range(len(pitches)), key=lambda n: pitches[n])
    made = []
    for frets in found:
        placed = [frets[0]] * len(pitches)
        for place, n in enumerate(order):
            placed[n] = frets[place]
        fretted = [fret for _, fret in frets if fret]
        hand = min(fretted, default=1)  # an open string is played with the hand at the nut
        made.append(Way(tuple(placed), hand, _stretch(frets)))
    made.sort(key=lambda way: (way.cost, way.frets))
    return tuple(made[:_KEPT])


def playable(frets: Sequence[tuple[int, int]]) -> bool:
    """Return whether a hand reaches (string, fret) pairs: within SPAN frets, with four fingers.

    The first finger may bar all strings at the lowest fret, another one neighbouring strings of one fret.
    """
    held = sorted((string, fret) for string, fret in frets if fret)
    if len({string for string, _ in frets}) < len(frets):
        return False
    if not held:
        return True
    low, high = min(fret for _, fret in held), max(fret for _, fret in held)
    pairs = zip(((-2, 0), *held), held, strict=False)
    fingers = 1 + sum(fret > low and before != (string - 1, fret) for before, (string, fret) in pairs)
    return high - low < SPAN and fingers <= 4


def _stretch(frets: tuple[tuple[int, int], ...]) -> int:
    """Return what a chord costs: stretch beyond the hand most, then height on the neck, gaps between strings."""
    fretted = [fret for _, fret in frets if fret]
    if not fretted:
        return 0
    width = max(fretted) - min(fretted)
    strings = sorted(string for string, _ in frets)
    gaps = strings[-1] - strings[0] + 1 - len(strings)
    high = max(min(fretted) - 4, 0) + 3 * max(max(fretted) - 15, 0)
    return (0 if playable(frets) else 1000) + 12 * max(width - 3, 0) + 2 * width + 6 * gaps + high


def _move(before: Way, way: Way, rest: int) -> int:
    """Return what going from one way to the next costs; a rest of a beat lets the hand travel."""
    far = abs(before.hand - way.hand)
    return (max(far - 2, 0) * 3 + far) // (2 if rest >= 4 else 1)


def _forced(pitch: int, tuning: tuple[int, ...], taken: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    used = {string for string, _ in taken}
    free = [string for string in range(len(tuning)) if string not in used] or list(range(len(tuning)))
    string = min(free, key=lambda each: abs(pitch - tuning[each] - 5))
    return string, max(pitch - tuning[string], 0)
