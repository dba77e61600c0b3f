"""What a value of a style may be. A check reads a node, notes every problem, and returns the value.

Where a node is wrong its check returns a stand-in of the right type, so that the rest is still looked
at and all problems of a file come out at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from engine.errors import nearest
from engine.song import KINDS
from engine.style.rules import RULES
from engine.style.tree import Node
from engine.theory.gm import PROGRAMS
from engine.theory.key import SCALES
from engine.theory.meter import Meter
from engine.theory.pitch import midi_number, pitch_class

PLAYERS = ("melody", "lead", "rhythm", "bass", "drums")
# Roland GS numbers, which most General MIDI instruments follow.
KITS = {"Standard Kit": 0, "Room Kit": 8, "Power Kit": 16, "Electronic Kit": 24, "Jazz Kit": 32, "Brush Kit": 40}

Tell = Callable[[Node, str, str], None]  # node, key path, what is wrong
Check = Callable[[Node, str, Tell], Any]


class Field(NamedTuple):
    """A key of a record: the check of its value, and what it means (one line for the documents)."""

    check: Check
    about: str
    needed: bool = True


def whole(low: int, high: int, unit: str = "") -> Check:
    """Return a check for a whole number on low .. high."""

    def check(node: Node, path: str, tell: Tell) -> int:
        value = node.value
        if isinstance(value, int) and not node.quoted and low <= value <= high:
            return value
        tell(node, path, f"{_shown(node)}, expected a whole number from {low} to {high}{unit and ' ' + unit}")
        return low

    return check


def text(node: Node, path: str, tell: Tell) -> str:
    """Return a line of text."""
    if isinstance(node.value, (str, int)) and str(node.value).strip():
        return " ".join(str(node.value).split())
    tell(node, path, f"{_shown(node)}, expected text")
    return ""


def name_of(kind: str, known: Collection[str]) -> Check:
    """Return a check for one of the known names."""

    def check(node: Node, path: str, tell: Tell) -> str:
        if isinstance(node.value, str) and node.value in known:
            return node.value
        tell(node, path, f"unknown {kind} {_shown(node)}{_hint(str(node.value), known)}")
        return next(iter(known))

    return check


def program(table: Mapping[str, int]) -> Check:
    """Return a check for an instrument's name that gives its program number."""
    named = name_of("instrument", table)
    return lambda node, path, tell: table[named(node, path, tell)]


def clock(low: int, high: int) -> Check:
    """Return a check for a time such as 3:30 that gives seconds on low .. high."""

    def check(node: Node, path: str, tell: Tell) -> int:
        found = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", str(node.value))
        seconds = int(found[1]) * 60 + int(found[2]) if found else -1
        if low <= seconds <= high:
            return seconds
        limits = f"{low // 60}:{low % 60:02} to {high // 60}:{high % 60:02}"
        tell(node, path, f"{_shown(node)}, expected minutes and seconds from {limits}")
        return low

    return check


def meter(node: Node, path: str, tell: Tell) -> Meter:
    """Return the metre written as 4/4."""
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})", str(node.value))
    if found:
        try:
            return Meter(int(found[1]), int(found[2]))
        except ValueError as error:
            tell(node, path, str(error))
            return Meter()
    tell(node, path, f"{_shown(node)}, expected a time signature such as 4/4")
    return Meter()


def rising(check: Check, *names: str) -> Check:
    """Return a check for a list of ``names`` values, none below the one before it."""

    def checked(node: Node, path: str, tell: Tell) -> tuple[Any, ...]:
        items = node.value if isinstance(node.value, list) else []
        if len(items) != len(names):
            tell(node, path, f"{_shown(node)}, expected a list of {len(names)}: [{', '.join(names)}]")
            items = []
        values = tuple(check(item, f"{path}[{number}]", tell) for number, item in enumerate(items, 1))
        if any(a > b for a, b in pairwise(values)):
            tell(node, path, f"expected [{', '.join(names)}] in rising order")
        return values or (0,) * len(names)

    return checked


