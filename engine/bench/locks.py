"""What may not change, and what is not heard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.bench.place import find
from engine.bench.steps import taken
from engine.document import LAYERS, Document
from engine.errors import UsageError

_DONE = {"lock": "locked", "mute": "muted", "solo": "soloed"}


def lock(document: Document, *addresses: str) -> Document:
    """Return the document with places that nothing may change, until they are unlocked; raises UsageError."""
    return _added(document, "locks", "lock", addresses)


def unlock(document: Document, *addresses: str) -> Document:
    """Return the document with these locks taken off, all of them if none is named; raises UsageError."""
    return _taken_off(document, "locks", "unlock", addresses)


def mute(document: Document, *addresses: str) -> Document:
    """Return the document with places that are not heard; their notes stay in the file. Raises UsageError."""
    return _added(document, "muted", "mute", addresses)


def unmute(document: Document, *addresses: str) -> Document:
    """Return the document with these places heard again, all of them if none is named; raises UsageError."""
    return _taken_off(document, "muted", "unmute", addresses)


def solo(document: Document, *addresses: str) -> Document:
    """Return the document with nothing but these places heard; raises UsageError."""
    return _added(document, "solo", "solo", addresses)


def unsolo(document: Document, *addresses: str) -> Document:
    """Return the document with these places no longer heard alone, all if none is named; raises UsageError."""
    return _taken_off(document, "solo", "unsolo", addresses)


def _added(document: Document, field: str, word: str, addresses: tuple[str, ...]) -> Document:
    for address in addresses:
        place = find(address, document.song)
        if field != "locks" and place.layer in LAYERS:
            raise UsageError(f"{place.text} makes no sound", "name a part, such as chorus/melody")
        places: tuple[str, ...] = getattr(document, field)
        if place.text in places:
            raise UsageError(f"{place.text} is {_DONE[word]} already")
        document = _set(document, field, (*places, place.text), f"{word} {place.text}")
    return document


def _taken_off(document: Document, field: str, word: str, addresses: tuple[str, ...]) -> Document:
    places: tuple[str, ...] = getattr(document, field)
    if not places:
        raise UsageError(f"nothing to {word}")
    if not addresses:
        return _set(document, field, (), word)
    for address in addresses:
        place = find(address, document.song)
        places = getattr(document, field)
        if place.text not in places:
            raise UsageError(f"cannot {word} {place.text}", f"there are {', '.join(places)}" if places else "")
        document = _set(document, field, tuple(p for p in places if p != place.text), f"{word} {place.text}")
    return document


def _set(document: Document, field: str, places: tuple[str, ...], did: str) -> Document:
    changed: dict[str, Any] = {field: places}
    return taken(document, replace(document, **changed), did)
