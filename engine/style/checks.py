"""What a value of a style may be. A check reads a node, notes every problem, and returns the value.

Where a node is wrong its check returns a stand-in of the right type, so that the rest is still looked
at and all problems of a file come out at once. Each also says what it takes as a JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from engine.errors import nearest
from engine.style.rules import RULES
from engine.style.tree import Node

Tell = Callable[[Node, str, str], None]  # node, key path, what is wrong


@dataclass(frozen=True)
class Check:
    """A check, and the JSON Schema of what it takes."""

    read: Callable[[Node, str, Tell], Any]
    schema: Mapping[str, Any]

    def __call__(self, node: Node, path: str, tell: Tell) -> Any:
        """Return the value of a node, or a stand-in after telling what is wrong."""
        return self.read(node, path, tell)


class Field(NamedTuple):
    """A key of a record: the check of its value, and what it means (one line for the documents).

    default: what holds where the key is left out, in words.
    """

    check: Check
    about: str
    needed: bool = True
    default: str = ""


def whole(low: int, high: int, unit: str = "") -> Check:
    """Return a check for a whole number on low .. high."""

    def check(node: Node, path: str, tell: Tell) -> int:
        value = node.value
        if isinstance(value, int) and not node.quoted and low <= value <= high:
            return value
        tell(node, path, f"{shown(node)}, expected a whole number from {low} to {high}{unit and ' ' + unit}")
        return low

    return Check(check, {"type": "integer", "minimum": low, "maximum": high})


def _text(node: Node, path: str, tell: Tell) -> str:
    """Return a line of text."""
    if isinstance(node.value, (str, int)) and str(node.value).strip():
        return " ".join(str(node.value).split())
    tell(node, path, f"{shown(node)}, expected text")
    return ""


def _lines(node: Node, path: str, tell: Tell) -> str:
    """Return text of several lines as it stands."""
    if isinstance(node.value, str) and node.value.strip():
        return node.value.strip() + "\n"
    tell(node, path, f"{shown(node)}, expected lines of text")
    return ""


text = Check(_text, {"type": "string", "minLength": 1})
lines = Check(_lines, {"type": "string", "minLength": 1})


def name_of(kind: str, known: Collection[str]) -> Check:
    """Return a check for one of the known names."""

    def check(node: Node, path: str, tell: Tell) -> str:
        if isinstance(node.value, str) and node.value in known:
            return node.value
        tell(node, path, f"unknown {kind} {shown(node)}{hint(str(node.value), known)}")
        return next(iter(known))

    return Check(check, {"enum": list(known)})


def program(table: Mapping[str, int]) -> Check:
    """Return a check for an instrument's name that gives its program number."""
    named = name_of("instrument", table)
    return Check(lambda node, path, tell: table[named(node, path, tell)], named.schema)


def clock(low: int, high: int) -> Check:
    """Return a check for a time such as 3:30 that gives seconds on low .. high."""

    def check(node: Node, path: str, tell: Tell) -> int:
        found = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", str(node.value))
        seconds = int(found[1]) * 60 + int(found[2]) if found else -1
        if low <= seconds <= high:
            return seconds
        limits = f"{low // 60}:{low % 60:02} to {high // 60}:{high % 60:02}"
        tell(node, path, f"{shown(node)}, expected minutes and seconds from {limits}")
        return low

    return Check(check, {"type": "string", "pattern": "^[0-9]{1,2}:[0-5][0-9]$"})


def rising(check: Check, *names: str) -> Check:
    """Return a check for a list of ``names`` values, none below the one before it."""

    def checked(node: Node, path: str, tell: Tell) -> tuple[Any, ...]:
        items = node.value if isinstance(node.value, list) else []
        if len(items) != len(names):
            tell(node, path, f"{shown(node)}, expected a list of {len(names)}: [{', '.join(names)}]")
            items = []
        values = tuple(check(item, f"{path}[{number}]", tell) for number, item in enumerate(items, 1))
        if any(a > b for a, b in pairwise(values)):
            tell(node, path, f"expected [{', '.join(names)}] in rising order")
        return values or (0,) * len(names)

    size = len(names)
    return Check(checked, {"type": "array", "items": check.schema, "minItems": size, "maxItems": size})


