"""What wishes leave to the voice: where its lines begin and end, and what each of its notes may be.

The players of a plan know no wishes, only their bounds: masks for the tables of the sampler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.plan.keeping import Frame, Open, Skeleton, skeleton, sung_slots
from engine.plan.wishes import Wishes
from engine.song import Note, Phrase

NEAR = 8  # slots about the start of a line in which its first note is looked for
LIFT = 4  # semitones by which the voice's middle follows a contour, or climbs to the highest note
CLIMB = 12  # slots on either side of it


class Onsets(NamedTuple):
    """What a line's rhythm must be: slots where a note begins and where none may, and how many there are (or None).

    numbers: by slot, how many notes of the line come before the one that begins there.
    """

    on: frozenset[int]
    off: frozenset[int]
    many: int | None
    numbers: Mapping[int, int]


@dataclass(frozen=True)
class Bounds:
    """What wishes leave to a section's voice.

    phrases: the section's, with windows in which all that is asked for has room. low: the slot of the first row of
    ``open``. open: the MIDI numbers left to each slot, shape (slots, MIDI numbers). notes: slots where a note must
    begin; only: none may elsewhere. many: how many notes each line has, by the start of its phrase. top: the highest
    note and the start of the phrase that sings it. lengths: in slots, of notes that begin at a slot. lift: semitones by
    which the voice's middle is moved at each slot. like: notes that it should sound like. turns: whether each note of a
    line goes up (1), down (-1) or neither (0) from the one before, by the start of its phrase. numbers: as of
    ``Onsets``. shun: by slot, a MIDI number to be sung there only if nothing else can be. compass: of a voice that is
    not the style's.
    """

    phrases: tuple[Phrase, ...]
    low: int
    open: Open
    notes: frozenset[int]
    only: bool = False
    many: Mapping[int, int] = field(default_factory=dict)
    top: tuple[int, int] | None = None
    lengths: Mapping[int, int] = field(default_factory=dict)
    lift: Mapping[int, int] = field(default_factory=dict)
    like: tuple[Note, ...] = ()
    turns: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    numbers: Mapping[int, int] = field(default_factory=dict)
    shun: Mapping[int, int] = field(default_factory=dict)
    compass: tuple[int, int] | None = None

    @property
    def voice(self) -> tuple[int, int]:
        """The lowest and the highest MIDI number that are left anywhere."""
        left = np.flatnonzero(self.open.any(axis=0)).tolist()
        return left[0], left[-1]

    def onsets(self, phrase: Phrase) -> Onsets:
        """Return what the rhythm of a phrase must be."""
        window = range(*phrase.sung)
        on = self.notes.intersection(window)
        if self.only:
            return Onsets(on, frozenset(window) - on, None, {})
        off = frozenset(slot for slot in window if not self.open[slot - self.low].any())
        return Onsets(on, off, self.many.get(phrase.start), self.numbers)

    def fits(self, phrase: Phrase, onsets: Sequence[int]) -> bool:
        """Return whether a rhythm, as slots from the phrase's start, is what a phrase's must be."""
        slots, asked = {phrase.start + onset for onset in onsets}, self.onsets(phrase)
        many = asked.many is None or asked.many == len(slots)
        inner = {slot for slot in slots if phrase.sung[0] <= slot < phrase.sung[1]}
        return many and asked.on <= inner and not asked.off & inner and not asked.numbers

    def allow(self, slots: Sequence[int]) -> Open:
        """Return the MIDI numbers left to notes at some slots, shape (notes, MIDI numbers)."""
        found: Open = self.open[np.asarray(slots, dtype=np.int64) - self.low]
        return found

    def keep(self, phrase: Phrase, slots: Sequence[int], pitches: Sequence[int]) -> bool:
        """Return whether a line is within the bounds."""
        if not self.allow(slots)[np.arange(len(slots)), list(pitches)].all():
            return False
        return not self.top or self.top[1] != phrase.start or self.top[0] in pitches

    def reach(self, tones: Sequence[int]) -> list[int]:
        """Return what the voice needs beside the tones that it would sing: pitches for slots that none of those fit."""
        rows = np.array(list({row.tobytes(): row for row in self.open}.values()))
        mine = np.zeros(rows.shape[1], dtype=np.bool_)
        mine[list(tones)] = True
        lacking = rows[~(rows & mine).any(axis=1)].any(axis=0)
        lone = rows[rows.sum(axis=1) == 1].any(axis=0)
        found = lacking | lone
        if self.top:
            found[self.top[0]] = True
        pitches: list[int] = np.flatnonzero(found).tolist()
        return pitches


def bounded(
    phrases: Sequence[Phrase],
    wishes: Wishes,
    frame: Frame,
    like: Sequence[Note] = (),
    compass: tuple[int, int] | None = None,
) -> Bounds:
    """Return what wishes leave to the voice of a section with these phrases; raises UsageError where they collide."""
    asked = skeleton(wishes, frame)
    windows = _given(phrases, wishes) if wishes.rhythm else _windows(phrases, asked, frame)
    new = tuple(
        phrase._replace(sung=window or (phrase.start, phrase.start))
        for phrase, window in zip(phrases, windows, strict=True)
    )
    top = None
    if asked.top is not None and wishes.highest is not None:
        home = next(phrase for phrase in new if phrase.sung[0] <= asked.top < phrase.sung[1])
        top = (wishes.highest, home.start)
    left = asked.open.copy()
    for slot, pitch in asked.notes.items():
        if pitch is not None:
            left[slot - frame.low] = False
            left[slot - frame.low, pitch] = True
    return Bounds(
        new,
        frame.low,
        left,
        frozenset(asked.notes),
        bool(wishes.rhythm),
        _shares(new, asked, frame) if asked.many is not None else {},
        top,
        dict(wishes.rhythm),
        _lift(wishes.contour, asked.top, frame),
        tuple(like),
        compass=compass,
    )


def _windows(phrases: Sequence[Phrase], asked: Skeleton, frame: Frame) -> list[tuple[int, int] | None]:
    """Return where each line may sing, so that every note that is asked for lies in one of them."""
    needed = list(asked.notes)
    first, last = needed[0], needed[-1]
    sung = sung_slots(asked.open)
    found: list[list[int] | None] = []
    for phrase in phrases:
        start, end = max(phrase.sung[0], first), min(phrase.sung[1], last + 1)
        found.append([start, end] if phrase.sung[1] > phrase.sung[0] and end > start else None)
    if not any(found):
        home = max((k for k, phrase in enumerate(phrases) if phrase.start <= max(first, 0)), default=0)
        found[home] = [first, first + 1]
    for slot in needed:
        _stretch([window for window in found if window], slot)
    for k, window in enumerate(found):
        while window and not sung[window[0] - frame.low]:
            window[0] += 1
            if window[0] == window[1]:
                found[k] = window = None
        while window and not sung[window[1] - 1 - frame.low]:
            window[1] -= 1
    if asked.many is not None:
        _fill(found, asked, frame, sung)
    return [None if window is None else (window[0], window[1]) for window in found]


def _stretch(windows: Sequence[list[int]], slot: int) -> None:
    """Let the nearest of windows (in order) reach to a slot."""
    near = min(windows, key=lambda window: max(window[0] - slot, slot - window[1] + 1, 0))
    near[0], near[1] = min(near[0], slot), max(near[1], slot + 1)


def _fill(windows: list[list[int] | None], asked: Skeleton, frame: Frame, sung: Sequence[bool]) -> None:
    """Make windows hold as many notes as are asked for, in place."""
    many = asked.many or 0
    for k, window in enumerate(windows):
        # Where there are too many ends, lines without anything that is asked for go first.
        if window and _least(windows, asked) > many and not asked.notes.keys() & set(range(*window)):
            windows[k] = None
    for window in windows:
        if window and _least(windows, asked) > many:
            inside = [slot for slot in asked.notes if window[0] <= slot < window[1]]
            window[:] = [inside[0], inside[-1] + 1]
    some = [window for window in windows if window]
    ends = [*(window[0] for window in some[1:]), max(asked.notes) + 1]
    # A line that is all notes has no rhythm: there is a slot of rest to four notes, as far as there is room.
    while sum(sum(sung[start - frame.low : end - frame.low]) for start, end in some) * 4 < 5 * many:
        rooms = [end - window[1] for window, end in zip(some, ends, strict=True)]
        widest = rooms.index(max(rooms))
        if not rooms[widest]:
            break
        some[widest][1] += 1
        if _least(windows, asked) > many:
            # The new end would be a note too many.
            some[widest][1] -= 1
            break
    for window in some:
        while not sung[window[1] - 1 - frame.low]:
            window[1] -= 1


def _least(windows: Sequence[list[int] | None], asked: Skeleton) -> int:
    """Return how many notes there must be: those that are asked for, and where windows begin and end."""
    ends = {slot for window in windows if window for slot in (window[0], window[1] - 1)}
    return len(ends | asked.notes.keys())


def _shares(phrases: Sequence[Phrase], asked: Skeleton, frame: Frame) -> dict[int, int]:
    """Return how many notes each line has, by the start of its phrase, even but for what is asked for."""
    sung = sung_slots(asked.open)
    lines = [phrase for phrase in phrases if phrase.sung[1] > phrase.sung[0]]
    shares, most = {}, {}
    for phrase in lines:
        window = range(*phrase.sung)
        shares[phrase.start] = len({window[0], window[-1]} | asked.notes.keys() & set(window))
        most[phrase.start] = sum(sung[window[0] - frame.low : window[-1] + 1 - frame.low])
    lengths = {phrase.start: phrase.sung[1] - phrase.sung[0] for phrase in lines}
    for _ in range((asked.many or 0) - sum(shares.values())):
        open_lines = [start for start in shares if shares[start] < most[start]]
        # The line that would be the sparsest: d'Hondt's way of sharing out seats.
        best = min(open_lines, key=lambda start: ((shares[start] + 1) * 1000 // lengths[start], start))
        shares[best] += 1
    return shares


def _given(phrases: Sequence[Phrase], wishes: Wishes) -> list[tuple[int, int] | None]:
    """Return the windows of a rhythm that is given: it is parted where it rests longest near the start of a line."""
    slots = [slot for slot, _ in wishes.rhythm]
    sung = [phrase.sung for phrase in phrases]
    if all(any(start <= slot < end for start, end in sung) for slot in slots) and all(
        start in slots and end - 1 in slots for start, end in sung if end > start
    ):
        return [(start, end) if end > start else None for start, end in sung]
    cuts = [slots[0]]
    for phrase in phrases[1:]:
        near = [
            (later - slot, -abs(later - phrase.start), later)
            for slot, later in pairwise(slots)
            if abs(later - phrase.start) <= NEAR and later > cuts[-1]
        ]
        cuts.append(max(near)[2] if near else cuts[-1])
    found: list[tuple[int, int] | None] = []
    for start, end in zip(cuts, [*cuts[1:], slots[-1] + 1], strict=True):
        line = [slot for slot in slots if start <= slot < end]
        found.append((line[0], line[-1] + 1) if line else None)
    return found


def _lift(contour: str, top: int | None, frame: Frame) -> dict[int, int]:
    """Return how the voice's middle is moved: along a contour, and up to the highest note and down from it."""
    whole = frame.bars * frame.meter.slots
    found = {}
    for slot in range(frame.low, frame.high):
        way = min(max(slot, 0), whole)
        arch = 4 * LIFT * min(way, whole - way) // whole - LIFT
        rise = 2 * LIFT * way // whole - LIFT
        peak = 0 if top is None else LIFT * max(CLIMB - abs(slot - top), 0) // CLIMB
        found[slot] = {"arch": arch, "valley": -arch, "rise": rise, "fall": -rise}.get(contour, 0) + peak
    return found
