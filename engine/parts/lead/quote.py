"""The hook as the lead guitar takes it up: which places quote it, and the notes to be remembered there.

A quotation is no copy. The hook's onsets and pitches go into the tables of rhythm and line as what is remembered,
where the bar before stands when a riff comes again; so it bends to the chords it meets.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.parts.lead.lines import PART
from engine.plan.plan import Plan
from engine.song import Section

RIFFS = ("intro", "interlude", "outro")  # where the song's riff is played
# Where a song may quote its hook, and the weight of each as the place that does for certain.
_PLACES = {"riff": 20, "solo": 45, "bridge": 35}
_MORE = 25  # percent: another of these places quotes it as well
_END = 60  # percent of songs that quote it once more as they end
_ECHO = 25  # percent of songs in which the gaps of the chorus echo it
_ENOUGH = 3  # notes that make it known
_PICKUP = 4  # slots before the bar that belong to the figure


class Figure(NamedTuple):
    """The head of the hook, a bar or two of it: slots (a pick-up lies below 0) and MIDI numbers."""

    onsets: tuple[int, ...]
    pitches: tuple[int, ...]
    bars: int


def quoted(plan: Plan) -> frozenset[str]:
    """Return where this song quotes its hook: of "riff", "solo", "bridge", "echo" and "end"."""
    return plan.once((PART, "quoted"), lambda: _quoted(plan))


def _quoted(plan: Plan) -> frozenset[str]:
    stream = plan.song(PART, "quotes")
    if figure(plan) is None or stream.below(100) >= plan.style.rules["lead.quote"]:
        return frozenset()
    kinds = {section.kind for section in plan.sections if PART in section.players and "melody" not in section.players}
    places = [place for place in _PLACES if place in kinds or (place == "riff" and kinds.intersection(RIFFS))]
    found = {"end"} if stream.at("end").below(100) < _END else set()
    if stream.at("echo").below(100) < _ECHO:
        found.add("echo")
    if places:
        found.add(stream.at("first").pick(places, [_PLACES[place] for place in places]))
        found |= {place for place in places if stream.at("more", place).below(100) < _MORE}
    return frozenset(found or {"end"})


def figure(plan: Plan) -> Figure | None:
    """Return the head of the song's hook, or None where there is none worth it."""
    return plan.once((PART, "figure"), lambda: _figure(plan))


def _figure(plan: Plan) -> Figure | None:
    if plan.theme is None:
        return None
    slots = plan.meter.slots
    # From the bar it starts in, or leads into.
    origin = (plan.theme.onsets[0] + _PICKUP) // slots * slots
    head = [
        (slot - origin, pitch)
        for slot, pitch in zip(plan.theme.onsets, plan.theme.pitches, strict=True)
        if slot - origin < 2 * slots
    ]
    if len(head) < 3:
        return None
    onsets, pitches = zip(*head, strict=True)
    return Figure(onsets, pitches, 1 if onsets[-1] < slots else 2)


def placed(found: Figure, low: int, high: int) -> Figure:
    """Return the figure in the octave that lies best between two pitches; what still sticks out is folded in."""
    middle = (min(found.pitches) + max(found.pitches)) // 2
    shift = ((low + high) // 2 - middle + 6) // 12 * 12
    moved = []
    for pitch in found.pitches:
        pitch += shift
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        moved.append(pitch)
    return found._replace(pitches=tuple(moved))


def echo(plan: Plan, section: Section, start: int, stop: int, low: int, high: int) -> dict[int, int]:
    """Return pitches by slot with which a gap of a section says the hook: in its place in the bar, as far as it goes.

    start, stop: slots of the gap. Nothing where the song does not echo its hook here, or the gap is too short.
    """
    if not ({"end"} if plan.ends(section) else {"echo"} if section.kind == "chorus" else set()) & quoted(plan):
        return {}
    said = figure(plan)
    if said is None:
        return {}
    slots = plan.meter.slots
    origin = -(-(start - said.onsets[0]) // slots) * slots
    notes = dict(zip(said.onsets, placed(said, low, high).pitches, strict=True))
    heard = {origin + slot: pitch for slot, pitch in notes.items() if origin + slot < stop - 1}
    return heard if len(heard) >= _ENOUGH else {}


def spread(found: Figure, bars: int, slots: int) -> dict[int, int]:
    """Return pitches by slot of so many bars filled with the figure, again and again.

    A pick-up comes before each time but the first; there it is put at the end, as it leads back to the beginning.
    """
    length, whole = found.bars * slots, bars * slots
    notes = {}
    for start in range(0, whole, length):
        for slot, pitch in zip(found.onsets, found.pitches, strict=True):
            if start + slot < whole:
                notes[(start + slot) % whole] = pitch
    return notes
