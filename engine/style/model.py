"""A style as the composer reads it: everything about a genre that is not code.

``style.load`` makes one from YAML; the fields' meanings, units and defaults are documented in
docs/style-format.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.song import Feel, Steering
from engine.theory.meter import Meter


@dataclass(frozen=True, slots=True)
class PartStyle:
    """One player: track name, General MIDI program 0..127, MIDI range, mixer volume and pan 0..127.

    tuning: MIDI numbers of a guitar's open strings, low to high; () is standard.
    """

    track: str
    program: int
    low: int
    high: int
    volume: int = 100
    pan: int = 64
    tuning: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """A genre.

    tempo: beats per minute (low, most common, high); tempos: (tempo, weight) pairs, over the triangle, between which
    weights run evenly. seconds: length of a song (low, high).
    keys: weight of each tonic pitch class. modes: weight of each mode.
    form, harmony, phrases: names of grammars, or paths. models: the set of fitted tables.
    grammar_weights: percent by which a labelled rule's weight is multiplied, by "grammar.label".
    energy: 1..5 for each kind of section. players: the parts that play, by kind of section, each with
    the least energy at which it does. rules: the weights of soft rules, see ``style.rules``.
    bars: weight of each number of bars, by kind of section, over the form grammar's. scales: tones of voice, lead and
    bass by mode, over the mode's own. drummers: weight of each genre of drumming. time: "plain", "half" or "double",
    where the backbeat stands. form, harmony and phrases may also be lines of grammar that import the one they change.
    sources: documents the numbers come from. hash: of the resolved style, for receipts. steering: where the style
    is to be steered, or has been, see ``style.steer``.
    """

    name: str
    about: str
    tempo: tuple[int, int, int]
    seconds: tuple[int, int]
    keys: Mapping[int, int]
    modes: Mapping[str, int]
    meter: Meter
    form: str
    harmony: str
    phrases: str
    models: str
    grammar_weights: Mapping[str, int]
    energy: Mapping[str, int]
    players: Mapping[str, Mapping[str, int]]
    parts: Mapping[str, PartStyle]
    rules: Mapping[str, int]
    feel: Feel
    sources: tuple[str, ...]
    hash: str
    steering: Steering = field(default_factory=Steering)
    bars: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    scales: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    drummers: Mapping[str, int] = field(default_factory=dict)
    time: str = "plain"
    tempos: tuple[tuple[int, int], ...] = ()
