"""How a part reads a section: the chord of every slot, the kick of every bar, and the pieces to draw."""

from __future__ import annotations

from functools import lru_cache

from engine.plan.plan import Plan
from engine.song import ChordSpan, Section
from engine.theory.chord import Chord
from engine.theory.meter import SLOT, Meter


def chord_slots(section: Section, meter: Meter) -> tuple[Chord, ...]:
    """Return the chord in force at every slot of a section."""
    return _read(section.chords, section.bars, meter.slots)[0]


def next_changes(section: Section, meter: Meter) -> tuple[int, ...]:
    """Return for every slot of a section the next one with another chord, or the number of slots."""
    return _read(section.chords, section.bars, meter.slots)[1]


def change_masks(section: Section, meter: Meter) -> tuple[int, ...]:
    """Return for each bar the slots, as bits, where the chord is not the one before; the first of all is among them."""
    return _read(section.chords, section.bars, meter.slots)[2]


@lru_cache(maxsize=128)
def _read(
    spans: tuple[ChordSpan, ...], bars: int, slots: int
) -> tuple[tuple[Chord, ...], tuple[int, ...], tuple[int, ...]]:
    """Return what the three above do: every part of every section of a material asks for the same."""
    chords = [spans[0].chord] * (bars * slots)
    for span in spans:
        first, end = span.start // SLOT, min((span.start + span.length) // SLOT, len(chords))
        chords[first:end] = [span.chord] * (end - first)
    masks = [0] * bars
    changes: list[int] = []
    before = None
    for slot, chord in enumerate(chords):
        # Most are the same object.
        if chord is not before and chord != before:
            masks[slot // slots] |= 1 << slot % slots
            changes += [slot] * (slot - len(changes))
        before = chord
    changes += [len(chords)] * (len(chords) - len(changes))
    return tuple(chords), tuple(changes), tuple(masks)


@lru_cache(maxsize=16)
def bar_weights(meter: Meter) -> tuple[int, ...]:
    """Return ``Meter.weight`` of every slot of a bar."""
    return tuple(meter.weight(slot) for slot in range(meter.slots))


def kick_of(section: Section, bar: int) -> int:
    """Return the kick mask of a bar, 0 where there is no groove."""
    return section.groove[bar].kick if bar < len(section.groove) else 0


def next_chord(plan: Plan, section: Section) -> Chord | None:
    """Return the first chord of the section that follows, as this one's key has it, or None."""
    following = plan.following(section)
    if following is None or not following.chords:
        return None
    return following.chords[0].chord.transpose(following.shift - section.shift)


def pieces(bars: int, final: int) -> list[tuple[int, int]]:
    """Return (first bar, end bar) of what a player thinks of at once: fours, and the last bar on its own.

    final: the bar of the final hit, which is left out, or -1.
    """
    last = final if final >= 0 else bars - 1
    found = [(first, min(first + 4, last)) for first in range(0, last, 4)]
    return found if final >= 0 else [*found, (last, bars)]
