"""Metre: ticks, bars, and the sixteenth-note slots that every plan counts in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

QUARTER = 480  # ticks; the resolution of the MIDI files we write
SLOT = QUARTER // 4  # one sixteenth


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature.

    >>> Meter(4, 4).bar, Meter(4, 4).slots, Meter(6, 8).slots
    (1920, 16, 12)
    """

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 16 or self.denominator not in (2, 4, 8, 16):
            raise ValueError(f"time signature {self.numerator}/{self.denominator}: expected 1..16 over 2, 4, 8 or 16")

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def bar(self) -> int:
        """Ticks in a bar."""
        return self.numerator * 4 * QUARTER // self.denominator

    @property
    def slots(self) -> int:
        """Sixteenths in a bar."""
        return self.bar // SLOT

    @property
    def beat(self) -> int:
        """Slots in a felt beat: a quarter, or a dotted quarter in compound time."""
        return 6 if self.compound else 4

    @property
    def compound(self) -> bool:
        """Whether beats fall into three, as in 6/8 and 12/8."""
        return self.denominator == 8 and self.numerator % 3 == 0

    def weight(self, slot: int) -> int:
        """Metrical weight of a slot of the bar: 4 downbeat, 3 half bar, 2 beat, 1 eighth, 0 sixteenth.

        The levels are those of Lerdahl and Jackendoff, A Generative Theory of Tonal Music (1983).
        """
        slot %= self.slots
        if slot == 0:
            return 4
        if self.slots % (2 * self.beat) == 0 and slot == self.slots // 2:
            return 3
        if slot % self.beat == 0:
            return 2
        return 1 if slot % 2 == 0 else 0


# Slots of a beat of 4/4 that those of a beat of three eighths are like.
_OF_THREE = (0, 1, 2, 3, 2, 3)


@lru_cache(maxsize=64)
def common(meter: Meter) -> tuple[int, ...]:
    """Return for each slot of a bar the slot of a 4/4 bar that weighs the same, for tables fitted in 4/4.

    >>> common(Meter(3, 4))
    (0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
    >>> common(Meter(6, 8))
    (0, 1, 2, 3, 2, 3, 8, 9, 10, 11, 10, 11)
    """
    if meter.slots == 16 and not meter.compound:
        return tuple(range(16))
    beats, found = -(-meter.slots // meter.beat), []
    for slot in range(meter.slots):
        beat, inside = divmod(slot, meter.beat)
        if beats in (2, 4):
            first = beat * 16 // beats
        else:
            first = 0 if beat == 0 else 12 if beat == beats - 1 else 8 - 4 * (beat % 2)
        found.append(first + (_OF_THREE[inside] if meter.compound else inside))
    return tuple(found)


@lru_cache(maxsize=64)
def placed(meter: Meter) -> tuple[int, ...]:
    """Return for each slot of a 4/4 bar the slot of this metre's bar that is most like it: as near and as heavy.

    >>> placed(Meter(6, 8))[::4], placed(Meter(3, 4))[::4]
    ((0, 2, 6, 8), (0, 4, 4, 8))
    """
    plain = Meter()

    def apart(slot: int, other: int) -> int:
        lighter = max(min(plain.weight(slot), 2) - min(meter.weight(other), 2), 0)
        return abs(16 * other - slot * meter.slots) + 24 * lighter + 48 * (meter.compound and other % 2)

    return tuple(min(range(meter.slots), key=lambda other: (apart(slot, other), other)) for slot in range(16))
