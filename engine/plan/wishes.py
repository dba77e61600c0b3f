"""What a user asks of a sung line, in words that files and receipts can tell again.

``Wishes`` hold what was asked; ``plan.bounds`` says whether it can be kept, and what it leaves to each note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import reduce
from typing import Any, NamedTuple

from engine.errors import UsageError, nearest
from engine.theory.meter import Meter
from engine.theory.pitch import midi_number, pitch_class, pitch_name

CONTOURS = ("arch", "valley", "rise", "fall", "level")
LEVEL = 7  # semitones: a level line stays within a fifth
REACH = 29  # semitones that what is asked of one voice may span
LOWEST, HIGHEST = 28, 96  # E1 to C7: nobody sings beyond
MOST_TAKE = (1 << 31) - 1
SHARPS = tuple(pitch_name(number)[:-1] for number in range(60, 72))


class At(NamedTuple):
    """A place as a musician counts it: bar, beat and sixteenth of the beat, each from 1."""

    bar: int
    beat: int = 1
    sixteenth: int = 1

    def slot(self, meter: Meter) -> int:
        """Return the slot, counted from bar 1; raises UsageError where the metre has no such place."""
        beats = -(-meter.slots // meter.beat)
        inside = (self.beat - 1) * meter.beat + self.sixteenth - 1
        if not 1 <= self.beat <= beats or not 1 <= self.sixteenth <= meter.beat or inside >= meter.slots:
            raise UsageError(f"{self}: a bar of {meter} has {beats} beats of {meter.beat} sixteenths")
        return (self.bar - 1) * meter.slots + inside

    def __str__(self) -> str:
        return f"{self.bar}.{self.beat}" + (f".{self.sixteenth}" if self.sixteenth > 1 else "")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a melody must be; what is left out may be as it likes.

    pins: (place, MIDI number) of notes that must be there. avoid: what must not be sung, pitch classes (0..11) and MIDI
    numbers. first, last, highest: MIDI numbers. top: the bar, from 1, that alone has the highest note; 0 is any.
    range: lowest and highest MIDI number. contour: one of CONTOURS. density: notes in a hundred eighths of the
    section. rhythm: (slot, slots long) of all notes. like: the take that it should sound like.
    """

    pins: tuple[tuple[At, int], ...] = ()
    avoid: tuple[int, ...] = ()
    first: int | None = None
    last: int | None = None
    highest: int | None = None
    top: int = 0
    range: tuple[int, int] | None = None
    contour: str = ""
    density: int | None = None
    rhythm: tuple[tuple[int, int], ...] = ()
    like: int | None = None

    def __bool__(self) -> bool:
        return self != Wishes()

    def __str__(self) -> str:
        return "; ".join(map(_words, self.each()))

    def each(self) -> tuple[Wishes, ...]:
        """Return what is asked one by one: every pin, every note to avoid, and each of the others."""
        single = [Wishes(pins=(pin,)) for pin in self.pins] + [Wishes(avoid=(note,)) for note in self.avoid]
        if self.first is not None:
            single.append(Wishes(first=self.first))
        if self.last is not None:
            single.append(Wishes(last=self.last))
        if self.highest is not None:
            single.append(Wishes(highest=self.highest, top=self.top))
        single += [Wishes(range=self.range)] if self.range else []
        single += [Wishes(contour=self.contour)] if self.contour else []
        single += [Wishes(density=self.density)] if self.density is not None else []
        single += [Wishes(rhythm=self.rhythm)] if self.rhythm else []
        return (*single, *([Wishes(like=self.like)] if self.like is not None else []))

    def named(self) -> tuple[int, ...]:
        """Return the MIDI numbers that must be sung."""
        ends = (self.first, self.last, self.highest)
        return (*(pitch for _, pitch in self.pins), *(pitch for pitch in ends if pitch is not None))


def together(some: Iterable[Wishes]) -> Wishes:
    """Return several wishes as one; raises UsageError where one thing is asked twice."""
    return reduce(_joined, some, Wishes())


def parse_wishes(text: str) -> Wishes:
    """Return the wishes of words such as "pin 2.3=E4; avoid F#; highest E5@3"; raises UsageError.

    >>> str(parse_wishes("avoid Gb;  range A3-E5; highest E5@3"))
    'avoid F#; highest E5@3; range A3-E5'
    """
    return together(_parsed(part.strip()) for part in text.split(";") if part.strip())


def wish(kind: str, value: str) -> Wishes:
    """Return one wish: ``wish("pin", "2.3=E4")``; raises UsageError naming what is wrong with it."""
    if kind not in _READERS:
        raise UsageError(f'"{kind}" is no wish', nearest(kind, _READERS))
    return _READERS[kind](value.strip())


def _parsed(words: str) -> Wishes:
    kind, _, value = words.partition(" ")
    return wish(kind, value)


def _joined(one: Wishes, other: Wishes) -> Wishes:
    found: dict[str, Any] = {}
    for field in fields(Wishes):
        name = field.name
        mine, theirs = getattr(one, name), getattr(other, name)
        empty = field.default
        if name in ("pins", "avoid"):
            found[name] = (*mine, *(row for row in theirs if row not in mine))
        elif mine != empty and theirs != empty and name != "top":
            raise UsageError(f"{name} is asked for twice")
        else:
            found[name] = mine if mine != empty else theirs
    return replace(one, **found)


