"""Two styles side by side: what each says, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """A key that two styles do not have alike; None where one has none."""

    key: str
    first: Any
    second: Any


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what differs between two resolved styles, in the order of the first and then of the second.

    >>> differences({"tempo": [60, 70, 80], "feel": {"swing": 50}}, {"tempo": [60, 70, 80], "feel": {"swing": 60}})
    (Difference(key='feel.swing', first=50, second=60),)
    """
    here, there = dict(_leaves(first)), dict(_leaves(second))
    keys = dict.fromkeys((*here, *there))
    return tuple(Difference(key, here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key))


def _leaves(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(item, Mapping):
            yield from _leaves(item, path)
        else:
            yield path, item