def pitch(node: Node, path: str, tell: Tell) -> int:
    """Return the MIDI number of a pitch such as E2."""
    try:
        return midi_number(str(node.value))
    except ValueError as error:
        tell(node, path, str(error))
        return 0


def listed(check: Check) -> Check:
    """Return a check for a list of values."""

    def checked(node: Node, path: str, tell: Tell) -> tuple[Any, ...]:
        if isinstance(node.value, list):
            return tuple(check(item, f"{path}[{number}]", tell) for number, item in enumerate(node.value, 1))
        tell(node, path, f"{_shown(node)}, expected a list")
        return ()

    return checked


def mapping(kind: str, known: Collection[str] | None, check: Check) -> Check:
    """Return a check for values by name; any name when ``known`` is None."""

    def checked(node: Node, path: str, tell: Tell) -> dict[str, Any]:
        if not isinstance(node.value, dict):
            tell(node, path, f"{_shown(node)}, expected values by {kind}")
            return {}
        found = {}
        for key, item in node.value.items():
            if known is not None and key not in known:
                tell(item, _join(path, key), f"unknown {kind}{_hint(key, known)}")
            else:
                found[key] = check(item, _join(path, key), tell)
        return found

    return checked


def weights(kind: str, known: Collection[str] | None, number: Callable[[str], Any] = str) -> Check:
    """Return a check for weights (whole numbers, one of them positive) by name."""
    checked = mapping(kind, known, whole(0, 100_000))

    def check(node: Node, path: str, tell: Tell) -> dict[Any, int]:
        found = {number(key): weight for key, weight in checked(node, path, tell).items()}
        if isinstance(node.value, dict) and not any(found.values()):
            tell(node, path, "every weight is 0, expected one above")
        return found

    return check


