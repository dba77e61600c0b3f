"""Places of a song as a person names them: "chorus/melody", "verse/1/drums", "*/bass", "bridge", "verse/chords"."""

from __future__ import annotations

from typing import NamedTuple

from engine.document import LAYERS
from engine.errors import UsageError, nearest
from engine.song import Section, Song

EVERYWHERE = ("*", "song", "all")
ALIASES = {"voice": "melody", "vocal": "melody", "vocals": "melody", "guitar": "rhythm", "harmony": "chords"}
FORM = ("form", "song/form")  # the order of the sections, which only a reroll knows
HINT = "such as chorus/melody, verse/1/drums, */bass, bridge or chorus/chords"


class Place(NamedTuple):
    """What an address names: the sections, in order of the song, and the part or layer ("" is all of them).

    head: a section's name, a kind or a material of sections, or "" for the whole song.
    """

    head: str
    layer: str
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """The address in its shortest form."""
        return "/".join(filter(None, (self.head, self.layer))) or "song"

    @property
    def single(self) -> bool:
        """Whether one section is named by its number."""
        return "/" in self.head


def find(text: str, song: Song) -> Place:
    """Return the place that an address names in a song; raises UsageError with the nearest one there is."""
    words = text.strip().lower().split("/")
    layers = (*(part.name for part in song.parts), *LAYERS)
    layer = ALIASES.get(words[-1], words[-1])
    if layer in layers:
        words.pop()
    else:
        layer = ""
    head = "/".join(words)
    if head in EVERYWHERE or (layer and not head):
        return Place("", layer, song.sections)
    named = tuple(s for s in song.sections if s.name == head)
    alike = {s.material for s in song.sections if head in (s.kind, s.material)}
    sections = named or tuple(s for s in song.sections if s.material in alike)
    if sections:
        return Place(head, layer, sections)
    raise UsageError(f'"{text}" is no place of this song', _hint(words, song, layers))


def find_section(text: str, song: Song) -> Section:
    """Return the one section of that name; a kind names it where there is one alone. Raises UsageError."""
    place = find(text, song)
    if place.layer or not place.head or len(place.sections) > 1:
        names = nearest(text, [section.name for section in song.sections])
        raise UsageError(f'"{text}" is not one section', names)
    return place.sections[0]


def take_keys(place: Place, part: str) -> tuple[str, ...]:
    """Return the places whose take numbers make another take of a part (or layer, by its part's name) there."""
    part = LAYERS.get(part, part)
    if place.single:
        return (f"{place.head}/{part}",)
    keys = [f"{material}/{part}" for material in dict.fromkeys(section.material for section in place.sections)]
    return (*keys, *((f"song/{part}",) if not place.head else ()))


def _hint(words: list[str], song: Song, layers: tuple[str, ...]) -> str:
    sections = song.sections
    heads = dict.fromkeys([*(s.kind for s in sections), *(s.material for s in sections), *(s.name for s in sections)])
    # The longest beginning that is known says which word is wrong.
    for count in range(len(words) - 1, 0, -1):
        head = "/".join(words[:count])
        if head in heads or head in EVERYWHERE:
            rest = "/".join(words[count:])
            numbers = [s.name.partition("/")[2] for s in sections if s.kind == head]
            return nearest(rest, [*layers, *numbers]) if rest else HINT
    found = nearest("/".join(words), [*heads, *(layers if len(words) == 1 else [])])
    return found if found.startswith("did") else f"the song has {', '.join(dict.fromkeys(s.name for s in sections))}"