def _words(single: Wishes) -> str:
    """Return one wish in words that ``wish`` reads."""
    if single.pins:
        ((at, pitch),) = single.pins
        return f"pin {at}={pitch_name(pitch)}"
    if single.avoid:
        return f"avoid {_name(single.avoid[0])}"
    if single.highest is not None:
        return f"highest {pitch_name(single.highest)}" + (f"@{single.top}" if single.top else "")
    for name in ("first", "last"):
        if (pitch := getattr(single, name)) is not None:
            return f"{name} {pitch_name(pitch)}"
    if single.range:
        return f"range {pitch_name(single.range[0])}-{pitch_name(single.range[1])}"
    if single.density is not None:
        return f"density {single.density / 100:g}"
    if single.rhythm:
        return "rhythm " + " ".join(f"{slot}:{length}" for slot, length in single.rhythm)
    return f"contour {single.contour}" if single.contour else f"like {single.like}"


def _name(note: int) -> str:
    return SHARPS[note] if note < 12 else pitch_name(note)


def _pitch(what: str, text: str) -> int:
    try:
        number = midi_number(text)
    except ValueError as error:
        raise UsageError(f"{what}: {error}") from error
    if not LOWEST <= number <= HIGHEST:
        raise UsageError(f"{what}: nobody sings {text}", f"expected {pitch_name(LOWEST)} to {pitch_name(HIGHEST)}")
    return number


def _pin(text: str) -> Wishes:
    found = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]))?(?:\.([0-9]))?\s*=\s*(\S+)", text)
    if not found or not int(found[1]):
        raise UsageError(f'pin "{text}": expected BAR.BEAT=NOTE', "such as 2.3=E4, or 2.3.3=E4 for an eighth later")
    at = At(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    return Wishes(pins=((at, _pitch(f"pin {at}", found[4])),))


def _avoid(text: str) -> Wishes:
    notes = text.replace(",", " ").split()
    if not notes:
        raise UsageError("avoid: expected notes", "such as F#, or F#4 in one octave alone")
    return together(Wishes(avoid=(_avoided(note),)) for note in notes)


def _avoided(text: str) -> int:
    try:
        return pitch_class(text)
    except ValueError:
        return _pitch("avoid", text)


def _highest(text: str) -> Wishes:
    note, mark, bar = text.partition("@")
    if mark and (not bar.strip().isdecimal() or not int(bar)):
        raise UsageError(f'highest "{text}": expected NOTE@BAR', "such as E5@3")
    return Wishes(highest=_pitch("highest", note.strip()), top=int(bar) if mark else 0)


def _range(text: str) -> Wishes:
    found = re.fullmatch(r"([A-Ga-g][#b]{0,2}-?[0-9])\s*(?:-|\.\.|to)\s*([A-Ga-g][#b]{0,2}-?[0-9])", text)
    if not found:
        raise UsageError(f'range "{text}": expected LOWEST-HIGHEST', "such as A3-E5")
    low, high = _pitch("range", found[1]), _pitch("range", found[2])
    if low > high:
        raise UsageError(f"range {text}: {found[1]} lies above {found[2]}", "the lowest note comes first")
    return Wishes(range=(low, high))


def _contour(text: str) -> Wishes:
    if text not in CONTOURS:
        raise UsageError(f'contour "{text}": unknown', nearest(text, CONTOURS))
    return Wishes(contour=text)


def _density(text: str) -> Wishes:
    try:
        share = round(float(text) * 100)
    except (ValueError, OverflowError):
        share = -1
    if not 1 <= share <= 100:
        raise UsageError(f'density "{text}": expected 0.01 to 1 notes an eighth', "0.5 is a usual line, 1 never rests")
    return Wishes(density=share)


def _rhythm(text: str) -> Wishes:
    found = []
    for word in text.split():
        row = re.fullmatch(r"(-?[0-9]{1,4}):([0-9]{1,4})", word)
        if not row or not int(row[2]):
            raise UsageError(f'rhythm "{word[:20]}": expected SLOT:LENGTH in sixteenths', 'such as "0:4 4:2 6:2"')
        found.append((int(row[1]), int(row[2])))
    return Wishes(rhythm=one_voice(found))


def one_voice(notes: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return (slot, length) pairs in order, one a slot, each ending where the next begins at the latest."""
    starts: dict[int, int] = {}
    for slot, length in sorted(notes):
        starts[slot] = max(length, starts.get(slot, 0))
    order = list(starts)
    return tuple((slot, min(starts[slot], end - slot)) for slot, end in _ends(order, starts))


def for_bars(rhythm: tuple[tuple[int, int], ...], bars: int, meter: Meter) -> tuple[tuple[int, int], ...]:
    """Return a rhythm for so many bars, from the first four that are sung: a short one goes round, a long one is cut.

    rhythm, and what comes back: (slot, slots long) of each note.
    """
    four = 4 * meter.slots
    first = rhythm[0][0] // four * four
    own = (rhythm[-1][0] - first) // meter.slots + 1
    own = own if own < 3 else -(-own // 4) * 4  # what rests in its last bar of four goes round after the rest
    starts = range(-first, bars * meter.slots, own * meter.slots)
    rows = [(slot + start, length) for start in starts for slot, length in rhythm]
    return one_voice((slot, length) for slot, length in rows if 0 <= slot < bars * meter.slots)


def _ends(order: list[int], starts: dict[int, int]) -> Iterator[tuple[int, int]]:
    for slot, following in zip(order, [*order[1:], None], strict=True):
        yield slot, slot + starts[slot] if following is None else following


def _like(text: str) -> Wishes:
    if not text.isdecimal() or int(text) > MOST_TAKE:
        raise UsageError(f'like "{text}": expected the number of a take, from 0')
    return Wishes(like=int(text))


_READERS: dict[str, Callable[[str], Wishes]] = {
    "pin": _pin,
    "avoid": _avoid,
    "first": lambda text: Wishes(first=_pitch("first", text)),
    "last": lambda text: Wishes(last=_pitch("last", text)),
    "highest": _highest,
    "range": _range,
    "contour": _contour,
    "density": _density,
    "rhythm": _rhythm,
    "like": _like,
}
