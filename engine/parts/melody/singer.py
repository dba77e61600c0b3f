"""One section sung: line after line, each remembering those before it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from engine.chain.sampler import Sampler
from engine.chain.watch import watcher
from engine.models import tables
from engine.models.bans import RESIDUES, Bans, kept
from engine.models.dense import Dense
from engine.models.memory import Growing
from engine.models.mixture import Mixture
from engine.models.novelty import ORDER, Novelty
from engine.models.novelty import load as known_runs
from engine.models.pitch import EVENTS, NONE, Place
from engine.models.rhythm import Lengths, Moment, pace
from engine.models.viewpoints import Ints
from engine.parts.melody import pitch, rhythm
from engine.parts.melody.asked import Asked
from engine.parts.melody.lines import (
    FOLLOWS,
    NEAR,
    RHYTHM_PULL,
    Sung,
    Taken,
    inner_slots,
    onsets_of,
    spots,
)
from engine.parts.melody.register import risen
from engine.parts.melody.remembered import Memories, Past
from engine.parts.melody.spot import Spot, places
from engine.parts.melody.voice import line_of
from engine.plan.plan import Plan
from engine.song import Note, Phrase, Section
from engine.stream import Stream
from engine.theory.meter import SLOT

_BETWEEN = 6  # percent of onsets between eighths, where those are the finest notes


class _Line(NamedTuple):
    """A line that has been sung: slots, events, the two events before it and how many notes came before."""

    phrase: Phrase
    onsets: tuple[int, ...]
    events: tuple[int, ...]
    ends: tuple[int, int]
    before: int


class Around(NamedTuple):
    """What is sung around a section: (slot from the section's start, MIDI number) of notes before and after."""

    before: tuple[tuple[int, int], ...] = ()
    after: tuple[tuple[int, int], ...] = ()


class _Models(NamedTuple):
    pitch: Dense
    rhythm: Dense
    lengths: Lengths
    novelty: Novelty


_ALONE = Around()


class Singer:
    """The voice in one section; ``notes`` and ``lines`` (by the start of their phrase) are what it has sung.

    known: other sections of the song whose rhythms it remembers.
    """

    def __init__(self, plan: Plan, section: Section, around: Around = _ALONE, known: Sequence[Singer] = ()) -> None:
        self.lines: dict[int, Sung] = {}
        self.notes: list[Note] = []
        self._plan = plan
        self._section = section
        self._around = around
        self._bounds = plan.bounds.get(section.name)
        self._ends = plan.once(("melody ends",), partial(_last_sung, plan)) == section.name
        self._models = models(plan.style.models)
        self._line = line_of(plan, section)
        self._unread: list[_Line] = []  # sung, but not yet in what follows
        for other in known:
            other._read()
        # A song's rhythms go on from section to section; its tunes begin anew.
        self._rhythms = [part for other in known for part in other._own_rhythms]
        self._pitches: list[Past] = []
        self._own_rhythms: list[Past] = []
        self._rhythm_memories, self._pitch_memories = Memories(self._models.rhythm), Memories(self._models.pitch)
        self._slots = sum(len(events) for _, events in self._rhythms)

    def sing(self, phrase: Phrase, model: Sung | None, change: str, room: int, last: bool, stream: Stream) -> None:
        """Sing one phrase: anew (model None), or like a model with a change.

        room: the slot at which the voice must be silent again. last: whether the section's singing ends here.
        stream: where the line's chance comes from.
        """
        bounds = self._bounds
        if bounds and bounds.only:
            onsets = sorted(bounds.onsets(phrase).on)
        elif model and change in ("", "end") and (bounds is None or bounds.fits(phrase, model.onsets)):
            before = {phrase.start + onset for onset in model.onsets}
            onsets = onsets_of(phrase, [slot in before for slot in inner_slots(phrase)])
        else:
            near = "vary" if model and change in ("", "end") else change
            onsets = onsets_of(phrase, self._rhythms_near(phrase, model, near).draw(stream.at("rhythm")))
        bans = self._bans(onsets, last)
        while len(bans.get((0, 1), ())) == RESIDUES and len(onsets) > 1 and bounds is None:
            # Whatever note came first would go on with a known melody: the line begins with the next.
            onsets = onsets[1:]
            bans = self._bans(onsets, last)
        # A tune over other chords keeps its notes or goes along with the roots.
        follows = change == "moved" and stream.at("follows").below(100) < FOLLOWS
        spots = self._spots(phrase, onsets, model, change, last, follows)
        events = pitch.again(self._line, spots) if change == "" else None
        if events is None or not self._kept(phrase, onsets, self._heard(events), bans):
            near_it = model is not None and change in NEAR
            drawn = self._tunes(phrase, spots, bans, near_it).draw(stream.at("pitch"))
            events = self._line.events[drawn].tolist()
        self.take(phrase, onsets, events, room)
        if (seen := watcher()) is not None:
            like = (model.onsets, tuple(self._heard(model.events))) if model else None
            seen(Taken(self._section.name, phrase, tuple(onsets), tuple(self._heard(events)), like, change))

    def _heard(self, events: Sequence[int]) -> list[int]:
        return [self._line.bottom + event for event in events]

    def take(self, phrase: Phrase, onsets: Sequence[int], events: Sequence[int], room: int) -> None:
        """Sing a phrase as given; arguments as of ``sing``."""
        self.lines[phrase.start] = Sung(
            tuple(onset - phrase.start for onset in onsets),
            tuple(events),
            tuple(spot.chord.chord.root for spot in self._spots(phrase, onsets)),
        )
        self._unread.append(_Line(phrase, tuple(onsets), tuple(events), self._last_two(), len(self.notes)))
        waits = [*np.diff(onsets).tolist(), max(room - onsets[-1], 1)]
        # Lines of one letter hold their notes alike.
        held = rhythm.draw_lengths(
            self._models.lengths,
            waits,
            self._plan.style.rules["melody.legato"],
            self._plan.shared(self._section, "melody", f"lengths/{phrase.label}"),
        )
        if self._bounds and self._bounds.lengths:
            given = [self._bounds.lengths.get(slot, length) for slot, length in zip(onsets, held, strict=True)]
            held = [*(min(pair) for pair in zip(given, waits[:-1], strict=False)), given[-1]]
        self.notes += [
            Note(slot * SLOT, length * SLOT, self._line.bottom + event)
            for slot, length, event in zip(onsets, held, events, strict=True)
        ]

    def rhythms(self, phrase: Phrase, model: Sung | None = None, change: str = "") -> Sampler:
        """Return all rhythms of a phrase, as drawn for ``onsets_of``."""
        before = {phrase.start + onset for onset in model.onsets} if model else set()
        near = model is not None and change in NEAR
        self._read()
        return rhythm.onset_sampler(
            self._models.rhythm,
            self._moment(phrase, 0 if near else self._slots),
            () if near else self._rhythm_memories.after(self._rhythms),
            density=self._plan.style.rules["melody.density"],
            offbeat=self._plan.style.rules["melody.offbeat"],
            between=_BETWEEN if self._plan.eighths else self._plan.style.rules["melody.sixteenths"],
            near=[int(slot in before) for slot in inner_slots(phrase)] if model else (),
            pull=RHYTHM_PULL.get(change, 1),
            asked=self._bounds.onsets(phrase) if self._bounds else None,
            first=phrase.sung[0],
        )

    def _rhythms_near(self, phrase: Phrase, model: Sung | None, change: str) -> Sampler:
        if model is None or change not in NEAR or self._bounds:
            return self.rhythms(phrase, model, change)
        # Every later section stays near the same line: its rhythms are found once.
        key = ("melody rhythms", self._section.kind, phrase, model, change)
        return self._plan.once(key, lambda: self.rhythms(phrase, model, change))

    def tunes(self, phrase: Phrase, onsets: Sequence[int], last: bool) -> Sampler:
        """Return all new tunes over a rhythm, as indices of ``events``; ``last`` as of ``sing``."""
        return self._tunes(phrase, self._spots(phrase, onsets, last=last), self._bans(onsets, last))

    @property
    def events(self) -> Ints:
        """What the voice may sing, in semitones above ``bottom``."""
        return self._line.events

    @property
    def bottom(self) -> int:
        """The MIDI number of event 0."""
        return self._line.bottom

    def _tunes(self, phrase: Phrase, spots: Sequence[Spot], bans: Bans, near: bool = False) -> Sampler:
        ends = self._last_two()
        if near:
            likes = [NONE if spot.like is None else spot.like for spot in spots]
            assumed = [ends[1], ends[0], *likes][: len(spots)]
            place, memories = self._place(spots, 0), tuple[Growing, ...]()
        else:
            self._read()
            assumed, place = None, self._place(spots, len(self.notes))
            memories = self._pitch_memories.after(self._pitches)
        return pitch.pitch_sampler(
            self._models.pitch, self._line, spots, place, ends, memories, bans, assumed, self._asked(phrase, spots)
        )

    def _asked(self, phrase: Phrase, spots: Sequence[Spot]) -> Asked | None:
        """Return what a user asks of the notes of a line."""
        bounds, events = self._bounds, self._line.events
        if bounds is None:
            return None
        top = None
        if bounds.top and bounds.top[1] == phrase.start:
            top = int(np.searchsorted(events, bounds.top[0] - self._line.bottom))
        left = bounds.allow([spot.slot for spot in spots])[:, events + self._line.bottom]
        shun = [
            (i, int(np.searchsorted(events, bounds.shun[spot.slot] - self._line.bottom)))
            for i, spot in enumerate(spots)
            if bounds.shun.get(spot.slot, -1) - self._line.bottom in events
        ]
        return Asked(left.astype(np.int64), top, bounds.turns.get(phrase.start, ()), shun)

    def _kept(self, phrase: Phrase, onsets: Sequence[int], pitches: Sequence[int], bans: Bans) -> bool:
        if self._bounds and not self._bounds.keep(phrase, onsets, pitches):
            return False
        return kept(bans, pitches)

    def like(self, phrase: Phrase) -> Sung | None:
        """Return the line that a user wants a phrase to sound like, or None."""
        line = [note for note in self._bounds.like if _inside(note, phrase)] if self._bounds else []
        if not line:
            return None
        return Sung(
            tuple(note.start // SLOT - phrase.start for note in line),
            tuple(note.pitch - self._line.bottom for note in line),
            tuple(self._section.chord_at(max(note.start, 0)).chord.root for note in line),
        )

    def _read(self) -> None:
        """Take what has been sung since the last time into the memories."""
        for line in self._unread:
            inner = [int(slot in line.onsets) for slot in inner_slots(line.phrase)]
            if inner:
                self._own_rhythms.append(rhythm.columns_of(self._moment(line.phrase, self._slots), inner))
                self._rhythms.append(self._own_rhythms[-1])
                self._slots += len(inner)
            place = self._place(self._spots(line.phrase, line.onsets), line.before)
            self._pitches.append(pitch.columns_of(place, line.events, line.ends))
        self._unread.clear()

    def _moment(self, phrase: Phrase, remembered: int) -> Moment:
        plan, line = self._plan, self._line
        speed = pace(plan.tempo)
        return rhythm.moments(
            phrase.sung[0], phrase.sung[1] - 1, plan.meter, line.kind, speed, line.manner.grain, remembered
        )

    def _spots(
        self,
        phrase: Phrase,
        onsets: Sequence[int],
        model: Sung | None = None,
        change: str = "",
        last: bool = False,
        follows: bool = False,
    ) -> list[Spot]:
        return spots(self._section, phrase, onsets, model, change, last, last and self._ends, follows)

    def _place(self, spots: Sequence[Spot], remembered: int) -> Place:
        weights = [self._plan.meter.weight(spot.slot) for spot in spots]
        place = places(self._line, spots, weights, remembered)
        rise = risen(self._section, max(spots[0].slot, 0), self._section.bars * self._plan.meter.slots)
        lift = [self._bounds.lift.get(spot.slot, 0) for spot in spots] if self._bounds else [0]
        middle = place.middle + rise + np.array(lift, dtype=np.int64)[:, None]
        return place._replace(middle=np.clip(middle, 0, EVENTS - 1))

    def _last_two(self) -> tuple[int, int]:
        events = [note.pitch - self._line.bottom for note in self.notes[-2:]]
        return (events[-1] if events else NONE, events[-2] if len(events) > 1 else NONE)

    def _bans(self, onsets: Sequence[int], last: bool) -> Bans:
        """Return where the notes to come would follow a known melody for too long."""
        own = [(note.start // SLOT, note.pitch) for note in self.notes[-ORDER:]]
        before = [*self._around.before, *own][-ORDER:]
        after = self._around.after[:ORDER] if last else ()
        return self._models.novelty.bans(
            [*(slot for slot, _ in before), *onsets, *(slot for slot, _ in after)],
            [*(heard for _, heard in before), *([None] * len(onsets)), *(heard for _, heard in after)],
        )


def _last_sung(plan: Plan) -> str:
    """Return the name of the last section in which somebody sings."""
    sung = [section for section in plan.sections if "melody" in section.players]
    return next((s.name for s in reversed(sung) if any(p.sung[1] > p.sung[0] for p in s.phrases)), "")


def _inside(note: Note, phrase: Phrase) -> bool:
    return phrase.sung[0] <= note.start // SLOT < phrase.sung[1]


@lru_cache(maxsize=16)
def models(name: str) -> _Models:
    """Return the fitted models of the voice."""
    pitches = Mixture.of(tables.load(name, "pitch"))
    rhythms = tables.load(name, "rhythm")
    onsets = Mixture.of(rhythms)
    lengths = Lengths(tables.load(name, "lengths"))
    return _Models(Dense(pitches), Dense(onsets), lengths, known_runs(name))
