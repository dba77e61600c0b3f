"""Song files, read: every value checked, and what is wrong told in one line that says where.

Format 1 had no bench: notes lay in one list a part, counted from the song's start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from engine.document import Document, Step, joined
from engine.errors import EngineError, SongFileError
from engine.export.receipt import edits_of, request_of
from engine.export.songfile import FORMAT, HISTORY, digest
from engine.grammar import tree as derivations
from engine.song import KINDS, BarGroove, ChordSpan, Feel, Note, Part, Phrase, Section, Song
from engine.theory.chord import parse_symbol
from engine.theory.key import Key
from engine.theory.meter import Meter

OLDEST = 1
MOST_BYTES = 32 * 1024 * 1024

_MOST_TICKS = 1 << 26


def read_song_file(data: bytes, source: str = "the song file") -> Song:
    """Return the song of a song file as it is heard; raises as ``read_document``."""
    return read_document(data, source).heard()


def read_document(data: bytes, source: str = "the song file") -> Document:
    """Return what a song file holds; raises SongFileError naming ``source`` and the place that is wrong."""
    if len(data) > MOST_BYTES:
        raise SongFileError(f"{source}: {len(data)} bytes, expected at most {MOST_BYTES}")
    if data.startswith(b"MThd"):
        raise SongFileError(f"{source} is MIDI, not a song file", f"open one of ours with: hookline open {source}")
    try:
        content = json.loads(data)
        return _document(_Place(content, ""), data.decode())
    except SongFileError as error:
        raise SongFileError(f"{source}: {error}", error.hint) from error
    except RecursionError as error:
        raise SongFileError(f"{source}: nested too deep") from error
    except ValueError as error:  # no JSON, no UTF-8
        raise SongFileError(
            f"{source} is no song file: {error}", "write one with: hookline compose -o x.song.json"
        ) from error


def read_redo(data: bytes, text: str) -> tuple[Step, ...]:
    """Return the steps forward that ``redo_file`` wrote, if they are this text's; else none."""
    try:
        top = _Place(json.loads(data), "")
        return _steps(top["redo"]) if top["of"].text() == digest(text) else ()
    except (ValueError, RecursionError):
        return ()


class _Place:
    """A value of the file and its path, with readers that refuse what cannot be."""

    def __init__(self, value: Any, path: str) -> None:
        self.value, self.path = value, path

    def wrong(self, expected: str) -> SongFileError:
        shown = json.dumps(self.value)
        return SongFileError(
            f"{self.path or 'top'}: {shown[:40] + '...' if len(shown) > 40 else shown}, expected {expected}"
        )

    def __getitem__(self, key: str) -> _Place:
        if not isinstance(self.value, dict) or key not in self.value:
            raise SongFileError(f'{self.path + ": " if self.path else ""}"{key}" is missing')
        return _Place(self.value[key], f"{self.path}.{key}" if self.path else key)

    def items(self, length: int | None = None) -> list[_Place]:
        if not isinstance(self.value, list) or (length is not None and len(self.value) != length):
            raise self.wrong("a list" if length is None else f"a list of {length}")
        return [_Place(item, f"{self.path}[{number}]") for number, item in enumerate(self.value)]

    def whole(self, low: int, high: int) -> int:
        if type(self.value) is not int or not low <= self.value <= high:
            raise self.wrong(f"a whole number from {low} to {high}")
        return self.value

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def one_of(self, known: tuple[str, ...]) -> str:
        if self.value not in known:
            raise self.wrong(f"one of {', '.join(known)}")
        return str(self.value)

    def made(self, make: Callable[[str], Any]) -> Any:
        try:
            return make(self.text())
        except SongFileError:
            raise
        except (EngineError, ValueError) as error:
            raise SongFileError(f"{self.path}: {error}") from error


def _document(top: _Place, data: str) -> Document:
    found = top["format"].value
    if type(found) is not int or not OLDEST <= found <= FORMAT:
        newer = "it is of a newer program" if type(found) is int and found > FORMAT else "compose the song again"
        raise SongFileError(f"format {json.dumps(found)[:20]}, expected {OLDEST} to {FORMAT}", newer)
    song = _song(top)
    history = top["history"] if "history" in top.value else None
    return Document(
        song,
        takes=_takes(top["takes"]) if "takes" in top.value else song.request.takes,
        locks=_places(top, "locks"),
        muted=_places(top, "muted"),
        solo=_places(top, "solo"),
        past=_steps(history["undo"]) if history else (),
        future=_steps(history["redo"]) if history else (),
        text=_without_history(data) if history else data,
    )


def _without_history(data: str) -> str:
    """Return the text of a file as it is without its history; raises SongFileError where it was set otherwise."""
    before, found, _ = data.partition(f",\n{HISTORY}\n")
    if not found:
        raise SongFileError("history: not as it was written", "take the history out of the file")
    return f"{before}\n}}\n"


def _places(top: _Place, name: str) -> tuple[str, ...]:
    return tuple(place.text() for place in top[name].items()) if name in top.value else ()


def _takes(at: _Place) -> tuple[tuple[str, int], ...]:
    if not isinstance(at.value, dict):
        raise at.wrong("take numbers by place")
    return tuple((place, at[place].whole(0, 1 << 31)) for place in at.value)


def _steps(at: _Place) -> tuple[Step, ...]:
    return tuple(
        Step(
            step["did"].text(),
            tuple(
                (first.whole(0, 1 << 31), count.whole(0, 1 << 31), tuple(line.text() for line in lines.items()))
                for first, count, lines in (change.items(3) for change in step["changes"].items())
            ),
            step["digest"].text(),
        )
        for step in at.items()
    )


