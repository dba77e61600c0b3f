"""What the rules of a style make of kick and snare: factors for every slot, and where a foot or hand must fall."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.models.drums import KICK, SNARE
from engine.plan.accents import FACTOR, factor, pulled
from engine.plan.plan import Plan
from engine.stream import Stream

Ints = NDArray[np.int64]

BACKBEATS = {"plain": (4, 12), "half": (8,), "double": (2, 6, 10, 14)}
_BUSY = (40, 60, 100, 170, 220)  # percent of the kick's weight by energy
_ALL_FOUR = (0, 4, 8, 12)
_SLOTS = np.arange(16)
# Slots of a bass drum under two feet: sixteenths, the gallop and its mirror, eighths; weights when slow and when fast.
_RUNS = (tuple(range(16)), (0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15), (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14))
_RUNS_SLOW, _RUNS_FAST, _RUSHED = (4, 4, 2), (3, 4, 1), 168


def factors(plan: Plan, kind: str, energy: int, forced: bool) -> Ints:
    """Return a factor for each slot and foot symbol, shape (16, 4), of a groove whose backbeat is of a kind.

    forced: whether that is another than the song's drummer would play.
    """
    rules = plan.style.rules
    other_kick = factor(rules["drums.kick"] * _BUSY[energy - 1] // 100)
    strong = (0, 8) if kind == "plain" else (0,) if kind == "half" else _ALL_FOUR
    back = BACKBEATS[kind]
    down, speak, elsewhere = (factor(rules[f"drums.{rule}"]) for rule in ("downbeat", "backbeat", "snare"))
    odd = max(other_kick if plan.tempo < rules["drums.fast"] else other_kick // 2, 1)
    kick = [
        down if s in strong else odd if s % 2 else max(other_kick // 3, 1) if s in back else other_kick
        for s in range(16)
    ]
    # Another backbeat than the plain one leaves 2 and 4 alone.
    snare = [
        speak if s in back else 0 if forced and s in (4, 12) else elsewhere // (2 if s % 2 else 1) for s in range(16)
    ]
    found = pulled(np.array(kick), np.array(snare))
    if forced:
        # Too rare in the corpus to be left to weights.
        found[list(back), :SNARE] = 0
    return found


def fixed(plan: Plan, name: str, kind: str, stream: Callable[[str], Stream]) -> Ints:
    """Return 1 for every slot and foot symbol that may be, shape (16, 4), as rules nail it down.

    name: of the figure ("verse", "chorus", "bridge"). kind: of its backbeat. stream: of the figure's decisions.
    """
    rules, found = plan.style.rules, np.ones((16, 4), dtype=np.int64)
    kicked = np.arange(4) & KICK > 0
    if plan.eighths:
        found[1::2, 1:] = 0
    if plan.song("groove", "two and four").below(100) < rules["drums.two_and_four"]:
        found[list(BACKBEATS[kind]), :SNARE] = 0
    if plan.song("groove", "four").below(100) < rules["drums.four"]:
        found[np.isin(_SLOTS, _ALL_FOUR)[:, None] & ~kicked] = 0
    share = rules["drums.double_kick"] if name == "chorus" else rules["drums.double_kick"] // 2
    if stream("double kick").below(100) < share:
        weights = (0, 0, 1) if plan.eighths else _RUNS_SLOW if plan.tempo < _RUSHED else _RUNS_FAST
        run = stream("run").pick(_RUNS, weights)
        found[np.isin(_SLOTS, run)[:, None] & ~kicked] = 0
    return found


def nailed(pulls: Ints, allowed: Ints) -> Ints:
    """Return factors where only some symbols may be; where nothing is left, what is allowed, rather without a snare."""
    found = pulls * allowed
    dead = ~found.any(axis=1)
    found[dead] = allowed[dead] * np.array((FACTOR, FACTOR, 1, 1))
    return found
