"""Checks for what is peculiar to music: metres, tempi, pitches and keys."""

from __future__ import annotations

import re
from itertools import pairwise

from engine.style.checks import Check, Tell, rising, shown, weights, whole
from engine.style.tree import Node
from engine.theory.meter import Meter
from engine.theory.pitch import midi_number, pitch_class


def _meter(node: Node, path: str, tell: Tell) -> Meter:
    """Return the metre written as 4/4."""
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})", str(node.value))
    if found:
        try:
            return Meter(int(found[1]), int(found[2]))
        except ValueError as error:
            tell(node, path, str(error))
            return Meter()
    tell(node, path, f"{shown(node)}, expected a time signature such as 4/4")
    return Meter()


meter = Check(_meter, {"type": "string", "pattern": "^[0-9]{1,2}/(2|4|8|16)$"})


_BPM = whole(30, 300, "beats per minute")
_TRIANGLE = rising(_BPM, "lowest", "commonest", "highest")
_TEMPO_WEIGHT = whole(0, 1_000_000)


def _tempo(node: Node, path: str, tell: Tell) -> tuple[int, ...] | tuple[tuple[int, int], ...]:
    """Return (lowest, commonest, highest) tempo, or (tempo, weight) pairs."""
    if not isinstance(node.value, list) or not any(isinstance(item.value, list) for item in node.value):
        triangle: tuple[int, ...] = _TRIANGLE(node, path, tell)
        return triangle
    found = []
    for number, item in enumerate(node.value, 1):
        if not isinstance(item.value, list) or len(item.value) != 2:
            tell(item, f"{path}[{number}]", f"{shown(item)}, expected a pair [tempo, weight]")
            continue
        bpm, weight = item.value
        found.append((_BPM(bpm, f"{path}[{number}]", tell), _TEMPO_WEIGHT(weight, f"{path}[{number}]", tell)))
    if any(a >= b for (a, _), (b, _) in pairwise(found)) or not any(weight for _, weight in found):
        tell(node, path, "expected pairs [tempo, weight] of rising tempi, one weight above 0 at least")
    return tuple(found) or ((1, 1),)


_PAIR = {"type": "array", "prefixItems": [_BPM.schema, _TEMPO_WEIGHT.schema], "minItems": 2, "maxItems": 2}
tempo = Check(_tempo, {"anyOf": [_TRIANGLE.schema, {"type": "array", "items": _PAIR, "minItems": 1}]})


def _pitch(node: Node, path: str, tell: Tell) -> int:
    """Return the MIDI number of a pitch such as E2."""
    try:
        return midi_number(str(node.value))
    except ValueError as error:
        tell(node, path, str(error))
        return 0


pitch = Check(_pitch, {"type": "string", "pattern": "^[A-Ga-g][#b]?-?[0-9]$"})


def _keys(node: Node, path: str, tell: Tell) -> dict[int, int]:
    """Return the weight of each tonic, by pitch class."""
    found: dict[int, int] = _KEYS(node, path, tell)
    if isinstance(node.value, dict) and len(found) < len([key for key in node.value if key in _NOTES]):
        tell(node, path, "two of the keys are one and the same note (such as A# and Bb)")
    return dict(sorted(found.items()))


_NOTES = tuple(letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b"))
_KEYS = weights("key", _NOTES, pitch_class)
keys = Check(_keys, _KEYS.schema)
