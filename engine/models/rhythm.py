"""Sung rhythm: what the mixture of onsets looks at, and how long notes sound.

An event is a slot (sixteenth) of a phrase between its first and last onset: 1 if a syllable starts
there, else 0. The state of the sampler is the history of the last MEMORY slots.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.models.mixture import Design
from engine.models.pitch import AGES
from engine.models.tables import Table
from engine.models.viewpoints import Ints, Space, View

MEMORY = 7  # slots of history in a state: bit 0 is the latest
STATES = 1 << MEMORY
LEFT = 12  # ways to the end of the phrase longer than this are alike
TEMPOS = (100, 132)  # beats a minute that part slow, middling and fast songs
FINE = (8, 22)  # percent of onsets between the eighths that part three kinds of song
DENSE = (38, 42, 46)  # percent of slots with an onset that part the sparse from the dense, for each kind
GRAINS = 6
LONGEST = 16  # slots; longer waits are alike

SPACE = Space(
    2,
    {
        "slot": 16,
        "beat": 4,
        "last1": 2,
        "last3": 8,
        "last7": 128,
        "left": LEFT + 1,
        "kind": 5,
        "pace": 3,
        "grain": GRAINS,
        "age": AGES,
    },
)

DESIGN = Design(
    long=(
        View(("slot", "last3", "last7")),
        View(("beat", "last3", "last7")),
        View(("left", "slot", "last1")),
        View(("kind", "slot", "last3")),
        View(("grain", "slot", "last3")),
        View(("grain", "beat", "last7")),
    ),
    short=(View(("slot", "last1")), View(("beat", "last3")), View(("slot", "last7"))),
    selectors=("beat", "last1", "age"),
)


class Moment(NamedTuple):
    """Where a slot stands: slot of the bar, slots left to the line's last, kind, pace, grain, age.

    Numbers, or arrays of one shape. kind: index in ``pitch.KINDS``, or 4. pace: of the tempo.
    grain: the song's own density, see ``grain``. age: how much is remembered, by ``pitch.age`` of a quarter
    of the slots.
    """

    slot: Ints
    left: Ints
    kind: Ints
    pace: Ints
    grain: Ints
    age: Ints


def pace(tempo: float) -> int:
    """Return 0, 1 or 2 for slow, middling and fast."""
    return sum(tempo >= bound for bound in TEMPOS)


def grain(onsets: int, offbeat: int, slots: int) -> int:
    """Return the class of a song's rhythm, 0 .. GRAINS - 1.

    onsets: in all its lines. offbeat: those on the second or fourth sixteenth of a beat. slots: of all its lines.
    Songs in eighths and songs in sixteenths, sparse and dense ones, are different worlds: a song stays in its own.
    """
    fine = sum(offbeat * 100 >= bound * onsets for bound in FINE)
    return fine * 2 + (onsets * 100 >= DENSE[fine] * slots)


def moment_columns(moment: Moment) -> dict[str, Ints]:
    """Return the columns that do not depend on the slots before."""
    return {
        "slot": np.asarray(moment.slot),
        "beat": np.asarray(moment.slot) % 4,
        "left": np.minimum(moment.left, LEFT),
        "kind": np.asarray(moment.kind),
        "pace": np.asarray(moment.pace),
        "grain": np.asarray(moment.grain),
        "age": np.asarray(moment.age),
    }


def history_columns(history: Ints) -> dict[str, Ints]:
    """Return the columns of histories of MEMORY slots."""
    return {
        "last1": history & 1,
        "last3": history & 7,
        "last7": history & 127,
    }


class Lengths:
    """How long notes sound: weights fitted to singers."""

    def __init__(self, table: Table) -> None:
        self._weights = table.arrays["lengths"].astype(np.int64)

    def weights(self, wait: int, last: bool) -> list[int]:
        """Return the weight of each length 1, 2 .. of a note that waits so many slots for the next."""
        wait = min(wait, LONGEST)
        return [int(weight) for weight in self._weights[int(last), wait][1 : wait + 1]]
