"""Lines as they are sung, and what a line that returns takes from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.models.pitch import lean
from engine.parts.melody.spot import Spot
from engine.song import Phrase, Section
from engine.theory.meter import SLOT

AGAIN = "again"  # the same line in a later verse or chorus, with other words
LIKE = "like"  # a line that a user wants this one to sound like

# How much likelier a note, or a slot, of a line that returns is to stay as it was, by what the phrase plan says.
PULL = {"": 1000, "vary": 60, "end": 1000, "answer": 12, "moved": 12, AGAIN: 6, LIKE: 24}
RHYTHM_PULL = {"vary": 25, "answer": 30, "moved": 60, AGAIN: 2, LIKE: 12}
FOLLOWS = 60  # percent of lines moved to other chords (RS200: half of them keep their pitches)
HELD = 8  # slots: a note that is held longer is heard by then
# Lines so near one that is known take it for what came before: they need no other memory.
NEAR = ("vary", AGAIN, LIKE)


class Sung(NamedTuple):
    """A line as sung: slots from its phrase's start, events, and the roots of the chords under them."""

    onsets: tuple[int, ...]
    events: tuple[int, ...]
    roots: tuple[int, ...]


class Taken(NamedTuple):
    """What a watcher is told of a line that a section has taken: slots and MIDI numbers in the song's key.

    like: the (onsets, pitches) of the line it comes from, counted from its phrase, or None for a new one; change: how
    it differs from that one.
    """

    section: str
    phrase: Phrase
    onsets: tuple[int, ...]
    pitches: tuple[int, ...]
    like: tuple[tuple[int, ...], tuple[int, ...]] | None
    change: str


def onsets_of(phrase: Phrase, inner: Sequence[int]) -> list[int]:
    """Return the slots of a phrase's onsets: its first and last, and those drawn between them."""
    first, last = phrase.sung[0], phrase.sung[1] - 1
    between = [slot for slot, onset in zip(inner_slots(phrase), inner, strict=True) if onset]
    return [first, *between, last] if last > first else [first]


def inner_slots(phrase: Phrase) -> range:
    """Return the slots of a phrase that may have an onset or not: all but the first and the last."""
    return range(phrase.sung[0] + 1, phrase.sung[1] - 1)


def spots(
    section: Section,
    phrase: Phrase,
    onsets: Sequence[int],
    model: Sung | None = None,
    change: str = "",
    last: bool = False,
    final: bool = False,
    follows: bool = False,
) -> list[Spot]:
    """Return the notes of a phrase that are to be given pitches: new ones, or like a model with a change.

    last: whether the section's singing ends with it; final: whether the song's does. follows: whether it goes along
    with the roots of the chords.
    """
    before = dict(zip(model.onsets, model.events, strict=True)) if model else {}
    below = dict(zip(model.onsets, model.roots, strict=True)) if model and follows else {}
    turned = change in ("end", "answer")
    # Another ending: the last third of the line is free.
    free = max((phrase.sung[1] - phrase.sung[0]) // 3, 4) if turned else 0
    waits = [*(later - slot for slot, later in pairwise(onsets)), 16]
    chords = [section.chord_at((slot + lean(wait)) * SLOT) for slot, wait in zip(onsets, waits, strict=True)]
    likes = [before.get(slot - phrase.start) if slot < phrase.sung[1] - free else None for slot in onsets]
    if follows:
        roots = [below.get(slot - phrase.start, 0) for slot in onsets]
        likes = [
            None if like is None else like + (chord.chord.root - root + 6) % 12 - 6
            for like, chord, root in zip(likes, chords, roots, strict=True)
        ]
    return [
        Spot(
            slot,
            slot - onsets[i - 1] if i else 0,
            waits[i],
            chords[i],
            section.chord_at((slot + max(lean(waits[i]), min(waits[i], HELD) - 2)) * SLOT),
            likes[i],
            PULL.get(change, 1),
            rest=last or turned,
            final=final,
        )
        for i, slot in enumerate(onsets)
    ]
