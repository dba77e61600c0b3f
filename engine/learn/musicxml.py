"""MusicXML to ``Raw``: scores by part and staff, in time that grows with their length alone.

music21 reads MusicXML too, but a score of a thousand bars takes it minutes; what is damaged or far too long must not
hold up a folder. Repeats are not unfolded, written pitches of transposing instruments are made sounding ones, and a bar
is as long as its fullest part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np

from engine.learn.colour import quality_of
from engine.learn.raw import MAX_NOTES, Raw, RawTrack, Unheard
from engine.theory.chord import Chord

TICKS = 480
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# Semitones above the root, by the name that MusicXML has for a kind of chord.
_KINDS = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "augmented": (0, 4, 8),
    "diminished": (0, 3, 6),
    "dominant": (0, 4, 7, 10),
    "major-seventh": (0, 4, 7, 11),
    "minor-seventh": (0, 3, 7, 10),
    "diminished-seventh": (0, 3, 6, 9),
    "augmented-seventh": (0, 4, 8, 10),
    "half-diminished": (0, 3, 6, 10),
    "major-minor": (0, 3, 7, 11),
    "major-sixth": (0, 4, 7, 9),
    "minor-sixth": (0, 3, 7, 9),
    "dominant-ninth": (0, 4, 7, 10, 2),
    "major-ninth": (0, 4, 7, 11, 2),
    "minor-ninth": (0, 3, 7, 10, 2),
    "dominant-11th": (0, 4, 7, 10, 2, 5),
    "major-11th": (0, 4, 7, 11, 2, 5),
    "minor-11th": (0, 3, 7, 10, 2, 5),
    "dominant-13th": (0, 4, 7, 10, 2, 9),
    "major-13th": (0, 4, 7, 11, 2, 9),
    "minor-13th": (0, 3, 7, 10, 2, 9),
    "suspended-second": (0, 2, 7),
    "suspended-fourth": (0, 5, 7),
    "power": (0, 7),
}
_UNITS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25, "32nd": 0.125}
_LONGEST = 64 * TICKS  # a bar lasts at most


@dataclass
class _Part:
    # A part so far. notes: (start, length, pitch) by staff. tied: those that go on, by staff and pitch.
    name: str
    program: int
    drums: bool
    sounds: dict[str, int]  # of percussion, by instrument
    divisions: float = 1.0
    transpose: int = 0
    notes: dict[int, list[list[int]]] = field(default_factory=dict)
    tied: dict[tuple[int, int], list[int]] = field(default_factory=dict)


def read_musicxml(text: bytes, name: str) -> Raw:
    """Return the score of MusicXML text; raises Unheard."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise Unheard(f"cannot be read: ParseError: {error}") from error
    if root.tag != "score-partwise":
        raise Unheard(f"is no score by parts: its outermost element is <{root.tag[:40]}>")
    told = {part.get("id", ""): _part(part) for part in root.iterfind("part-list/score-part")}
    parts = [
        (told.get(part.get("id", ""), _Part("", -1, False, {})), part.findall("measure"))
        for part in root.iterfind("part")
    ]
    score = _Score()
    at = 0
    for number in range(max((len(bars) for _, bars in parts), default=0)):
        length = 0
        for part, bars in parts:
            if number < len(bars):
                length = max(length, score.bar(part, bars[number], at))
        if number == 0:
            score.first = length
        at += length
    return score.raw(name, [part for part, _ in parts])


def _part(told: ElementTree.Element) -> _Part:
    program = _whole(told.find("midi-instrument/midi-program"), 0) - 1
    drums = _whole(told.find("midi-instrument/midi-channel"), 0) == 10
    sounds = {
        own.get("id", ""): _whole(own.find("midi-unpitched"), 0) - 1
        for own in told.iterfind("midi-instrument")
        if own.find("midi-unpitched") is not None
    }
    return _Part((told.findtext("part-name") or "").strip(), program if 0 <= program < 128 else -1, drums, sounds)


