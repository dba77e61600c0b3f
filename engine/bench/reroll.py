"""Another take of one place, and nothing else."""

from __future__ import annotations

from engine.bench.form import reform
from engine.bench.place import FORM, Place, find, take_keys
from engine.bench.remake import READERS, free_layers, own_material, remade
from engine.bench.steps import taken
from engine.document import LAYERS, PICKUP, Document, cells
from engine.errors import UsageError
from engine.garbage import uncollected
from engine.plan.wishes import Wishes, for_bars
from engine.song import Section
from engine.theory.meter import SLOT

MOST_TRIES = 16  # takes that may give what is there already, before we say that there is nothing else
MOST_TAKE = (1 << 31) - 1
MOST_TAKES = 64


@uncollected()
def reroll(document: Document, address: str, take: int | None = None, wishes: Wishes | None = None) -> Document:
    """Return the document with another take of a place; all else stays as it is.

    take: its number; by default the next one that sounds different. wishes: what a melody is to be. Raises UsageError
    for what is no place, or locked, and for wishes that collide.
    """
    if take is not None and not 0 <= take <= MOST_TAKE:
        raise UsageError(f"take {take}: expected a whole number from 0")
    if address in FORM:
        return reform(document, take)
    place = find(address, document.song)
    if wishes and place.layer != "melody":
        raise UsageError(f"{place.text} is no melody: wishes are for what is sung", "such as chorus/melody")
    wanted = wanted_at(document, place)
    now = dict(document.takes)
    keys = [key for layer in _layers(document, place) for key in take_keys(place, layer)]
    number = max(now.get(key, 0) for key in keys) + 1 if take is None else take
    tries = MOST_TRIES if take is None else 1
    for one in range(number, number + tries):
        found = _at(document, place, wanted, now | dict.fromkeys(keys, one), wishes)
        if take is not None or _differs(document, found):
            return taken(document, found, f"reroll {place.text}={one}" + (f" with {wishes}" if wishes else ""))
    raise UsageError(f"{place.text}: {tries} takes gave what is there already", "nothing else fits here")


def to_rhythm(document: Document, address: str, rhythm: Wishes) -> Wishes:
    """Return the wish for a rhythm as it goes round in the sections of a place, up to the next one's pick-up."""
    song = document.song
    section = find(address, song).sections[0]
    rows = for_bars(rhythm.rhythm, section.bars, song.meter)
    room = section.bars * song.meter.slots - (PICKUP // SLOT if section.name != song.sections[-1].name else 0)
    return Wishes(rhythm=tuple((slot, min(length, room - slot)) for slot, length in rows if slot < room))


def takes(document: Document, address: str, count: int, wishes: Wishes | None = None) -> tuple[Document, ...]:
    """Return so many documents, each with another take of a place, in order of the takes; raises as ``reroll``."""
    if not 1 <= count <= MOST_TAKES:
        raise UsageError(f"{count} takes: expected 1 to {MOST_TAKES}")
    found: list[Document] = []
    number = None
    while len(found) < count:
        one = reroll(document, address, number, wishes)
        number = int(one.song.edits[-1].partition("=")[2].partition(" ")[0])
        if number > MOST_TRIES * count:
            break
        if all(one.song.parts != other.song.parts for other in (document, *found)):
            found.append(one)
        number += 1
    return tuple(found)


def other_take(document: Document, place: Place, number: int) -> Document:
    """Return the document with the take of a part that lies so many takes after the one it has."""
    now = dict(document.takes)
    keys = take_keys(place, place.layer)
    first = max(now.get(key, 0) for key in keys)
    return _at(document, place, wanted_at(document, place), now | dict.fromkeys(keys, first + number), None)


def _layers(document: Document, place: Place) -> tuple[str, ...]:
    if place.layer:
        return (place.layer,)
    return (*LAYERS, *(part.name for part in document.song.parts))


def wanted_at(document: Document, place: Place) -> dict[str, frozenset[str]]:
    """Return which layers of which sections are made again; raises UsageError where there is nothing to make."""
    layers = _layers(document, place)
    wanted = {section.name: free_layers(document, section, layers) for section in place.sections}
    wanted = {name: free for name, free in wanted.items() if free.intersection(layers)}
    if not wanted:
        raise UsageError(f"{place.text} is locked", f"free it with: hookline unlock FILE {place.text}")
    playing = [s for s in place.sections if s.name in wanted and _has(s, place.layer)]
    if not playing:
        raise UsageError(f"{place.text}: nobody plays there", f"let it: hookline edit FILE --on {place.text}")
    return wanted


def _has(section: Section, layer: str) -> bool:
    return not layer or layer in READERS or layer in section.players


def _at(
    document: Document,
    place: Place,
    wanted: dict[str, frozenset[str]],
    takes: dict[str, int],
    wishes: Wishes | None,
) -> Document:
    parted = document
    if place.single and {"chords", "phrases"} & wanted[place.head]:
        from dataclasses import replace

        parted = replace(document, song=own_material(document.song, place.head))
    kinds = {section.kind for section in place.sections} if place.layer in ("", "chords") else set()
    return remade(parted, takes, wanted, drop_given=kinds, wishes=wishes)


def _differs(document: Document, found: Document) -> bool:
    one, other = document.song, found.song
    if cells(one) != cells(other):
        return True
    return [(s.chords, s.phrases, s.groove) for s in one.sections] != [
        (s.chords, s.phrases, s.groove) for s in other.sections
    ]
