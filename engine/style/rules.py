"""The soft rules a style may weigh: name, default, lowest, highest, and what it does.

A rule's number is what its part reads from ``style.rules``; a new rule is one row here.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A soft rule of a part."""

    default: int
    low: int
    high: int
    about: str


RULES: dict[str, Rule] = {
    # harmony and phrases
    # melody
    # drums
    # bass
    # guitars
}
