"""What feet and hands look at: the viewpoints of the two mixtures that drum.

A slot (sixteenth) is drawn twice. *Feet*: kick 1 and speaking snare 2, given what the song is like, the bar's
hidden state, the two slots before, and the same slot of the bar that this one answers (one, two or four bars ago).
*Hands*: the cymbal, ghost note or tom beside them, given the feet, the hand before, and the hand of that older bar.
How closely a song keeps to its older bars is one of its traits, see ``Traits``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.models.mixture import Design
from engine.models.viewpoints import Ints, Space, View

KINDS = 16  # of kick and snare patterns
PERIODS = (1, 2, 4)  # bars after which a song's groove comes again
VARIES = (8, 20, 35, 55, 80)  # strokes in ten bars that differ from the older bars', which part the classes
DENSE = (55, 105)  # cymbal strokes in ten bars that part quarters, eighths and sixteenths
GHOSTS = (2, 10, 30)  # ghost notes in ten bars that part none, few, some and many
UNKNOWN = len(GHOSTS) + 1
PEDALS: tuple[tuple[int, ...], ...] = ((), (4, 12), (0, 4, 8, 12), (2, 6, 10, 14))  # slots of a pedalled hat
TEMPOS = (100, 132)  # beats a minute that part slow, middling and fast
STATES = 14  # hidden bar states
LEADS = 5  # what a bar's time is kept on: nothing, closed hat, open hat, ride, tom
FEET = 4
NONE = FEET  # no older bar yet

# States of the sampler: has this bar agreed with the older one so far, the symbol two before, the one before.
FEET_STATES = 2 * FEET * FEET
_AT = np.arange(FEET_STATES, dtype=np.int64)
AGREED, TWO, ONE = _AT // 16, _AT // 4 % 4, _AT % 4


class Traits(NamedTuple):
    """What a song's drumming is like, each a class.

    kind: of kick and snare pattern. period: index in PERIODS. vary: of VARIES, from mechanical to loose; near: the
    same for a bar beside the one before it, where that is not what it answers.
    dense: of DENSE. ghosts: of GHOSTS, UNKNOWN where velocities are typed in. fills: percent of the usual number of
    fills. crashes: percent of the usual number. pedal: what the left foot does, index in PEDALS, or UNKNOWN.
    """

    kind: int
    period: int
    vary: int
    near: int
    dense: int
    ghosts: int
    fills: int
    crashes: int
    pedal: int


FEET_SPACE = Space(
    FEET,
    {
        "slot": 16, "beat": 4, "last": 4, "last2": 16, "kind": KINDS, "state": STATES, "old": FEET + 1,
        "near": FEET + 1, "same": 2, "echo": 3, "vary": len(VARIES) + 1, "period": len(PERIODS), "pace": 3,
    },
)  # fmt: skip

FEET_DESIGN = Design(
    long=(
        View(("slot", "kind", "last2")),
        View(("slot", "state", "last2")),
        View(("old", "same", "vary", "slot", "echo")),
        View(("old", "near", "same", "period", "slot")),
        View(("near", "slot", "last", "vary")),
        View(("pace", "slot", "last2")),
        View(("kind", "slot", "old", "same")),
        View(("vary", "old", "same", "beat")),
    ),
    selectors=("vary", "same"),
)

HANDS_DESIGN = Design(
    long=(
        View(("lead", "dense", "slot", "foot", "last")),
        View(("lead", "slot", "last", "state")),
        View(("ghosts", "lead", "slot", "last")),
        View(("old", "same", "vary", "foot", "slot")),
        View(("ghosts", "foot", "slot", "last")),
        View(("old", "same", "ghosts", "beat", "last")),
        View(("lead", "old", "same", "beat", "vary")),
    ),
    selectors=("vary", "same", "ghosts"),
)


def hands_space(symbols: int) -> Space:
    """Return the space of hands of so many symbols; the last of them stands for all rare ones."""
    return Space(
        symbols,
        {
            "slot": 16, "beat": 4, "foot": FEET, "last": symbols, "state": STATES, "lead": LEADS,
            "old": symbols + 1, "same": 2, "vary": len(VARIES) + 1, "dense": len(DENSE) + 1, "ghosts": UNKNOWN + 1,
        },
    )  # fmt: skip


def pace(tempo: float) -> int:
    """Return 0, 1 or 2 for slow, middling and fast."""
    return sum(tempo >= bound for bound in TEMPOS)


def echo(one: Ints, two: Ints, old_one: Ints, old_two: Ints) -> Ints:
    """Return how many of the last two symbols (one before, two before) are those of the older bar."""
    return np.asarray((one == old_one).astype(np.int64) + (two == old_two))
