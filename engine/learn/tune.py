"""Soft rules of a learnt style, set so that its songs do what the folder's do as often as those.

What a rule's weight comes to in songs hangs on everything else in the program, so songs are composed, heard as the
folder was, and each rule is moved by how far they are off, a few times over: simulated moments (McFadden, A method of
simulated moments, Econometrica 57, 1989). In the end each goes from the parent's weight to the one found by as much of
the way as there are songs to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log
from typing import NamedTuple

import numpy as np

from engine.learn.facts import GROOVE
from engine.learn.roles import ROLES
from engine.learn.style_text import SONGS, Facts, Floats
from engine.style.rules import RULES
from engine.theory.chord import QUALITIES

_STEPS = 5  # times that songs are composed
_FARTHEST = 1.1  # of the logarithm that a rule moves by at a time
_LEAST = 4  # songs that must show what a rule is set by
_RANGE = 8  # times that a rule may become more or less than the parent's
_NEVER = 0.01  # what never happens counts as this often

_OFF = [slot for slot in range(16) if slot % 8]
_BACK, _NOT_BACK = [4, 12], [slot for slot in range(16) if slot not in (4, 12)]
_PLAIN = [number for number, name in enumerate(QUALITIES) if name in ("maj", "min", "5")]


class Aim(NamedTuple):
    """A rule, what of songs grows with it, and the role that plays it."""

    rule: str
    measure: Callable[[Facts], float]
    role: str


def _struck(drum: str, slots: list[int]) -> Callable[[Facts], float]:
    # How often a drum is struck on the slots, a bar and slot.
    row = GROOVE.index(drum)
    return lambda facts: float(facts.tables["groove"][row, slots].mean() / max(int(facts.tables["grooved"][0]), 1))


def _time(facts: Facts) -> Floats:
    # How often hats or ride are struck on each slot.
    hits = facts.tables["groove"][[GROOVE.index(name) for name in ("hat", "open hat", "ride")]].sum(axis=0)
    return np.asarray(hits / max(int(facts.tables["grooved"][0]), 1), dtype=np.float64)


def _on_eighths(facts: Facts) -> float:
    return float(_time(facts)[::2].mean())


def _between(facts: Facts) -> float:
    return float(_time(facts)[1::2].mean())


def _opened(facts: Facts) -> float:
    closed, opened = (int(facts.tables["groove"][GROOVE.index(name)].sum()) for name in ("hat", "open hat"))
    return opened / max(closed + opened, 1)


def _onsets(first: int, step: int) -> Callable[[Facts], float]:
    # The share of sung onsets on slots first, first + step ...
    return lambda facts: float(facts.tables["onsets"][first::step].sum() / max(int(facts.tables["onsets"].sum()), 1))


def _busy(role: str) -> Callable[[Facts], float]:
    number = ROLES.index(role)
    return lambda facts: float(facts.tables["notes"][number] / max(int(facts.tables["bars"][number]), 1))


def _coloured(facts: Facts) -> float:
    kinds = facts.tables["qualities"]
    return 1 - float(kinds[_PLAIN].sum() / max(int(kinds.sum()), 1))


AIMS = (
    Aim("drums.kick", _struck("kick", _OFF), "drums"),
    Aim("drums.downbeat", _struck("kick", [0, 8]), "drums"),
    Aim("drums.backbeat", _struck("snare", _BACK), "drums"),
    Aim("drums.snare", _struck("snare", _NOT_BACK), "drums"),
    Aim("drums.steady", _on_eighths, "drums"),
    Aim("drums.fast", _between, "drums"),
    Aim("drums.open", _opened, "drums"),
    Aim("bass.notes", _busy("bass"), "bass"),
    Aim("guitar.notes", _busy("rhythm"), "rhythm"),
    Aim("lead.notes", _busy("lead"), "lead"),
    Aim("melody.density", _busy("melody"), "melody"),
    Aim("melody.offbeat", _onsets(2, 4), "melody"),
    Aim("melody.sixteenths", _onsets(1, 2), "melody"),
    Aim("harmony.colour", _coloured, ""),
)


def tuned(
    folder: Facts, parent: Mapping[str, int], start: Mapping[str, int], composed: Callable[[Mapping[str, int]], Facts]
) -> dict[str, int]:
    """Return the rules of a style, by name.

    folder: what was heard. parent: its rules. start: rules to begin with, over the parent's. composed: the facts of
    songs composed with some rules over the parent's.
    """
    aims = [aim for aim in AIMS if _told(aim, folder)]
    rules = {aim.rule: max(start.get(aim.rule, parent[aim.rule]), 1) for aim in aims}
    pace = dict.fromkeys(rules, 1.0)
    before = dict.fromkeys(rules, 0.0)
    best, least = dict(rules), float("inf")
    for step in range(_STEPS if aims else 0):
        facts = composed({**start, **rules})
        off = {aim.rule: _off(aim, folder, facts) for aim in aims}
        if (size := sum(abs(value) for value in off.values())) < least:
            best, least = dict(rules), size
        for aim in aims if step < _STEPS - 1 else ():
            # Smaller steps once one went too far.
            pace[aim.rule] *= 0.5 if off[aim.rule] * before[aim.rule] < 0 else 1.0
            by = float(np.clip(pace[aim.rule] * off[aim.rule], -_FARTHEST, _FARTHEST))
            rules[aim.rule] = _bounded(aim.rule, rules[aim.rule] * np.exp(by), parent)
        before = off
    return {**start, **{aim.rule: _part_of_the_way(aim, folder, parent, best[aim.rule]) for aim in aims}}


def _told(aim: Aim, folder: Facts) -> bool:
    return _songs(aim, folder) >= _LEAST and (aim.role != "drums" or int(folder.tables["grooved"][0]) >= 16 * _LEAST)


def _songs(aim: Aim, folder: Facts) -> int:
    return folder.heard(aim.role) if aim.role else folder.songs


def _off(aim: Aim, folder: Facts, facts: Facts) -> float:
    return log(max(aim.measure(folder), _NEVER)) - log(max(aim.measure(facts), _NEVER))


def _bounded(rule: str, value: float, parent: Mapping[str, int]) -> int:
    usual = max(parent[rule], 10)
    low, high = max(RULES[rule].low, usual // _RANGE), min(RULES[rule].high, usual * _RANGE)
    return int(min(max(round(value), low), high))


def _part_of_the_way(aim: Aim, folder: Facts, parent: Mapping[str, int], value: int) -> int:
    songs = _songs(aim, folder)
    usual = max(parent[aim.rule], 1)
    return _bounded(aim.rule, usual * (value / usual) ** (songs / (songs + SONGS)), parent)