def _song(top: _Place) -> Song:
    facts = top["receipt"]
    feel = {
        "swing": top["feel"]["swing"].whole(50, 75),
        "swing_unit": top["feel"]["swing_unit"].whole(1, 2),
        "timing": top["feel"]["timing"].whole(0, 200),
        "velocity": top["feel"]["velocity"].whole(0, 200),
        "force": top["feel"]["force"].whole(-127, 127) if "force" in top["feel"].value else 0,
    }
    meter = top["meter"].made(_meter)
    sections = tuple(_read_section(item) for item in top["sections"].items())
    if not sections:
        raise top["sections"].wrong("at least one section")
    return Song(
        version=facts["version"].text(),
        request=request_of(facts.value),
        style_hash=facts["style_hash"].text(),
        key=top["key"].made(Key.parse),
        tempo=top["tempo"].whole(30, 300),
        meter=meter,
        sections=sections,
        parts=tuple(_read_part(item, sections, meter.bar) for item in top["parts"].items()),
        feel=Feel(**feel),
        tree=_read_tree(top["tree"]),
        harmony=tuple(
            (name.text(), _read_tree(tree)) for name, tree in (pair.items(2) for pair in top["harmony"].items())
        ),
        edits=edits_of(facts.value),
    )


def _meter(text: str) -> Meter:
    numerator, _, denominator = text.partition("/")
    return Meter(int(numerator), int(denominator))


def _read_section(at: _Place) -> Section:
    return Section(
        name=at["name"].text(),
        kind=at["kind"].one_of(KINDS),
        material=at["material"].text(),
        start_bar=at["start_bar"].whole(0, 10_000),
        bars=at["bars"].whole(1, 1_000),
        energy=at["energy"].whole(1, 5),
        change=at["change"].text(),
        players=tuple(item.text() for item in at["players"].items()),
        chords=tuple(_read_chord(item) for item in at["chords"].items()),
        phrases=tuple(_read_phrase(item) for item in at["phrases"].items()),
        groove=tuple(_read_groove(item) for item in at["groove"].items()),
        shift=at["shift"].whole(-11, 11) if "shift" in at.value else 0,
    )


def _read_chord(at: _Place) -> ChordSpan:
    start, length, symbol, numeral = at.items(4)
    return ChordSpan(
        start.whole(0, _MOST_TICKS), length.whole(1, _MOST_TICKS), symbol.made(parse_symbol), numeral.text()
    )


def _read_phrase(at: _Place) -> Phrase:
    start, length, label, change, sung = at.items(5)
    first, last = (item.whole(-64, 1 << 16) for item in sung.items(2))
    return Phrase(start.whole(-64, 1 << 16), length.whole(1, 1 << 16), label.text(), change.text(), (first, last))


def _read_groove(at: _Place) -> BarGroove:
    state, kick, snare, fill, crash = at.items(5)
    masks = (kick.whole(0, (1 << 64) - 1), snare.whole(0, (1 << 64) - 1))
    return BarGroove(state.whole(-1, 1 << 16), *masks, fill.whole(-1, 63), bool(crash.whole(0, 1)))


def _read_part(at: _Place, sections: tuple[Section, ...], bar: int) -> Part:
    name = at["name"].text()
    return Part(
        name=name,
        notes=_read_notes(name, at["notes"], sections, bar),
        track=at["track"].text(),
        program=at["program"].whole(0, 127),
        volume=at["volume"].whole(0, 127),
        pan=at["pan"].whole(0, 127),
    )


def _read_notes(part: str, at: _Place, sections: tuple[Section, ...], bar: int) -> tuple[Note, ...]:
    if isinstance(at.value, list):  # format 1
        return _read_row(at, 0)
    names = {section.name for section in sections}
    if not isinstance(at.value, dict):
        raise at.wrong("a list")
    for name in at.value:
        if name not in names:
            raise SongFileError(f'{at.path}: "{name}", expected the name of a section')
    found = {(name, part): _read_row(at[name], -_MOST_TICKS) for name in at.value}
    notes = joined(part, sections, bar, found)
    if notes and notes[0].start < 0:
        raise SongFileError(f"{at.path}: a note begins before the song")
    return notes


def _read_row(at: _Place, first: int) -> tuple[Note, ...]:
    try:
        # Thousands of notes, hardly ever a wrong one: what is wrong is looked for afterwards.
        notes = tuple(map(Note._make, at.value))
        if all(
            type(start) is type(length) is type(pitch) is type(stress) is int
            and first <= start <= _MOST_TICKS
            and 1 <= length <= _MOST_TICKS
            and 0 <= pitch <= 127
            and 0 <= stress <= 3
            and mark in ("", "mute")
            for start, length, pitch, stress, mark in notes
        ):
            return notes
    except TypeError:
        pass
    return tuple(_read_note(item, first) for item in at.items())


def _read_note(at: _Place, first: int) -> Note:
    start, length, pitch, stress, mark = at.items(5)
    return Note(
        start.whole(first, _MOST_TICKS),
        length.whole(1, _MOST_TICKS),
        pitch.whole(0, 127),
        stress.whole(0, 3),
        mark.one_of(("", "mute")),
    )


def _read_tree(at: _Place) -> derivations.Node | None:
    if at.value is None:
        return None
    try:
        return derivations.from_data(at.value)
    except (TypeError, ValueError) as error:
        raise SongFileError(f"{at.path}: no derivation tree: {error}") from error
