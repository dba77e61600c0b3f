"""The keys of a style: what each may be, what it means, and what holds where it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from engine.models.genres import GENRES
from engine.song import KINDS
from engine.style.checks import (
    Check,
    Field,
    Tell,
    clock,
    join,
    lines,
    listed,
    mapping,
    name_of,
    program,
    record,
    rising,
    rule_weights,
    text,
    weights,
    whole,
)
from engine.style.tree import Node
from engine.style.values import keys, meter, pitch, tempo
from engine.theory.gm import PROGRAMS
from engine.theory.key import SCALES

PLAYERS = ("melody", "lead", "rhythm", "bass", "drums")
# Roland GS numbers, which most General MIDI instruments follow.
KITS = {"Standard Kit": 0, "Room Kit": 8, "Power Kit": 16, "Electronic Kit": 24, "Jazz Kit": 32, "Brush Kit": 40}


GRAMMARS = ("form", "harmony", "phrases")
TIMES = ("plain", "half", "double")
_LONGEST = 64  # bars of a section
_STRINGS = 6


def _part(table: Mapping[str, int]) -> dict[str, Field]:
    return {
        "track": Field(text, "the track's name"),
        "instrument": Field(program(table), "General MIDI name"),
        "range": Field(rising(pitch, "lowest", "highest"), "lowest and highest pitch, an octave or more apart"),
        "volume": Field(whole(0, 127), "mixer volume", False, "100"),
        "pan": Field(whole(0, 127), "0 left, 64 middle, 127 right", False, "64"),
    }


_TUNING = rising(pitch, *(f"string {_STRINGS - number}" for number in range(_STRINGS)))
_PARTS = {
    name: record(
        _part(KITS if name == "drums" else PROGRAMS)
        | (
            {"tuning": Field(_TUNING, "open strings from low to high", False, "[E2, A2, D3, G3, B3, E4]")}
            if name == "rhythm"
            else {}
        )
    )
    for name in PLAYERS
}


def _parts(node: Node, path: str, tell: Tell) -> dict[str, dict[str, Any]]:
    """Return the values of each player's part."""

    def check(item: Node, at: str, _tell: Tell) -> Any:
        return _PARTS[at.rpartition(".")[2]](item, at, _tell)

    found: dict[str, dict[str, Any]] = mapping("part", PLAYERS, Check(check, {}))(node, path, tell)
    for name in PLAYERS:
        if isinstance(node.value, dict) and name not in node.value:
            tell(node, join(path, name), "is missing")
        low, high = found.get(name, {}).get("range", (0, 127))
        if isinstance(node.value, dict) and name in node.value and 0 < high - low < 12:
            tell(node.value[name], join(path, name) + ".range", "expected an octave or more")
    return found


def _scale(node: Node, path: str, tell: Tell) -> tuple[int, ...]:
    """Return the tones of a scale, semitones above the tonic."""
    steps: tuple[int, ...] = listed(whole(0, 11, "semitones"))(node, path, tell)
    if steps and (steps[0] != 0 or len(steps) < _FEWEST or any(a >= b for a, b in pairwise(steps))):
        tell(node, path, "expected four tones or more, rising from 0")
        return ()
    return steps


