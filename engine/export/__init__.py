"""Songs as files: one module a format; which one is told by the path's extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.audio import SOUNDS
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.song import Song

# Extension: what it is. The longest that fits counts.
FORMATS = {
    ".mid": "MIDI",
    ".midi": "MIDI",
    ".song.json": "song file",
    ".txt": "chart",
    ".musicxml": "MusicXML",
    ".abc": "ABC",
    ".cho": "ChordPro",
    ".chordpro": "ChordPro",
    ".svg": "SVG",
    ".pdf": "PDF",
}


def format_of(path: str) -> str:
    """Return the format of a path (``-``, standard output, is MIDI); raises UsageError.

    Raises ExportError where what a format needs is not installed.
    """
    if path == "-":
        return "MIDI"
    for extension, name in FORMATS.items():
        if path.lower().endswith(extension):
            if name in ("SVG", "PDF"):
                from engine.notation.engrave import need_libraries

                need_libraries()
            return name
    raise UsageError(f"cannot tell what to write to {path}", f"end it in {', '.join((*FORMATS, *SOUNDS))}")


def encode(song: Song, path: str) -> bytes:
    """Return the bytes of a song in the format that ``path`` asks for."""
    name = format_of(path)
    if name == "MIDI":
        from engine.export.midi import midi

        return midi(song)
    if name == "song file":
        from engine.export.songfile import song_file

        return song_file(song)
    if name != "chart":
        from engine.notation.files import notated

        return notated(song, name, lead=name in ("SVG", "PDF"))
    from engine.export.chart import chart

    return chart(song).encode()
