"""The plan of a song: what every part reads, and the only thing it reads.

Parts never see one another. They agree because they read the same sections, chords, phrases and
grooves; that is why one part can be rolled again while the rest stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.plan.bounds import Bounds
from engine.plan.hook import HookLine
from engine.song import Note, Section
from engine.stream import Stream
from engine.style.model import Style
from engine.theory.key import Key
from engine.theory.meter import Meter

T = TypeVar("T")
_SHUFFLE = 60  # percent of a beat


@dataclass(frozen=True, slots=True)
class Plan:
    """A song before its notes.

    takes: take numbers by place ("chorus/melody", "verse/1/drums"); others are 0.
    hook: the chorus's first line, as it is sung. theme: what other parts quote of it: the hook at the voice's first
    take, so that another take of the voice leaves them as they were. sung: what sections sing that stay as they are,
    by name, as ``parts.melody`` gives it: others are sung around it. heard: what the
    voice sings, by section, for parts that are led as voices under it (``plan.voices``). loop: the last section leads
    into the first. bounds: what wishes leave to the voice, by section.
    """

    style: Style
    seed: int
    key: Key
    tempo: int
    meter: Meter
    sections: tuple[Section, ...]
    takes: Mapping[str, int] = field(default_factory=dict)
    bridge_melody: bool = False
    hook: HookLine | None = None
    theme: HookLine | None = None
    sung: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    heard: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    loop: bool = False
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    _memo: dict[tuple[object, ...], object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def eighths(self) -> bool:
        """Whether eighths are the finest notes: in compound metres, and where they are shuffled."""
        feel = self.style.feel
        return self.meter.compound or (feel.swing_unit == 2 and feel.swing >= _SHUFFLE)

    def song(self, part: str, decision: str) -> Stream:
        """Return the stream of a decision made once for the whole song."""
        return Stream.of(self.seed).at("song", part, decision, self.takes.get(f"song/{part}", 0))

    def shared(self, section: Section, part: str, decision: str) -> Stream:
        """Return the stream of a decision that all sections of one material make alike."""
        take = self.takes.get(f"{section.material}/{part}", 0)
        stream = Stream.of(self.seed).at("material", section.material, part, decision, take)
        own = self.takes.get(f"{section.name}/{part}", 0)
        return stream.at(section.name, own) if own else stream

    def own(self, section: Section, part: str, decision: str) -> Stream:
        """Return the stream of a decision that this section makes for itself (fills, variations)."""
        take = self.takes.get(f"{section.material}/{part}", 0)
        own = self.takes.get(f"{section.name}/{part}", 0)
        return Stream.of(self.seed).at("take", section.name, part, decision, take, own)

    def ordinal(self, section: Section) -> int:
        """Return how many sections of the same material come before this one."""
        before = (other for other in self.sections if other.start_bar < section.start_bar)
        return sum(other.material == section.material for other in before)

    def following(self, section: Section) -> Section | None:
        """Return the section after this one: in a loop the first after the last, else None there."""
        names = [other.name for other in self.sections]
        place = names.index(section.name) + 1 if section.name in names else len(names)
        if place < len(names):
            return self.sections[place]
        return self.sections[0] if self.loop else None

    def ends(self, section: Section) -> bool:
        """Return whether a section is the last, after which nothing comes."""
        return section.name == self.sections[-1].name and not self.loop

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """Return ``make()``, remembered under ``key``: only to save time, never to carry a choice."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]  # type: ignore[return-value]
