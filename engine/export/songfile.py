"""Song files: a whole song as JSON, one bar of notes a line so that a diff reads as music.

The format has a number of its own; a file states it first, with the version of the program. Reading
gives back the very same ``Song``; anything else is refused with one line that says where.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from engine.errors import EngineError, SongFileError
from engine.export.receipt import receipt, request_of
from engine.grammar import tree as derivations
from engine.song import KINDS, BarGroove, ChordSpan, Feel, Note, Part, Phrase, Section, Song
from engine.theory.chord import parse_symbol
from engine.theory.key import Key
from engine.theory.meter import Meter

FORMAT = 1
MOST_BYTES = 32 * 1024 * 1024

_MOST_TICKS = 1 << 26


def song_file(song: Song) -> bytes:
    """Return the song as JSON text, ASCII, ending in a newline."""
    return ("\n".join(_lines(song)) + "\n").encode()


def _lines(song: Song) -> Iterator[str]:
    yield "{"
    yield f'  "format": {FORMAT},'
    yield f'  "receipt": {_json(receipt(song))},'
    yield f'  "key": {_json(str(song.key))}, "tempo": {song.tempo}, "meter": {_json(str(song.meter))},'
    feel = {name: getattr(song.feel, name) for name in Feel.__dataclass_fields__ if name != "force" or song.feel.force}
    yield f'  "feel": {_json(feel)},'
    yield '  "sections": ['
    yield from _joined([_section(section, song.key_of(section)) for section in song.sections])
    yield '  "parts": ['
    yield from _joined([_part(part, song.meter.bar) for part in song.parts])
    yield f'  "tree": {_json(_tree(song.tree))},'
    yield '  "harmony": ['
    yield from _joined([[f"    {_json([name, _tree(tree)])}"] for name, tree in song.harmony], "  ]")
    yield "}"


def _section(section: Section, key: Key) -> list[str]:
    facts = {name: getattr(section, name) for name in ("name", "kind", "material", "start_bar", "bars", "energy")}
    facts |= {"change": section.change, "players": section.players}
    if section.shift:
        facts["shift"] = section.shift
    chords = [(span.start, span.length, span.chord.symbol(key), span.numeral) for span in section.chords]
    grooves = [(bar.state, bar.kick, bar.snare, bar.fill, int(bar.crash)) for bar in section.groove]
    return [
        f"    {_json(facts)[:-1]},",
        f'      "chords": {_json(chords)},',
        f'      "phrases": {_json(section.phrases)},',
        f'      "groove": {_json(grooves)}}}',
    ]


def _part(part: Part, bar: int) -> list[str]:
    facts = {name: getattr(part, name) for name in ("name", "track", "program", "volume", "pan")}
    bars = [_json(list(notes))[1:-1] for _, notes in groupby(part.notes, lambda note: note.start // bar)]
    return [
        f'    {_json(facts)[:-1]}, "notes": [',
        *(f"      {line}," for line in bars[:-1]),
        f"      {''.join(bars[-1:])}]}}",
    ]


def _joined(blocks: list[list[str]], end: str = "  ],") -> Iterator[str]:
    for number, block in enumerate(blocks, 1):
        yield from block[:-1]
        yield block[-1] + ("," if number < len(blocks) else "")
    yield end


def _json(value: Any) -> str:
    return json.dumps(value)


def _tree(tree: object) -> object:
    return tree.to_data() if isinstance(tree, derivations.Node) else None


def read_song_file(data: bytes, source: str = "the song file") -> Song:
    """Return the song of a song file; raises SongFileError naming ``source`` and the place that is wrong."""
    if len(data) > MOST_BYTES:
        raise SongFileError(f"{source}: {len(data)} bytes, expected at most {MOST_BYTES}")
    try:
        content = json.loads(data)
        return _song(_Place(content, ""))
    except SongFileError as error:
        raise SongFileError(f"{source}: {error}", error.hint) from error
    except RecursionError as error:
        raise SongFileError(f"{source}: nested too deep") from error
    except ValueError as error:  # no JSON, no UTF-8
        raise SongFileError(
            f"{source} is no song file: {error}", "write one with: hookline compose -o x.song.json"
        ) from error


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


def _song(top: _Place) -> Song:
    found = top["format"].value
    if found != FORMAT:
        raise SongFileError(f"format {json.dumps(found)[:20]}, expected {FORMAT}", "compose the song again")
    facts = top["receipt"]
    feel = {
        "swing": top["feel"]["swing"].whole(50, 75),
        "swing_unit": top["feel"]["swing_unit"].whole(1, 2),
        "timing": top["feel"]["timing"].whole(0, 200),
        "velocity": top["feel"]["velocity"].whole(0, 200),
        "force": top["feel"]["force"].whole(-127, 127) if "force" in top["feel"].value else 0,
    }
    return Song(
        version=facts["version"].text(),
        request=request_of(facts.value),
        style_hash=facts["style_hash"].text(),
        key=top["key"].made(Key.parse),
        tempo=top["tempo"].whole(30, 300),
        meter=top["meter"].made(_meter),
        sections=tuple(_read_section(item) for item in top["sections"].items()),
        parts=tuple(_read_part(item) for item in top["parts"].items()),
        feel=Feel(**feel),
        tree=_read_tree(top["tree"]),
        harmony=tuple(
            (name.text(), _read_tree(tree)) for name, tree in (pair.items(2) for pair in top["harmony"].items())
        ),
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


def _read_part(at: _Place) -> Part:
    return Part(
        name=at["name"].text(),
        notes=tuple(_read_note(item) for item in at["notes"].items()),
        track=at["track"].text(),
        program=at["program"].whole(0, 127),
        volume=at["volume"].whole(0, 127),
        pan=at["pan"].whole(0, 127),
    )


def _read_note(at: _Place) -> Note:
    start, length, pitch, stress, mark = at.items(5)
    return Note(
        start.whole(0, _MOST_TICKS),
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
