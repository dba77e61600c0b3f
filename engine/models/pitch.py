"""Sung pitch: what the mixture looks at, the same when it is fitted and when it sings.

An event is a pitch in semitones above a central tonic (the tonic nearest the middle of the voice), plus
REACH. Views see it as an interval, a scale degree, a place in the chord or a height above the voice's
middle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.models.manner import GAITS, PALETTES, SPREADS
from engine.models.mixture import Design
from engine.models.viewpoints import Columns, Ints, Space, Target, View

REACH = 20
EVENTS = 2 * REACH + 1
NONE = EVENTS  # no earlier pitch
NO_CHORD = 24
FIRST, MIDDLE, LAST = range(3)
AGES = 6
KINDS = ("verse", "chorus", "prechorus", "bridge")  # other kinds share the fifth column

# The last interval as far as it matters for the next: semitones at which classes begin; the first and last are leaps
# beyond a fifth.
_MOTIONS = (-7, -4, -2, 0, 1, 3, 5, 8)
MOTIONS = len(_MOTIONS) + 2  # the last class: no interval yet
LEAP_DOWN, LEAP_UP = 1, len(_MOTIONS) - 1
FAR_DOWN, FAR_UP, STILL = 0, len(_MOTIONS), MOTIONS - 1

_PITCH = np.arange(-REACH, REACH + 1)
_BASE = np.arange(-REACH, REACH + 1)[:, None]

SPACE = Space(
    EVENTS,
    {
        "x1": EVENTS + 1,
        "degree1": 13,
        "motion1": MOTIONS,
        "chordal1": 13,
        "base": EVENTS,
        "root": 12,
        "middle": EVENTS,
        "chord": 25,
        "third": 3,
        "weight": 5,
        "before": 9,
        "after": 10,
        "position": 3,
        "place": 4,
        "kind": 5,
        "slot": 16,
        "age": AGES,
        "palette": PALETTES,
        "gait": GAITS,
        "spread": len(SPREADS) + 1,
    },
    {
        "interval": Target("base", np.clip(_PITCH - _BASE, -12, 12) + 12),
        "degree": Target("", (_PITCH % 12)[None]),
        "chordal": Target("root", (_PITCH - np.arange(12)[:, None]) % 12),
        "height": Target("middle", np.clip(_PITCH - _BASE, -REACH, REACH) + REACH),
    },
)

DESIGN = Design(
    long=(
        View(("position", "degree1", "motion1"), "interval"),
        View(("chordal1", "third", "motion1"), "chordal"),
        View(("palette", "chord", "weight"), "degree"),
        View(("position", "chordal1", "third", "weight"), "interval"),
        View(("position", "before", "after", "weight"), "interval"),
        View(("spread", "position", "place", "kind"), "height"),
        View(("palette", "degree1", "motion1"), "degree"),
        View(("gait", "before", "motion1"), "interval"),
        View(("weight", "after", "third"), "chordal"),
    ),
    short=(
        View(()),
        View(("slot", "x1")),
        View(("chord", "x1")),
        View(("motion1", "before"), "interval"),
        View(("x1", "motion1")),
        View(("chord", "slot")),
    ),
    selectors=("position", "age", "weight"),
)


class Place(NamedTuple):
    """Where a note stands, apart from the notes before it; numbers, or arrays of one shape.

    chord: 2 * root above the tonic + 1 if its third is minor, NO_CHORD for none; where ``lean`` says. weight: 0..4.
    before, after: slots from the previous and to the next onset of the phrase (0 and 9 where there is
    none; at most 8). position: FIRST, MIDDLE or LAST note of the phrase. place: quarter of the phrase,
    0..3. kind: index in KINDS, or 4. slot: of the bar. age: how much is remembered, by ``age``. middle: the
    voice's middle in this kind of section, as an event. palette, gait, spread: of the song, as in ``manner.Manner``.
    """

    chord: Ints
    weight: Ints
    before: Ints
    after: Ints
    position: Ints
    place: Ints
    kind: Ints
    slot: Ints
    age: Ints
    middle: Ints
    palette: Ints
    gait: Ints
    spread: Ints


def age(events: int) -> int:
    """Return 0 .. AGES - 1 for how many events are remembered: the corpus is trusted more while they are few.

    >>> [age(n) for n in (0, 7, 8, 31, 32, 500)]
    [0, 0, 1, 2, 3, 5]
    """
    return min(max(events.bit_length() - 3, 0), AGES - 1)


def lean(wait: int) -> int:
    """Return how many slots after its onset a note's chord is read, by its wait for the next.

    A note that comes an eighth or a sixteenth before a change of chord and outlasts it belongs to the chord to come: in
    RS200 72 to 78 % of such notes are tones of that, 37 to 39 % of the one they start on.

    >>> [lean(wait) for wait in (2, 4, 8)]
    [0, 1, 2]
    """
    return (wait >= 4) + (wait >= 5)


def place_columns(place: Place) -> dict[str, Ints]:
    """Return the columns that do not depend on the notes before."""
    chord = np.asarray(place.chord)
    named = {name: np.asarray(value) for name, value in place._asdict().items()}
    root = np.where(chord < NO_CHORD, chord // 2, 0)
    return {**named, "root": root, "third": np.where(chord < NO_CHORD, chord % 2, 2)}


def motion(interval: Ints) -> Ints:
    """Return the class of intervals in semitones, 0 .. MOTIONS - 2."""
    return np.searchsorted(_MOTIONS, interval, side="right").astype(np.int64)


def past_columns(first: Ints, moved: Ints, root: Ints, middle: Ints) -> Columns:
    """Return the columns that depend on the last event (NONE where there is none) and the motion to it.

    Arguments broadcast; ``root`` is the chord's, 0..11 above the tonic, ``middle`` an event.
    """
    known = first < NONE
    pitch = first - REACH
    return {
        "x1": first,
        "degree1": np.where(known, pitch % 12, 12),
        "motion1": moved,
        "chordal1": np.where(known, (pitch - root) % 12, 12),
        "base": np.where(known, first, middle),
    }


def motions(first: Ints, second: Ints) -> Ints:
    """Return the motion from ``second`` to ``first``, the last two events; arguments broadcast."""
    return np.where((first < NONE) & (second < NONE), motion(first - second), STILL)