def keys(node: Node, path: str, tell: Tell) -> dict[int, int]:
    """Return the weight of each tonic, by pitch class."""
    names = tuple(letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b"))
    found: dict[int, int] = weights("key", names, pitch_class)(node, path, tell)
    if isinstance(node.value, dict) and len(found) < len([key for key in node.value if key in names]):
        tell(node, path, "two of the keys are one and the same note (such as A# and Bb)")
    return dict(sorted(found.items()))


def rule_weights(node: Node, path: str, tell: Tell) -> dict[str, int]:
    """Return the weight of every soft rule there is, defaults filled in."""
    found = {name: rule.default for name, rule in RULES.items()}
    given = mapping("rule", RULES, lambda item, _path, _tell: item)(node, path, tell)
    for name, item in given.items():
        found[name] = whole(RULES[name].low, RULES[name].high)(item, f"{path}.{name}", tell)
    return dict(sorted(found.items()))


def record(fields: Mapping[str, Field]) -> Check:
    """Return a check for a mapping of these keys that gives its values by key."""

    def check(node: Node, path: str, tell: Tell) -> dict[str, Any]:
        if not isinstance(node.value, dict):
            tell(node, path, f"{_shown(node)}, expected the keys {', '.join(fields)}")
            return {}
        found = {}
        for key, item in node.value.items():
            if key in fields:
                found[key] = fields[key].check(item, _join(path, key), tell)
            else:
                tell(item, _join(path, key), f"unknown key{_hint(key, fields)}")
        for key, field in fields.items():
            if field.needed and key not in node.value:
                tell(node, _join(path, key), f"is missing: {field.about}")
        return found

    return check


def _part(table: Mapping[str, int]) -> dict[str, Field]:
    return {
        "track": Field(text, "the track's name"),
        "instrument": Field(program(table), "General MIDI name"),
        "range": Field(rising(pitch, "lowest", "highest"), "lowest and highest pitch"),
        "volume": Field(whole(0, 127), "mixer volume", needed=False),
        "pan": Field(whole(0, 127), "0 left, 64 middle, 127 right", needed=False),
    }


def parts(node: Node, path: str, tell: Tell) -> dict[str, dict[str, Any]]:
    """Return the values of each player's part."""
    pitched, drums = record(_part(PROGRAMS)), record(_part(KITS))

    def check(item: Node, at: str, _tell: Tell) -> Any:
        return (drums if at.endswith(".drums") else pitched)(item, at, _tell)

    found: dict[str, dict[str, Any]] = mapping("part", PLAYERS, check)(node, path, tell)
    for name in PLAYERS:
        if isinstance(node.value, dict) and name not in node.value:
            tell(node, _join(path, name), "is missing")
        low, high = found.get(name, {}).get("range", (0, 127))
        if isinstance(node.value, dict) and name in node.value and 0 < high - low < 12:
            tell(node.value[name], _join(path, name) + ".range", "expected an octave or more")
    return found


_GRAMMARS = record(
    {
        "form": Field(text, "grammar of sections"),
        "harmony": Field(text, "grammar of chords"),
        "phrases": Field(text, "grammar of phrases"),
        "weights": Field(
            mapping("label", None, whole(0, 10_000, "percent")), "percent of a rule's weight, by grammar.label", False
        ),
    }
)
_FEEL = record(
    {
        "swing": Field(whole(50, 75, "percent"), "share of the first of two notes; 50 straight, 67 triplet", False),
        "swing_unit": Field(whole(1, 2, "slots"), "slots of the swung note: 2 eighths, 1 sixteenths", False),
        "timing": Field(whole(0, 200, "percent"), "percent of the drummers' timing", False),
        "velocity": Field(whole(0, 200, "percent"), "percent of the drummers' velocity", False),
    }
)
_PERCENT = whole(0, 100, "percent")
_STEERING = record(
    {
        "energy": Field(_PERCENT, "quiet 0, loud 100", False),
        "complexity": Field(_PERCENT, "plain 0, rich 100", False),
        "catchy": Field(_PERCENT, "free 0, catchy 100", False),
        "mood": Field(_PERCENT, "bright 0, dark 100", False),
        "temperature": Field(mapping("part", PLAYERS, whole(25, 400, "percent")), "of each part", False),
    }
)
_LEVEL = whole(1, 5)

STYLE: dict[str, Field] = {
    "extends": Field(text, "the style this one builds on: a name, or a path beside this file", False),
    "about": Field(text, "one line on what it sounds like"),
    "sources": Field(listed(text), "where the numbers come from", False),
    "tempo": Field(rising(whole(30, 300, "beats per minute"), "lowest", "commonest", "highest"), "beats per minute"),
    "length": Field(rising(clock(60, 900), "shortest", "longest"), "length of a song"),
    "keys": Field(keys, "weight of each tonic"),
    "modes": Field(weights("mode", SCALES), "weight of each mode"),
    "meter": Field(meter, "time signature"),
    "grammars": Field(_GRAMMARS, "grammars by name"),
    "models": Field(text, "the set of fitted tables"),
    "energy": Field(mapping("kind of section", KINDS, _LEVEL), "1 (bare) to 5 (everything), by kind of section"),
    "players": Field(
        mapping("kind of section", KINDS, mapping("part", PLAYERS, _LEVEL)),
        "who plays: the least energy of each part, by kind of section",
    ),
    "parts": Field(parts, "instrument and range of each part"),
    "rules": Field(rule_weights, "weights of soft rules", False),
    "feel": Field(_FEEL, "swing, and percent of the learnt human feel", False),
    "steering": Field(_STEERING, "where songs are steered when nothing else is asked for; 50 is as it is", False),
}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _hint(name: str, known: Collection[str]) -> str:
    found = nearest(name, known)
    return f", {found}" if found else ""


def _shown(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    if node.value is None:
        return "nothing"
    value = str(node.value)
    return f'"{value[:40]}..."' if len(value) > 40 else f'"{value}"'
