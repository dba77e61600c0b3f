"""Who plays the bass in a song: a manner, a range, and how each section is to be played."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.chain.costs import weights
from engine.chain.sampler import Sampler
from engine.models.bass import BassModel, Hand, state_step
from engine.models.bass_views import LOWEST, PITCHES, Manner
from engine.plan.plan import Plan
from engine.song import Section

PART = "bass"
# Notes in a bar by energy 1..5, in percent of what the player is used to.
_BUSY = (40, 60, 75, 85, 95)
_DENSITY = 20  # cost of every note in 16 bars that a player is used to beyond what is asked for, or less
_LEAST = 12  # semitones: every pitch class must be within reach


class Player(NamedTuple):
    """One of the corpus's players as the song has him.

    even: percent of bars with the rhythm of the bar before. one: percent of sections that keep the rhythm.
    busy: notes in 16 bars at energy 3. low, high, centre: his range and its middle, from the lowest string.
    """

    manner: Manner
    even: int
    one: int
    busy: int
    low: int
    high: int
    centre: int


def player_of(plan: Plan, model: BassModel) -> Player:
    """Return the song's player: likelier one who plays about as much as the style asks for."""
    rules, style = plan.style.rules, plan.style.parts[PART]
    wanted = rules["bass.notes"] * 16 // 10
    density = model.manner[:, 7]
    roam = model.manner[:, 4]
    near = weights(np.abs(density - wanted) * _DENSITY) * rules["bass.roam"] ** roam // 100**roam
    chosen = model.manner[plan.song(PART, "player").pick(range(len(near)), near.tolist())].tolist()
    even, one, density, low, high, middle = chosen[5:]
    least, most = max(style.low - LOWEST, 0), min(style.high - LOWEST, PITCHES - 1)
    # A line drawn within a range seldom fills it.
    reach = min(max((high - low) * 5 // 4, _LEAST), most - least)
    low = min(max(low, least), max(most - reach, least))
    return Player(Manner(*chosen[:5]), even, one, density, low, low + reach, min(max(middle, low), low + reach))


def states_of(plan: Plan, model: BassModel, player: Player) -> Mapping[str, int]:
    """Return the state of each material, drawn together in the order in which they come."""
    first: dict[str, Section] = {}
    for section in plan.sections:
        first.setdefault(section.material, section)
    steps = [
        state_step(model, player.busy * _BUSY[section.energy - 1] // 100)[number > 0]
        for number, section in enumerate(first.values())
    ]
    return dict(zip(first, Sampler(steps).draw(plan.song(PART, "states")), strict=True))


def song_player(plan: Plan, model: BassModel) -> Player:
    """Return the player of a song."""
    return plan.once((PART, "player"), lambda: player_of(plan, model))


def hand_of(plan: Plan, section: Section, model: BassModel) -> Hand:
    """Return what is one for all notes of a section's material."""
    key = (PART, "hand", section.material, plan.takes.get(f"{section.name}/{PART}", 0))
    return plan.once(key, lambda: _hand(plan, section, model))


def _hand(plan: Plan, section: Section, model: BassModel) -> Hand:
    player = song_player(plan, model)
    states = plan.once((PART, "states"), lambda: states_of(plan, model, player))
    offset = plan.shared(section, PART, "middle").pick(
        range(1 - PITCHES, PITCHES), model.shift[player.manner.roam].tolist()
    )
    centre = min(max(player.centre + offset, player.low), player.high)
    return Hand(player.manner, states.get(section.material, 0), centre, player.low, player.high)
