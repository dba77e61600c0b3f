"""Song files: a song on the bench as JSON, one bar of notes a line so that a diff reads as music.

The format has a number of its own; a file states it first, with the version of the program. Notes are told by
section, from its start, so that a section that comes in moves no line of the others. See docs/song-file.md;
``songread`` reads what is written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import Any

from engine.document import Change, Document, Step, cells_of
from engine.export.receipt import receipt
from engine.grammar import tree as derivations
from engine.song import Feel, Part, Section, Song
from engine.theory.key import Key

FORMAT = 2
HISTORY = '  "history": {'


def song_file(song: Song) -> bytes:
    """Return the song as JSON text, ASCII, ending in a newline."""
    return document_text(Document(song, song.request.takes)).encode()


def document_file(document: Document) -> bytes:
    """Return a song on the bench with its history; one without steps back is the text that it was read from."""
    return with_history(document.text or document_text(document), document.past, document.future).encode()


def document_text(document: Document) -> str:
    """Return a song on the bench as text, without its history."""
    return "\n".join(_lines(document)) + "\n"


def with_history(text: str, past: tuple[Step, ...], future: tuple[Step, ...]) -> str:
    """Return a text with its steps back and forward; the text itself where there is no step back."""
    if not past:
        return text
    steps = []
    for name, row in (("undo", past), ("redo", future)):
        blocks = [_step(step) for step in row]
        steps += [f'    "{name}": [', *_joined(blocks, "    ]," if name == "undo" else "    ]")]
    return "\n".join([f"{text.rstrip().removesuffix('}').rstrip()},", HISTORY, *steps, "  }", "}"]) + "\n"


def changes(old: str, new: str) -> tuple[Change, ...]:
    """Return what makes the lines of one text those of another."""
    one, other = old.split("\n"), new.split("\n")
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return tuple(
        (first, last - first, tuple(other[start:end]))
        for what, first, last, start, end in matcher.get_opcodes()
        if what != "equal"
    )


def digest(text: str | bytes) -> str:
    """Return sixteen letters that tell a text from all others."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def redo_file(document: Document) -> bytes:
    """Return the steps forward of a document without steps back, which its file has no room for."""
    steps = _joined([_step(step) for step in document.future], "  ]")
    return "\n".join(["{", f'  "of": {_json(digest(document.text))},', '  "redo": [', *steps, "}"]).encode() + b"\n"


def _step(step: Step) -> list[str]:
    head = f'      {{"did": {_json(step.did)}, "digest": {_json(step.digest)}, "changes": ['
    return [head, *_joined([[f"        {_json(change)}"] for change in step.changes], "      ]}")]


def _lines(document: Document) -> Iterator[str]:
    song = document.song
    yield "{"
    yield f'  "format": {FORMAT},'
    yield f'  "receipt": {_json(receipt(song))},'
    yield f'  "key": {_json(str(song.key))}, "tempo": {song.tempo}, "meter": {_json(str(song.meter))},'
    feel = {name: getattr(song.feel, name) for name in Feel.__dataclass_fields__ if name != "force" or song.feel.force}
    yield f'  "feel": {_json(feel)},'
    if document.takes != song.request.takes:
        yield f'  "takes": {_json(dict(document.takes))},'
    for name in ("locks", "muted", "solo"):
        if places := getattr(document, name):
            yield f'  "{name}": {_json(places)},'
    yield '  "sections": ['
    yield from _joined([_section(section, song.key_of(section)) for section in song.sections])
    layout = tuple(replace(section, chords=(), phrases=(), groove=()) for section in song.sections)
    yield '  "parts": ['
    yield from _joined([_part(part, layout, song.meter.bar) for part in song.parts])
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


@lru_cache(maxsize=32)
def _part(part: Part, sections: tuple[Section, ...], bar: int) -> list[str]:
    # Remembered: of the parts of a song most stay the same from one step to the next.
    notes = cells_of(part, sections, bar)
    facts = {name: getattr(part, name) for name in ("name", "track", "program", "volume", "pan")}
    lines = [f'    {_json(facts)[:-1]}, "notes": {{']
    for section in sections:
        own = notes.get((section.name, part.name), ())
        bars = [_json(list(row))[1:-1] for _, row in groupby(own, lambda note: note.start // bar)]
        if bars:
            lines += [f"      {_json(section.name)}: [", *(f"        {line}," for line in bars)]
            lines[-1] = f"{lines[-1][:-1]}],"
    lines[-1] = f"{lines[-1].removesuffix(',')}}}}}"
    return lines


def _joined(blocks: list[list[str]], end: str = "  ],") -> Iterator[str]:
    for number, block in enumerate(blocks, 1):
        yield from block[:-1]
        yield block[-1] + ("," if number < len(blocks) else "")
    yield end


def _json(value: Any) -> str:
    return json.dumps(value)


def _tree(tree: object) -> object:
    return tree.to_data() if isinstance(tree, derivations.Node) else None
