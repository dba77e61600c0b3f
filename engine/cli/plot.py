"""``hookline plot``."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import tell
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.picture.roll import Roll


class Kind(str, Enum):
    """What a picture shows."""

    roll = "roll"
    similarity = "similarity"
    form = "form"


def plot(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file, or any MIDI file.")],
    output: Annotated[list[str], typer.Option("-o", "--output", metavar="FILE", help=".svg or .png; may be repeated.")],
    kind: Annotated[Kind, typer.Option(help="Piano roll, how alike bars are, or the form.")] = Kind.roll,
) -> None:
    """Draw a song: its piano roll with sections, chords and energy, its self-similarity, or its form.

    Example: hookline plot song.song.json -o roll.svg
    """
    checked(output)
    drawn = draw(read_roll(song), kind)
    write(drawn, output)


def checked(output: list[str]) -> None:
    """Raise UsageError for a picture that is neither SVG nor PNG."""
    for path in output:
        if not path.lower().endswith((".svg", ".png")):
            raise UsageError(f"cannot tell what to draw to {path}", "end it in .svg, .png")


def write(svg: str, output: list[str]) -> None:
    """Write a picture to every path, and say so."""
    from engine.files import write_whole

    files = {}
    for path in output:
        if path.lower().endswith(".png"):
            from engine.picture.png import png

            files[path] = png(svg)
        else:
            files[path] = svg.encode()
    write_whole(files)
    for path, content in files.items():
        tell(f"{path}: {max(len(content) // 1000, 1)} kB")


def draw(roll: Roll, kind: Kind) -> str:
    """Return a picture as SVG text."""
    if kind is Kind.roll:
        from engine.picture.pianoroll import roll_svg

        return roll_svg(roll)
    if kind is Kind.form:
        from engine.picture.form import form_svg

        return form_svg(roll)
    from engine.picture.similarity import similarity_svg

    return similarity_svg(roll)


def read_roll(path: Path) -> Roll:
    """Return what there is to see in a song file or MIDI file; raises SongFileError."""
    if path.suffix.lower() in (".mid", ".midi"):
        from engine.picture.midi import midi_roll

        return midi_roll(path)
    from engine.api import load_song
    from engine.picture.roll import song_roll

    return song_roll(load_song(path))
