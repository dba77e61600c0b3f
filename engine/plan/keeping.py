"""Whether wishes can be kept together, and if not, which of them collide.

A melody is a set of notes on slots, one at a time. Wishes say of single notes that they are there (pins, the first, the
last, the highest), how many there are, and what pitches each slot may have. So they can be kept if a *skeleton* exists:
the fewest notes that they ask for, each with a pitch left to it, and room for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.plan.wishes import HIGHEST, LEVEL, LOWEST, REACH, Wishes, together
from engine.theory.meter import Meter

Open = NDArray[np.bool_]

PITCHES = HIGHEST + 1
_Kept = Callable[[Wishes], bool]
NEAREST = 8  # first and last slots that are tried for being near where the line would begin and end

# By contour: thirds of the section that lie low, those that lie high.
_THIRDS = {"arch": ((0, 2), (1,)), "valley": ((1,), (0, 2)), "rise": ((0,), (2,)), "fall": ((2,), (0,))}


class Frame(NamedTuple):
    """Where a section's voice may sing: slots low .. high - 1 from its start, of a section of so many bars.

    voice: the lowest and highest MIDI number it has by itself. middle: the MIDI number about which it moves here.
    first, last: the slots where it would begin and end.
    """

    meter: Meter
    bars: int
    low: int
    high: int
    voice: tuple[int, int]
    middle: int
    first: int
    last: int


class Skeleton(NamedTuple):
    """The notes that wishes ask for.

    open: the MIDI numbers left to each slot, shape (slots, PITCHES), the first row is slot ``Frame.low``.
    notes: slots where a note must be, with its MIDI number or None. top: the slot whose line sings the highest note, if
    none of ``notes`` is it. many: how many notes there are in all, None for as many as it likes.
    """

    open: Open
    notes: Mapping[int, int | None]
    top: int | None
    many: int | None


def skeleton(wishes: Wishes, frame: Frame) -> Skeleton:
    """Return the notes that wishes ask for; raises UsageError naming those that cannot be kept, or not together."""
    for one in wishes.each():
        _sits(one, frame)
    found = _found(wishes, frame, near=True)
    if found is None:
        few = colliding(wishes, frame)
        raise UsageError(*told(few))
    return found


def told(few: Sequence[Wishes], beside: str = "") -> tuple[str, str]:
    """Return the message and the hint for wishes that collide, perhaps with something beside them."""
    names = ["the rhythm" if one.rhythm else str(one) for one in few] + ([beside] if beside else [])
    if len(names) == 1:
        return f"cannot be kept here: {names[0]}", "leave it out or change it"
    return f"cannot be kept together: {', '.join(names[:-1])} and {names[-1]}", "leave out or change one of them"


def colliding(wishes: Wishes, frame: Frame) -> tuple[Wishes, ...]:
    """Return the fewest of wishes that cannot be kept: without any one of them the others can; () where all can."""
    return () if can_be_kept(wishes, frame) else fewest(wishes, lambda some: _found(some, frame) is not None)


def fewest(wishes: Wishes, kept: _Kept) -> tuple[Wishes, ...]:
    """Return a smallest set of wishes that cannot be kept, each in its turn left out as long as the rest cannot."""
    few = [one for one in wishes.each() if one.like is None]
    for one in tuple(few):
        rest = [other for other in few if other is not one]
        if not kept(together(rest)):
            few = rest
    return tuple(few)


def can_be_kept(wishes: Wishes, frame: Frame) -> bool:
    """Return whether a melody exists that keeps the wishes."""
    return _found(wishes, frame) is not None


def sung_slots(left: Open) -> list[bool]:
    """Return for each slot whether anything may be sung there."""
    found: list[bool] = np.any(left, axis=1).tolist()
    return found


def thirds(frame: Frame) -> tuple[int, int]:
    """Return the slots at which the second and the last third of a section begin."""
    whole = frame.bars * frame.meter.slots
    return -(-whole // 3), -(-2 * whole // 3)


def _sits(one: Wishes, frame: Frame) -> None:
    """Raise UsageError for a wish that names what the section does not have."""
    many = f"the section has {frame.bars} bar{'s' * (frame.bars > 1)}"
    for at, _ in one.pins:
        slot = at.slot(frame.meter)
        if slot >= frame.bars * frame.meter.slots:
            raise UsageError(f"{one}: {many}")
        if slot >= frame.high:
            raise UsageError(f"{one}: the last beat of a section is left to the next one's pick-up")
    if one.top > frame.bars:
        raise UsageError(f"{one}: {many}")
    if one.rhythm and not frame.low <= one.rhythm[0][0] <= one.rhythm[-1][0] < frame.high:
        raise UsageError(f"rhythm: it has notes where the section has no room for the voice: {many}")


def _found(wishes: Wishes, frame: Frame, near: bool = False) -> Skeleton | None:
    """Return a skeleton, or None where there is none; near: one that changes the line least."""
    named = wishes.named()
    if named and max(named) - min(named) > REACH:
        return None
    plain = _open(wishes, frame)
    if _of_split(wishes, frame, plain, near) is None:
        return None
    for low in _voices(wishes, frame):
        window = plain.copy()
        window[:, :low] = False
        window[:, low + REACH + 1 :] = False
        if (found := _of_split(wishes, frame, window, near)) is not None:
            return found
    return None


def _voices(wishes: Wishes, frame: Frame) -> Iterator[int]:
    """Yield the lowest notes that a voice may have, the likeliest first."""
    named = wishes.named()
    low, high = wishes.range or frame.voice
    best = (low + high - REACH) // 2 if wishes.range is None or high - low > REACH else low
    lows = [
        low
        for low in range(LOWEST, HIGHEST - REACH + 1)
        if not named or (low <= min(named) and max(named) <= low + REACH)
    ]
    yield from sorted(lows, key=lambda low: (abs(low - best), low))


def _open(wishes: Wishes, frame: Frame) -> Open:
    """Return what is left to each slot by all but the contour."""
    found = np.zeros((frame.high - frame.low, PITCHES), dtype=np.bool_)
    low, high = wishes.range or (LOWEST, HIGHEST)
    found[:, low : high + 1] = True
    for note in wishes.avoid:
        found[:, note :: 12 if note < 12 else PITCHES] = False
    if wishes.highest is not None:
        found[:, wishes.highest + 1 :] = False
        if wishes.top:
            inside = _bar(wishes.top, frame)
            found[: max(inside.start, 0), wishes.highest] = False
            found[max(inside.stop, 0) :, wishes.highest] = False
    return found


def _bar(number: int, frame: Frame) -> slice:
    """Return the rows of a bar."""
    first = (number - 1) * frame.meter.slots - frame.low
    return slice(first, first + frame.meter.slots)


def _of_split(wishes: Wishes, frame: Frame, plain: Open, near: bool) -> Skeleton | None:
    if not wishes.contour:
        return _search(wishes, frame, plain, (), near)
    level = wishes.contour == "level"
    best = frame.middle - LEVEL // 2 if level else frame.middle
    low, high = ((), ()) if level else _THIRDS[wishes.contour]
    one, two = (row - frame.low for row in thirds(frame))
    rows = (slice(0, one), slice(one, two), slice(two, None))
    for split in sorted(range(LOWEST, HIGHEST + 1), key=lambda split: (abs(split - best), split)):
        found = plain.copy()
        if level:
            found[:, :split] = False
            found[:, split + LEVEL + 1 :] = False
        for third in low:
            found[rows[third], split:] = False
        for third in high:
            found[rows[third], :split] = False
        if (solved := _search(wishes, frame, found, (*low, *high), near)) is not None:
            return solved
    return None


def _search(wishes: Wishes, frame: Frame, left: Open, needed: Sequence[int], near: bool) -> Skeleton | None:
    """Return a skeleton for what is left to each slot; needed: thirds in which a note must be."""
    pins: dict[int, int] = {}
    for at, pitch in wishes.pins:
        slot = at.slot(frame.meter)
        if pins.setdefault(slot, pitch) != pitch or not left[slot - frame.low, pitch]:
            return None
    sung = sung_slots(left)
    if wishes.rhythm:
        slots = [slot for slot, _ in wishes.rhythm]
        if not all(sung[slot - frame.low] for slot in slots) or not pins.keys() <= set(slots):
            return None
    else:
        slots = [slot for slot, may in enumerate(sung, frame.low) if may]
    if not slots:
        return None
    search = _Search(wishes, frame, left, pins, slots, tuple(needed))
    firsts = search.ends(wishes.first, frame.first, slots[:1] if wishes.rhythm else slots, first=True, near=near)
    lasts = search.ends(wishes.last, frame.last, slots[-1:] if wishes.rhythm else slots, first=False, near=near)
    pairs = [(first, last) for first in firsts for last in lasts]
    for first, last in sorted(pairs, key=lambda pair: abs(pair[0] - frame.first) + abs(pair[1] - frame.last)):
        if (found := search.between(first, last)) is not None:
            return found
    return None


class _Search:
    """The search for first and last notes between which all others fit."""

    def __init__(
        self,
        wishes: Wishes,
        frame: Frame,
        left: Open,
        pins: Mapping[int, int],
        slots: list[int],
        needed: tuple[int, ...],
    ) -> None:
        self._wishes, self._frame, self._left, self._pins = wishes, frame, left, pins
        self._slots, self._needed = slots, needed
        one, two = thirds(frame)
        self._third = {slot: (slot >= one) + (slot >= two) for slot in slots}
        self._count = None
        if wishes.density is not None:
            eighths = frame.bars * frame.meter.slots // 2
            self._count = max((wishes.density * eighths + 50) // 100, 1)
        self._tops: frozenset[int] = frozenset()
        if wishes.highest is not None:
            inside = _bar(wishes.top, frame) if wishes.top else slice(0, len(left))
            here = [slot for slot in slots if inside.start <= slot - frame.low < inside.stop]
            self._tops = frozenset(slot for slot in here if left[slot - frame.low, wishes.highest])

    def ends(self, pitch: int | None, wanted: int, slots: Iterable[int], first: bool, near: bool) -> list[int]:
        """Return the slots worth trying for the first (or last) note: of every kind the outermost and the innermost."""
        bound = (min if first else max)(self._pins, default=None)
        fit = [
            slot
            for slot in slots
            if (bound is None or (slot <= bound if first else slot >= bound))
            and (pitch is None or self._left[slot - self._frame.low, pitch])
            and (pitch is None or self._pins.get(slot, pitch) == pitch)
        ]
        kinds: dict[tuple[object, ...], list[int]] = {}
        for slot in fit:
            top = slot in self._tops and pitch in (None, self._wishes.highest)
            kinds.setdefault((self._third[slot], top, slot in self._pins), []).append(slot)
        found = {slot for row in kinds.values() for slot in (row[0], row[-1])}
        if near:
            found.update(sorted(fit, key=lambda slot: (abs(slot - wanted), slot))[:NEAREST])
        return sorted(found)

    def between(self, first: int, last: int) -> Skeleton | None:
        """Return the skeleton of a line from a first to a last note, or None where there is none."""
        wishes, pins = self._wishes, self._pins
        if first > last:
            return None
        notes: dict[int, int | None] = {first: wishes.first, **({last: None} if last != first else {})}
        if wishes.last is not None:
            if notes[last] not in (None, wishes.last):
                return None
            notes[last] = wishes.last
        for slot, pitch in pins.items():
            if notes.get(slot) not in (None, pitch):
                return None
            notes[slot] = pitch
        free = [slot for slot in self._slots if first < slot < last and slot not in notes]
        top: int | None = None
        if wishes.highest is not None and not any(notes.get(slot) == wishes.highest for slot in self._tops):
            lacking = set(self._needed) - {self._third[slot] for slot in notes}
            likely = [slot for slot in (first, last) if slot in self._tops and notes[slot] is None]
            others = [slot for slot in free if slot in self._tops]
            if likely:
                top = likely[0]
            elif others:
                top = max(others, key=lambda slot: (self._third[slot] in lacking, *self._weight(slot)))
            else:
                return None
            notes.setdefault(top, None)
        for third in self._needed:
            if not any(self._third[slot] == third for slot in notes):
                there = [slot for slot in free if self._third[slot] == third]
                if not there:
                    return None
                notes[max(there, key=self._weight)] = None
        most = len([slot for slot in self._slots if first <= slot <= last])
        if self._count is not None and not len(notes) <= self._count <= most:
            return None
        if wishes.rhythm:
            if self._count is not None and self._count != len(self._slots):
                return None
            notes |= {slot: None for slot in self._slots if slot not in notes}
        count = None if wishes.rhythm else self._count
        return Skeleton(self._left, dict(sorted(notes.items())), top, count)

    def _weight(self, slot: int) -> tuple[int, int]:
        """Return how good a slot is for a note that has to be somewhere: strong, and two thirds of the way on."""
        frame = self._frame
        return frame.meter.weight(slot), -abs(3 * slot - 2 * frame.bars * frame.meter.slots)