_FEWEST = 4  # tones of a scale
_SCALE = Check(_scale, listed(whole(0, 11)).schema)
_BARS = tuple(str(number) for number in range(1, _LONGEST + 1))
_GRAMMAR_FIELDS = record(
    {
        "form": Field(text, "grammar of sections: a packaged one, or a path beside this file"),
        "harmony": Field(text, "grammar of chords"),
        "phrases": Field(text, "grammar of phrases"),
        "weights": Field(
            mapping("label", None, whole(0, 10_000, "percent")),
            "percent of a rule's weight, by grammar.label",
            False,
            "100 each",
        ),
        "rules": Field(
            mapping("grammar", GRAMMARS, lines),
            "lines of grammar, by grammar; a symbol ruled here replaces that symbol's rules",
            False,
        ),
    }
)
_FEEL = record(
    {
        "swing": Field(
            whole(50, 75, "percent"), "share of the first of two notes: 50 straight, 67 a triplet", False, "50"
        ),
        "swing_unit": Field(whole(1, 2, "slots"), "the notes that swing: 2 eighths, 1 sixteenths", False, "2"),
        "time": Field(
            name_of("time", TIMES),
            "where the backbeat stands: plain on 2 and 4, half on 3, double on every off-beat eighth",
            False,
            "plain",
        ),
        "timing": Field(whole(0, 200, "percent"), "percent of the drummers' deviations in time", False, "100"),
        "velocity": Field(whole(0, 200, "percent"), "percent of their deviations in velocity", False, "100"),
    }
)
_PERCENT = whole(0, 100, "percent")
_STEERING = record(
    {
        "energy": Field(_PERCENT, "quiet 0, loud 100", False, "50"),
        "complexity": Field(_PERCENT, "plain 0, rich 100", False, "50"),
        "catchy": Field(_PERCENT, "free 0, catchy 100", False, "50"),
        "mood": Field(_PERCENT, "bright 0, dark 100", False, "50"),
        "temperature": Field(
            mapping("part", PLAYERS, whole(25, 400, "percent")), "of each part, in percent", False, "100"
        ),
    }
)
_LEVEL = whole(1, 5)

STYLE: dict[str, Field] = {
    "extends": Field(text, "the style this one builds on: a name, or a path beside this file", False, "nothing"),
    "about": Field(text, "one line on what it sounds like"),
    "sources": Field(listed(text), "where the numbers come from", False),
    "tempo": Field(
        tempo,
        "beats per minute, drawn from the triangle over the three; or pairs [tempo, weight], between which weights run "
        "evenly; quarters in every metre",
    ),
    "length": Field(rising(clock(60, 900), "shortest", "longest"), "length of a song, minutes and seconds"),
    "keys": Field(keys, "weight of each tonic"),
    "modes": Field(weights("mode", SCALES), "weight of each mode"),
    "scales": Field(
        mapping("mode", SCALES, _SCALE),
        "tones of voice, lead and bass in a mode, semitones above the tonic",
        False,
        "the mode's own seven",
    ),
    "meter": Field(meter, "time signature, such as 4/4, 3/4, 6/8 or 12/8"),
    "bars": Field(
        mapping("kind of section", KINDS, weights("number of bars", _BARS, int)),
        "weight of each length in bars, by kind of section",
        False,
        "as the form grammar has learnt",
    ),
    "grammars": Field(_GRAMMAR_FIELDS, "grammars by name, and what of them this style changes"),
    "models": Field(text, "the set of fitted tables: a packaged one, or a folder beside this file"),
    "models_sha256": Field(text, "which tables the folder of models must hold; another set is refused", False),
    "drummers": Field(
        weights("genre of drumming", GENRES),
        "weight of the drummers of each genre, whose traits a song may have",
        False,
        "those of rock and punk",
    ),
    "energy": Field(mapping("kind of section", KINDS, _LEVEL), "1 (bare) to 5 (everything), by kind of section"),
    "players": Field(
        mapping("kind of section", KINDS, mapping("part", PLAYERS, _LEVEL)),
        "who plays: the least energy of each part, by kind of section",
    ),
    "parts": Field(
        Check(
            _parts,
            {
                "type": "object",
                "properties": {name: check.schema for name, check in _PARTS.items()},
                "additionalProperties": False,
            },
        ),
        "instrument and range of each part",
    ),
    "rules": Field(rule_weights, "weights of soft rules", False, "each rule's default"),
    "feel": Field(_FEEL, "swing, time, and percent of the learnt human feel", False),
    "steering": Field(_STEERING, "where songs are steered when nothing else is asked for; 50 is as it is", False),
}
