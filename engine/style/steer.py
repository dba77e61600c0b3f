"""Steering: a style bent towards more or less energy, complexity, catchiness, or a darker mood.

Every knob runs from 0 to 100 percent and leaves the style as it is at 50. It moves what a style states (the energy of
sections, weights of soft rules, of modes and of grammar rules, the voice's range), never what is forbidden, so
every rule that holds for the style holds for the steered one. All is whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from engine.chain.costs import TOP, UNIT, log2_cost, weights
from engine.grammar.load import load_grammar
from engine.grammar.model import Grammar, Rule
from engine.song import Feel, Steering
from engine.style.model import Style
from engine.style.rules import RULES
from engine.theory.chord import parse_numeral

LOWEST, HIGHEST = 1, 5  # energies
# What a knob at 0 and at 100 makes of a rule, in percent of what the style says.
ENERGY = {
    "melody.density": (70, 135),
    "drums.kick": (5, 350),
    "drums.snare": (10, 300),
    "drums.steady": (20, 300),
    "drums.ghost": (20, 200),
    "drums.open": (40, 180),
    "drums.loose": (40, 180),
    "drums.crash_ride": (0, 120),
    "drums.fill": (60, 125),
    "drums.small_fill": (30, 220),
    "drums.build": (50, 180),
    "drums.half_time": (170, 30),
    "drums.stick": (200, 30),
    "drums.bare_intro": (250, 20),
    "bass.notes": (65, 150),
    "guitar.notes": (65, 150),
    "guitar.hold": (200, 40),
    "guitar.arpeggio": (200, 40),
    "guitar.mute": (70, 130),
    "guitar.power": (50, 160),
    "lead.notes": (65, 150),
    "lead.answer": (60, 140),
}
COMPLEXITY = {
    "melody.offbeat": (60, 150),
    "harmony.colour": (0, 500),
    "harmony.power": (300, 0),
    "drums.vary": (0, 400),
    "drums.small_fill": (30, 260),
    "drums.ghost": (0, 350),
    "drums.downbeat": (200, 40),
    "drums.kick": (70, 150),
    "bass.riff": (100, 55),
    "bass.related": (160, 40),
    "bass.root": (300, 60),
    "bass.colour": (30, 200),
    "bass.approach": (40, 170),
    "bass.chromatic": (0, 350),
    "lead.passing": (40, 220),
    "lead.sixteenths": (0, 240),
}
CATCHY = {
    "melody.hooks": (6, 400),
    "melody.verse-again": (118, 25),
    "melody.chorus-again": (150, 15),
}
FORCE = 10  # steps of velocity at either end of energy
BEND = 60  # percent of the way to the lowest or highest energy that a section goes
TESSITURA = 5  # semitones by which the voice's range gives way at either end of mood
# How bright a mode is: accidentals of its signature above those of mixolydian.
BRIGHTNESS = {"lydian": 2, "major": 1, "mixolydian": 0, "dorian": -1, "minor": -2, "phrygian": -3}


def steered(style: Style, asked: Steering) -> Style:
    """Return the style bent as asked for, and as it asks itself where nothing else is; itself where nothing is."""
    own = style.steering
    heat = {**dict(own.temperature), **dict(asked.temperature)}
    pairs = zip(_knobs(asked), _knobs(own), strict=True)
    energy, complexity, catchy, mood = (there if there is not None else here for there, here in pairs)
    wanted = Steering(energy, complexity, catchy, mood, tuple(sorted(heat.items())))
    return _steered(_Same(style), wanted) if wanted != Steering() else style


class _Same:
    """A style as the key of a memory: styles hold mappings, which have no hash."""

    def __init__(self, style: Style) -> None:
        self.style = style

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.style is other.style

    def __hash__(self) -> int:
        return id(self.style)


@lru_cache(maxsize=32)
def _steered(same: _Same, wanted: Steering) -> Style:
    style = replace(same.style, steering=wanted)
    for at, bend in zip(_knobs(wanted), (_energy, _complexity, _catchy, _mood), strict=True):
        if at is not None and at != 50:
            style = bend(style, at)
    return style


def _knobs(steering: Steering) -> tuple[int | None, ...]:
    return steering.energy, steering.complexity, steering.catchy, steering.mood


def _energy(style: Style, at: int) -> Style:
    levels = {kind: _bent(level, at) for kind, level in style.energy.items()}
    feel: Feel = replace(style.feel, force=_between(at, -FORCE, 0, FORCE))
    return replace(style, energy=levels, rules=_scaled(style.rules, ENERGY, at), feel=feel)


def _bent(level: int, at: int) -> int:
    """Return an energy moved towards the lowest (at 0) or the highest (at 100), to the nearest whole one."""
    way = (HIGHEST - level if at > 50 else level - LOWEST) * abs(at - 50) * BEND
    return level + (way + 2500) // 5000 * (1 if at > 50 else -1)


def _complexity(style: Style, at: int) -> Style:
    percent = _weighed(style, "harmony", at, _movement)
    return replace(style, rules=_scaled(style.rules, COMPLEXITY, at), grammar_weights=percent)


def _catchy(style: Style, at: int) -> Style:
    percent = _weighed(style, "phrases", at, _repetition)
    return replace(style, rules=_scaled(style.rules, CATCHY, at), grammar_weights=percent)


def _mood(style: Style, at: int) -> Style:
    modes = {mode: weight * _power(-3 * BRIGHTNESS[mode] * UNIT * (at - 50)) for mode, weight in style.modes.items()}
    parts = dict(style.parts)
    if "melody" in parts:
        voice = parts["melody"]
        room = max(voice.high - voice.low - 12, 0)
        give = min(_between(at, -TESSITURA, 0, TESSITURA), room, key=abs) if room else 0
        parts["melody"] = replace(voice, low=voice.low + max(-give, 0), high=voice.high - max(give, 0))
    percent = _weighed(style, "harmony", at, _darkness)
    return replace(style, modes=modes, parts=parts, grammar_weights=percent)


def _between(at: int, low: int, middle: int, high: int) -> int:
    """Return the value at a percent: ``low`` at 0, ``middle`` at 50, ``high`` at 100, evenly between."""
    if at < 50:
        return middle + _rounded((low - middle) * (50 - at), 50)
    return middle + _rounded((high - middle) * (at - 50), 50)


def _rounded(over: int, under: int) -> int:
    return (2 * over + under) // (2 * under)


def _scaled(rules: Mapping[str, int], table: Mapping[str, tuple[int, int]], at: int) -> dict[str, int]:
    found = dict(rules)
    for name, (low, high) in table.items():
        rule = RULES[name]
        found[name] = min(max(_rounded(rules[name] * _between(at, low, 100, high), 100), rule.low), rule.high)
    return found


def _weighed(style: Style, name: str, at: int, of: Callable[[Rule, Grammar], int]) -> dict[str, int]:
    """Return the style's percents of grammar rules, multiplied by what a feature of the rules is worth."""
    grammar = load_grammar(getattr(style, name), style.models)
    found = dict(style.grammar_weights)
    for rule in grammar.all_rules():
        worth = of(rule, grammar)
        if worth and rule.label:
            key = f"{name}.{rule.label}"
            found[key] = max(found.get(key, 100) * _power(worth * (at - 50)) // _ONE, min(found.get(key, 100), 1))
    return found


_ONE = 1 << 8
_MOST = 8 * UNIT  # what a weight may be bent by, either way: 8 bits


def _power(bend: int) -> int:
    """Return 2**(bend / 50 / UNIT), in 1/256, between 2**-8 and 2**8."""
    bits = min(max(bend // 50, -_MOST), _MOST)
    return int(weights(np.array([_MOST - bits]))[0]) * _ONE // (TOP >> 8)


# What a rule of a grammar is worth to a knob: by how many 1/256 bits it weighs more with the knob at 100.


def _darkness(rule: Rule, grammar: Grammar) -> int:
    """Return how dark the chords of a rule are: minor ones, and those with tones lowered from the major scale."""
    chords = [item.symbol for item in rule.items if item.kind == "sub" and grammar.is_terminal(item.symbol)]
    return sum(map(_dark, chords)) * UNIT // len(chords) if chords else 0


@lru_cache(maxsize=256)
def _dark(numeral: str) -> int:
    chord = parse_numeral(numeral)
    lowered = sum(tone % 12 in (1, 3, 8, 10) for tone in chord.pitch_classes)
    return 2 * ((chord.root + 3) % 12 in chord.pitch_classes) + lowered


_HELD = ("one-", "off-")  # labels of rules that stay on one chord


def _movement(rule: Rule, grammar: Grammar) -> int:
    """Return how a rule of chords moves: what stays on one chord less, chords rarer than others in its place more.

    What is rare is told by the grammar's own weights.
    """
    if rule.label.startswith(_HELD):
        return -2 * UNIT
    if not all(grammar.is_terminal(item.symbol) for item in rule.items):
        return 0
    most = max(other.weight for other in grammar.rules[rule.symbol])
    return min(log2_cost(max(most, 1)) - log2_cost(max(rule.weight, 1)), 3 * UNIT)


def _repetition(rule: Rule, grammar: Grammar) -> int:
    """Return how much a rule of phrases repeats: exactly, varied or with another end, or not at all."""
    uses = [item for item in rule.items if item.kind == "use"]
    if not uses:
        return -UNIT if sum(item.kind != "bind" for item in rule.items) > 1 else 0
    return 2 * UNIT if sum(not item.change for item in uses) > 1 else UNIT
