"""What the two mixtures of the bass look at: where it strikes, and which pitch it strikes.

An event of the rhythm is a slot: 0 nothing, 1 an onset. An event of the pitch is a semitone above the lowest string,
0 .. PITCHES - 1. The song's memory is the *riff*: what the best of the bars 1, 2 and 4 before would have
here, and how long it has been right (``train.riffs``). What a player does through a whole song, his *manner*,
is known from the start: how steady the rhythm is, how faithful to the riff the tones are, how much stays on
the root, how often it leaps an octave, how wide it roams.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.models.mixture import Design
from engine.models.viewpoints import Ints, Space, Target, View

LOWEST = 28  # E1
PITCHES = 28  # E1 .. G3
NONE = 12  # "no interval"
NOWHERE = PITCHES  # "no pitch"
TRUSTS = 6
CLUSTERS = 8

# Bounds that part songs, each in percent: bars that leave the riff; notes as the riff has them; notes on the root;
# leaps of an octave; and in semitones the width of the line.
STEADY = (7, 17, 30)
FAITHFUL = (80, 88, 95)
PEDAL = (45, 65, 85)
OCTAVES = (1, 10)
ROAM = (11, 17)


class Manner(NamedTuple):
    """How a player plays a song, each a class from 0."""

    steady: int
    faithful: int
    pedal: int
    octaves: int
    roam: int


_MANNER = {"steady": 4, "faithful": 4, "pedal": 4, "octaves": 3, "roam": 3}

RHYTHM = Space(
    2,
    {
        "slot": 16,
        "kick": 2,
        "past": 16,
        "riff": 3,
        "trust": TRUSTS,
        "cluster": CLUSTERS,
        "turn": 4,
        "new": 2,
        "steady": _MANNER["steady"],
    },
)
RHYTHM_DESIGN = Design(
    long=(
        View(("riff", "trust", "steady", "turn")),
        View(("riff", "trust", "slot", "kick")),
        View(("riff", "trust", "past", "slot")),
        View(("cluster", "slot", "past")),
        View(("kick", "slot", "past")),
        View(("new", "riff", "slot")),
    ),
)


def _targets() -> dict[str, Target]:
    pitch = np.arange(PITCHES)
    above = np.append(pitch, PITCHES // 2)  # nowhere counts as the middle
    return {
        "degree": Target("root", (pitch[None, :] + LOWEST - np.arange(12)[:, None]) % 12),
        "step": Target("last", pitch[None, :] - above[:, None] + PITCHES - 1),
        "off": Target("was", pitch[None, :] - above[:, None] + PITCHES - 1),
        "height": Target("centre", pitch[None, :] - pitch[:, None] + PITCHES - 1),
    }


PITCH = Space(
    PITCHES,
    {
        "root": 12,
        "last": PITCHES + 1,
        "was": PITCHES + 1,
        "centre": PITCHES,
        "before": 13,
        "metre": 5,
        "quality": 3,
        "new": 2,
        "move": 12,
        "motion": 13,
        "memory": 13,
        "trust": TRUSTS,
        "sure": TRUSTS,
        "cluster": CLUSTERS,
        **_MANNER,
    },
    _targets(),
)
PITCH_DESIGN = Design(
    long=(
        View(("memory", "trust", "metre", "new"), "degree"),
        View(("memory", "trust", "faithful", "before"), "degree"),
        View(("before", "metre", "quality"), "degree"),
        View(("new", "pedal", "before", "metre"), "degree"),
        View(("move", "before", "pedal"), "degree"),
        View(("cluster", "metre", "before"), "degree"),
        View(("sure", "faithful", "metre"), "off"),
        View(("sure", "trust", "new"), "off"),
        View(("octaves", "metre", "roam"), "step"),
        View(("motion", "octaves", "roam"), "step"),
        View(("roam", "new"), "height"),
    ),
)


def metre_class(position: Ints) -> Ints:
    """Return 0 downbeat, 1 half bar, 2 beat, 3 eighth, 4 sixteenth of a slot 0..15."""
    return np.array([0, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4])[position]