def listed(check: Check) -> Check:
    """Return a check for a list of values."""

    def checked(node: Node, path: str, tell: Tell) -> tuple[Any, ...]:
        if isinstance(node.value, list):
            return tuple(check(item, f"{path}[{number}]", tell) for number, item in enumerate(node.value, 1))
        tell(node, path, f"{shown(node)}, expected a list")
        return ()

    return Check(checked, {"type": "array", "items": check.schema})


def mapping(kind: str, known: Collection[str] | None, check: Check) -> Check:
    """Return a check for values by name; any name when ``known`` is None."""

    def checked(node: Node, path: str, tell: Tell) -> dict[str, Any]:
        if not isinstance(node.value, dict):
            tell(node, path, f"{shown(node)}, expected values by {kind}")
            return {}
        found = {}
        for key, item in node.value.items():
            if known is not None and key not in known:
                tell(item, join(path, key), f"unknown {kind}{hint(key, known)}")
            else:
                found[key] = check(item, join(path, key), tell)
        return found

    return Check(checked, _mapping_schema(known, check))


def _mapping_schema(known: Collection[str] | None, check: Check) -> dict[str, Any]:
    if known is None:
        return {"type": "object", "additionalProperties": or_nothing(check.schema)}
    properties = {name: or_nothing(check.schema) for name in known}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def or_nothing(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that also takes the empty value, with which a style takes away a key of its parent's."""
    return {"anyOf": [dict(schema), {"type": "null"}]}


def weights(kind: str, known: Collection[str] | None, number: Callable[[str], Any] = str) -> Check:
    """Return a check for weights (whole numbers, one of them positive) by name."""
    checked = mapping(kind, known, whole(0, 100_000))

    def check(node: Node, path: str, tell: Tell) -> dict[Any, int]:
        found = {number(key): weight for key, weight in checked(node, path, tell).items()}
        if isinstance(node.value, dict) and not any(found.values()):
            tell(node, path, "every weight is 0, expected one above")
        return found

    return Check(check, checked.schema)


def _rule_weights(node: Node, path: str, tell: Tell) -> dict[str, int]:
    """Return the weight of every soft rule there is, defaults filled in."""
    found = {name: rule.default for name, rule in RULES.items()}
    given = mapping("rule", RULES, Check(lambda item, _path, _tell: item, {}))(node, path, tell)
    for name, item in given.items():
        found[name] = whole(RULES[name].low, RULES[name].high)(item, f"{path}.{name}", tell)
    return dict(sorted(found.items()))


_RULE_FIELDS = {
    name: or_nothing(
        {
            "type": "integer",
            "minimum": rule.low,
            "maximum": rule.high,
            "default": rule.default,
            "description": rule.about,
        }
    )
    for name, rule in RULES.items()
}
rule_weights = Check(_rule_weights, {"type": "object", "properties": _RULE_FIELDS, "additionalProperties": False})


def record(fields: Mapping[str, Field]) -> Check:
    """Return a check for a mapping of these keys that gives its values by key."""

    def check(node: Node, path: str, tell: Tell) -> dict[str, Any]:
        if not isinstance(node.value, dict):
            tell(node, path, f"{shown(node)}, expected the keys {', '.join(fields)}")
            return {}
        found = {}
        for key, item in node.value.items():
            if key in fields:
                found[key] = fields[key].check(item, join(path, key), tell)
            else:
                tell(item, join(path, key), f"unknown key{hint(key, fields)}")
        for key, field in fields.items():
            if field.needed and key not in node.value:
                tell(node, join(path, key), f"is missing: {field.about}")
        return found

    return Check(check, record_schema(fields))


def record_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the JSON Schema of a record. No key is required: what a style extends may have it."""
    properties = {}
    for key, field in fields.items():
        about = field.about + (f"; {field.default} when left out" if field.default else "")
        properties[key] = {**or_nothing(field.check.schema), "description": about}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def join(path: str, key: str) -> str:
    """Return the path of a key below another."""
    return f"{path}.{key}" if path else key


_MANY, _FEW = 24, 4  # names that a message lists, and those it gives as examples


def hint(name: str, known: Collection[str]) -> str:
    """Return the nearest known name, as the end of a message."""
    found = nearest(name, known)
    if found.startswith("known") and len(known) > _MANY:
        found = f"such as {', '.join(list(known)[:_FEW])} ({len(known)} in all)"
    return f", {found}" if found else ""


def shown(node: Node) -> str:
    """Return a value as a message shows it."""
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    if node.value is None:
        return "nothing"
    value = str(node.value)
    return f'"{value[:40]}..."' if len(value) > 40 else f'"{value}"'
