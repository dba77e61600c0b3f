"""Reader of OpenEWLD, lead sheets of public-domain tunes (Simonetta and others 2018; MIT): melody and chord symbols.

The sheets are MusicXML of one voice, so a few elements are all there is to know; music21 takes a hundred times as long.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from engine.errors import CorpusError

SOURCE = {"corpus": "OpenEWLD", "licence": "MIT (collection), public-domain tunes"}
TICKS = 480  # to the quarter
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


class SheetNote(NamedTuple):
    """A note of the voice: ticks from the first bar line, ticks long, MIDI number."""

    start: int
    length: int
    pitch: int


class SheetChord(NamedTuple):
    """A chord symbol: ticks from the first bar line, pitch class of the root, MusicXML's word for its kind."""

    start: int
    root: int
    kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A lead sheet; an anacrusis has negative ticks.

    fifths: of the key signature. meter: numerator and denominator. bars: ticks of the bar lines, and of the end.
    """

    id: str
    fifths: int
    meter: tuple[int, int]
    bars: tuple[int, ...]
    notes: tuple[SheetNote, ...]
    chords: tuple[SheetChord, ...]


def read(data: Path) -> Iterator[Sheet]:
    """Yield the sheets under ``data``/openewld by name; raises CorpusError for one that cannot be read."""
    for path in sorted((data / "openewld" / "mxl").rglob("*.mxl")):
        try:
            with zipfile.ZipFile(path) as archive:
                name = next(n for n in archive.namelist() if n.endswith(".xml") and not n.startswith("META-INF"))
                root = ElementTree.fromstring(archive.read(name))
        except (OSError, StopIteration, zipfile.BadZipFile, ElementTree.ParseError) as error:
            raise CorpusError(f"cannot read {path}: {error}") from error
        if (part := root.find("part")) is not None:
            yield _sheet(f"openewld/{path.stem}", part)


def _sheet(name: str, part: ElementTree.Element) -> Sheet:
    at, divisions, fifths, meter = 0, 1, 0, (4, 4)
    lines, notes, chords = [0], list[SheetNote](), list[SheetChord]()
    for measure in part.iter("measure"):
        for item in measure:
            if item.tag == "attributes":
                divisions = _whole(item, "divisions", divisions)
                fifths = _whole(item, "key/fifths", fifths)
                meter = (_whole(item, "time/beats", meter[0]), _whole(item, "time/beat-type", meter[1]))
            elif item.tag == "harmony" and item.find("root") is not None:
                kind = item.findtext("kind") or "major"
                chords.append(SheetChord(at, _pitch_class(item, "root/root"), kind))
            elif item.tag == "note" and item.find("grace") is None:
                length = _whole(item, "duration", 0) * TICKS // divisions
                if item.find("chord") is not None:
                    continue
                if item.find("pitch") is not None:
                    _add(notes, at, length, item)
                at += length
        lines.append(at)
    first = lines[1] if len(lines) > 2 and lines[1] < TICKS * 4 * meter[0] // meter[1] else 0
    return Sheet(
        name,
        fifths,
        meter,
        tuple(line - first for line in lines if line >= first),
        tuple(note._replace(start=note.start - first) for note in notes),
        tuple(chord._replace(start=chord.start - first) for chord in chords),
    )


def _add(notes: list[SheetNote], at: int, length: int, item: ElementTree.Element) -> None:
    pitch = 12 * (_whole(item, "pitch/octave", 4) + 1) + _step(item, "pitch/step") + _whole(item, "pitch/alter", 0)
    ties = {tie.get("type") for tie in item.findall("tie")}
    if "stop" in ties and notes and notes[-1].pitch == pitch:
        notes[-1] = notes[-1]._replace(length=notes[-1].length + length)
    else:
        notes.append(SheetNote(at, length, pitch))


def _pitch_class(item: ElementTree.Element, path: str) -> int:
    return (_step(item, f"{path}-step") + _whole(item, f"{path}-alter", 0)) % 12


def _step(item: ElementTree.Element, path: str) -> int:
    return _STEPS[(item.findtext(path) or "C").strip().upper()]


def _whole(item: ElementTree.Element, path: str, usual: int) -> int:
    text = item.findtext(path)
    return int(float(text)) if text else usual
