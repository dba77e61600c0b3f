"""Reading MusicXML back: the schema of MusicXML 4.0, and the notes as music21 hears them."""

from __future__ import annotations

import importlib.util
import io
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from engine.notation.staves import drum_place
from engine.song import Part, Song

_SCHEMAS: list[Any] = []


def problems(text: str) -> list[str]:
    """Return what the schema of MusicXML 4.0 has against a document; skips where the schema is not installed."""
    etree = pytest.importorskip("lxml.etree")
    if not _SCHEMAS:
        found = importlib.util.find_spec("musicxml")
        if found is None or found.origin is None:
            pytest.skip("the package musicxml, which holds the schema, is not installed")
        home = Path(found.origin).parent / "generate_classes"
        # The schema's own two imports name places in the web.
        spaces = {
            "xlink.xsd": ("http://www.w3.org/1999/xlink", ("href", "type", "role", "title", "show", "actuate")),
            "xml.xsd": ("http://www.w3.org/XML/1998/namespace", ("lang", "space")),
        }
        with TemporaryDirectory() as folder:
            for file, (space, names) in spaces.items():
                attributes = "".join(f'<xs:attribute name="{name}" type="xs:string"/>' for name in names)
                head = f'xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}"'
                Path(folder, file).write_text(f"<xs:schema {head}>{attributes}</xs:schema>")

            class Local(etree.Resolver):  # type: ignore[name-defined, misc]
                def resolve(self, url: str, _: object, context: object) -> object:
                    file = url.rpartition("/")[2]
                    return self.resolve_filename(str(Path(folder, file)), context) if file in spaces else None

            parser = etree.XMLParser(no_network=True)
            parser.resolvers.add(Local())
            _SCHEMAS.append(etree.XMLSchema(etree.parse(str(home / "musicxml_4_0.xsd"), parser)))
    document = etree.parse(io.BytesIO(text.encode()), etree.XMLParser(load_dtd=False, no_network=True))
    _SCHEMAS[0].validate(document)
    return [str(error) for error in _SCHEMAS[0].error_log]


def read(text: str, kind: str = "musicxml") -> Any:
    """Return the music21 score of a document; a warning of music21 is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        music21 = pytest.importorskip("music21")
        return music21.converter.parseData(text, format=kind)


def heard(part: Any) -> list[tuple[int, int, int]]:
    """Return (start, pitch, length) in ticks of a pitched part, tied notes as one, repeats as they are."""
    found: list[list[int]] = []
    held: dict[int, int] = {}
    for sound in part.flatten().notes:
        if "Harmony" in sound.classes:
            continue
        start, length = round(sound.offset * 480), round(sound.quarterLength * 480)
        for note in sound.notes if "ChordBase" in sound.classes else [sound]:
            pitch, tie = note.pitch.midi, note.tie.type if note.tie else ""
            if tie in ("stop", "continue"):
                at = held.pop(pitch)
                assert found[at][0] + found[at][2] == start, "a tie goes over a gap"
                found[at][2] += length
            else:
                at = len(found)
                found.append([start, pitch, length])
            if tie in ("start", "continue"):
                held[pitch] = at
    assert not held, "a tie leads nowhere"
    return sorted((a, b, c) for a, b, c in found)


def struck(part: Any) -> list[tuple[int, str, int, str]]:
    """Return (start in ticks, step, octave, note head) of a drum part."""
    found = []
    for sound in part.flatten().notes:
        for note in sound.notes if "ChordBase" in sound.classes else [sound]:
            found.append((round(sound.offset * 480), note.displayStep, note.displayOctave, note.notehead))
    return sorted(found)


def meant(song: Song, name: str) -> list[tuple[int, int, int]]:
    """Return what ``heard`` should give of a part."""
    return sorted((note.start, note.pitch, note.length) for note in song.part(name).notes)


def meant_drums(part: Part) -> list[tuple[int, str, int, str]]:
    """Return what ``struck`` should give of a drum part."""
    places = [(note.start, drum_place(note.pitch)) for note in part.notes]
    return sorted((start, drum.step, drum.octave, drum.head or "normal") for start, drum in places)