class _Score:
    """What has been read of all parts."""

    def __init__(self) -> None:
        self.meters: dict[int, tuple[int, int, int]] = {}
        self.keys: dict[int, tuple[int, int, bool]] = {}
        self.tempos: dict[int, tuple[int, int]] = {}
        self.markers: dict[int, tuple[int, str]] = {}
        self.chords: dict[int, tuple[int, Chord | None]] = {}
        self.count = 0
        self.first = 0

    def bar(self, part: _Part, bar: ElementTree.Element, start: int) -> int:
        """Read a bar of a part that starts at a tick; return how long it is."""
        now = before = reached = 0.0
        for item in bar:
            match item.tag:
                case "note":
                    length = 0.0 if item.find("grace") is not None else self._ticks(part, item)
                    onset = before if item.find("chord") is not None else now
                    if length > 0 and item.find("rest") is None and item.find("cue") is None:
                        self._note(part, item, start + round(onset), round(length))
                    before, now = onset, max(now, onset + length)
                case "backup":
                    now = max(now - self._ticks(part, item), 0.0)
                case "forward":
                    now += self._ticks(part, item)
                case "attributes":
                    self._attributes(part, item, start + round(now))
                case "harmony":
                    at = start + round(now + _number(item.find("offset"), 0.0) * TICKS / part.divisions)
                    self.chords.setdefault(at, (at, _chord(item, part.transpose)))
                case "direction" | "sound":
                    self._direction(item, start + round(now))
            reached = max(reached, now)
        return round(min(reached, _LONGEST))

    def raw(self, name: str, parts: list[_Part]) -> Raw:
        """Return the score."""
        tracks = []
        for part in parts:
            for staff in sorted(part.notes):
                rows = sorted((at, max(length, 1), pitch, 80) for at, length, pitch in part.notes[staff])
                tracks.append(RawTrack(np.array(rows, np.int64).reshape(-1, 4), part.name, part.program, part.drums))
        bar = 0
        if self.meters:
            _, over, under = self.meters[min(self.meters)]
            bar = over * 4 * TICKS // under
        return Raw(
            name,
            TICKS,
            tuple(tracks),
            tuple(self.tempos[at] for at in sorted(self.tempos)),
            tuple(self.meters[at] for at in sorted(self.meters)),
            tuple(self.keys[at] for at in sorted(self.keys)),
            tuple(self.markers[at] for at in sorted(self.markers)),
            tuple(self.chords[at] for at in sorted(self.chords)),
            scored=True,
            upbeat=self.first if 0 < self.first < bar else 0,
        )

    def _ticks(self, part: _Part, item: ElementTree.Element) -> float:
        return min(max(_number(item.find("duration"), 0.0), 0.0) * TICKS / part.divisions, _LONGEST)

    def _note(self, part: _Part, item: ElementTree.Element, at: int, length: int) -> None:
        self.count += 1
        if self.count > MAX_NOTES:
            raise Unheard(f"holds more than {MAX_NOTES:,} notes")
        pitch = self._pitch(part, item)
        if pitch is None or not 0 <= pitch <= 127:
            return
        staff = _whole(item.find("staff"), 1)
        ties = {tie.get("type") for way in ("tie", "notations/tied") for tie in item.iterfind(way)}
        held = part.tied.pop((staff, pitch), None) if "stop" in ties else None
        if held is not None and held[0] + held[1] == at:
            held[1] += length
            row = held
        else:
            row = [at, length, pitch]
            part.notes.setdefault(staff, []).append(row)
        if "start" in ties:
            part.tied[staff, pitch] = row

    def _pitch(self, part: _Part, item: ElementTree.Element) -> int | None:
        if item.find("unpitched") is not None:
            part.drums = True
            own = item.find("instrument")
            return part.sounds.get(own.get("id", "") if own is not None else "", 38)
        step = item.findtext("pitch/step")
        if step not in _STEPS:
            return None
        if part.drums and part.sounds and (own := item.find("instrument")) is not None and own.get("id") in part.sounds:
            return part.sounds[own.get("id", "")]
        alter = round(_number(item.find("pitch/alter"), 0.0))
        return 12 * (_whole(item.find("pitch/octave"), 4) + 1) + _STEPS[step] + alter + part.transpose

    def _attributes(self, part: _Part, item: ElementTree.Element, at: int) -> None:
        part.divisions = max(_number(item.find("divisions"), part.divisions), 1e-3)
        over = sum(int(n) for n in (item.findtext("time/beats") or "").split("+") if n.strip().isdigit() and len(n) < 4)
        under = _whole(item.find("time/beat-type"), 0)
        if over and under:
            self.meters.setdefault(at, (at, over, under))
        if (key := item.find("key")) is not None:
            self.keys.setdefault(at, (at, _whole(key.find("fifths"), 0), key.findtext("mode") == "minor"))
        if any(clef.text == "percussion" for clef in item.iterfind("clef/sign")):
            part.drums = True
        if (moved := item.find("transpose")) is not None:
            part.transpose = _whole(moved.find("chromatic"), 0) + 12 * _whole(moved.find("octave-change"), 0)

    def _direction(self, item: ElementTree.Element, at: int) -> None:
        sound = item if item.tag == "sound" else item.find("sound")
        tempo = _number_of(sound.get("tempo", "")) if sound is not None else None
        if tempo is None and (mark := item.find("direction-type/metronome")) is not None:
            unit = _UNITS.get(mark.findtext("beat-unit") or "", 1.0) * (
                1.5 if mark.find("beat-unit-dot") is not None else 1
            )
            beats = _number_of(mark.findtext("per-minute") or "")
            tempo = beats * unit if beats else None
        if tempo and tempo > 0:
            self.tempos.setdefault(at, (at, round(60e6 / tempo)))
        text = item.findtext("direction-type/rehearsal")
        if text:
            self.markers.setdefault(at, (at, text.strip()))


def _chord(item: ElementTree.Element, transpose: int) -> Chord | None:
    # None is "no chord". A kind we have no name for is known by the triad it holds.
    kind = (item.findtext("kind") or "major").strip()
    step = item.findtext("root/root-step")
    if kind == "none" or step not in _STEPS:
        return None
    root = (_STEPS[step] + round(_number(item.find("root/root-alter"), 0.0)) + transpose) % 12
    low = item.findtext("bass/bass-step")
    bass = (_STEPS[low] + round(_number(item.find("bass/bass-alter"), 0.0)) + transpose) % 12 if low in _STEPS else root
    steps = set(_KINDS.get(kind, (0, 4, 7)))
    for above, alter, change in _degrees(item):
        plain = (0, 2, 4, 5, 7, 9, 10)[(above - 1) % 7]
        if change == "add":
            steps.add((plain + alter) % 12)
        elif plain in steps and change in ("alter", "subtract"):
            steps.discard(plain)
            if change == "alter":
                steps.add((plain + alter) % 12)
    return Chord(root, quality_of(frozenset(steps | {(bass - root) % 12})), bass)


def _degrees(item: ElementTree.Element) -> Iterator[tuple[int, int, str]]:
    for degree in item.iterfind("degree"):
        alter = round(_number(degree.find("degree-alter"), 0.0))
        yield _whole(degree.find("degree-value"), 1), alter, degree.findtext("degree-type") or ""


def _number_of(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e9 else None


def _number(item: ElementTree.Element | None, default: float) -> float:
    found = _number_of(item.text or "") if item is not None else None
    return default if found is None else found


def _whole(item: ElementTree.Element | None, default: int) -> int:
    return round(_number(item, default))
