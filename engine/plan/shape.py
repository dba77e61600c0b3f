"""How a song rises and falls: the energy of each section, what changes in it, and who plays.

The style says how much energy each kind of section has; here a song gets its curve: the first verse and chorus
hold back, the last chorus gives all, a bridge steps down so that what follows can step up.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.song import Section
from engine.stream import Stream
from engine.style.model import Style

LOWEST, HIGHEST = 1, 5
# Chances in percent: first a guess of how bands arrange, then what sounded right.
_QUIET_VERSE = 50
_QUIET_CHORUS = 65
_BREAKDOWN = 25
_LIFT = 40
_BRIDGE = {-1: 60, 0: 25, 1: 15}
_OTHER = {-1: 25, 0: 60, 1: 15}
# Semitones that a last chorus goes up, counted in McGill Billboard: of 368 songs with three choruses or more 24 do.
_UP = {1: 11, 2: 13}


def energies(kinds: Sequence[str], style: Style, stream: Stream) -> list[int]:
    """Return the energy (1..5) of each section of a song."""
    found = []
    for place, kind in enumerate(kinds):
        number, last = kinds[: place + 1].count(kind), kind not in kinds[place + 1 :]
        own = stream.at(kind, number)
        base = style.energy.get(kind, 3)
        if kind == "chorus":
            step = _chorus(kinds, place, number, last, own)
        elif kind == "verse":
            step = -1 if number == 1 and not last and _happens(own, _QUIET_VERSE) else 0
        elif kind == "prechorus":
            step = 0 if number == 1 else 1 if _happens(own, 40) else 0
        elif kind == "bridge":
            # The second time it builds where the first fell away.
            step = own.pick(tuple(_BRIDGE), tuple(_BRIDGE.values())) + (number > 1)
        else:
            step = own.pick(tuple(_OTHER), tuple(_OTHER.values()))
        found.append(min(max(base + step, LOWEST), HIGHEST))
    return found


def _chorus(kinds: Sequence[str], place: int, number: int, last: bool, stream: Stream) -> int:
    if last:
        return 1
    if number == 1 and kinds.count("chorus") > 2 and _happens(stream, _QUIET_CHORUS):
        return -1
    # After the middle of the song a chorus may break down, if another comes straight after it.
    after_middle = place > 0 and kinds[place - 1] in ("bridge", "solo")
    if after_middle and kinds[place + 1] == "chorus" and _happens(stream, _BREAKDOWN):
        return -2
    return 0


def changes(kinds: Sequence[str], stream: Stream) -> list[str]:
    """Return what changes in each section: "end" in the last, "lift" in a last chorus that is lifted, else ""."""
    found = [""] * len(kinds)
    if kinds.count("chorus") > 2 and _happens(stream, _LIFT):
        found[len(kinds) - 1 - tuple(reversed(kinds)).index("chorus")] = "lift"
    found[-1] = found[-1] or "end"
    return found


def shifts(kinds: Sequence[str], style: Style, stream: Stream) -> list[int]:
    """Return by how many semitones each section lies above the song's key: the last of several choruses may go up."""
    found = [0] * len(kinds)
    if kinds.count("chorus") > 2 and _happens(stream, style.rules["form.up"]):
        first = len(kinds) - 1 - tuple(reversed(kinds)).index("chorus")
        found[first:] = [stream.at("by").pick(tuple(_UP), tuple(_UP.values()))] * (len(kinds) - first)
    return found


def players(section: Section, style: Style, bridge_melody: bool) -> tuple[str, ...]:
    """Return the parts that play in a section: by its kind and energy, and never nobody."""
    least = dict(style.players.get(section.kind, {}))
    if section.kind == "bridge":
        if bridge_melody:
            least["melody"] = LOWEST
        else:
            least.pop("melody", None)
    found = tuple(part for part in style.parts if least.get(part, HIGHEST + 1) <= section.energy)
    if any(part != "melody" for part in found):
        return found
    # Whoever would come in first keeps the section from silence.
    rest = {part: energy for part, energy in least.items() if part != "melody"} or dict.fromkeys(style.parts, LOWEST)
    first = min(rest.values())
    return tuple(part for part in style.parts if part in found or rest.get(part) == first)


def _happens(stream: Stream, percent: int) -> bool:
    return stream.below(100) < percent
