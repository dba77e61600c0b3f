"""Metre: ticks, bars, and the sixteenth-note slots that every plan counts in."""

from __future__ import annotations

from dataclasses import dataclass

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
        compound = self.denominator == 8 and self.numerator % 3 == 0
        return 6 if compound else 4

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
