"""``hookline page``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import tell
from engine.errors import ExportError, UsageError


def page(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file, or any MIDI file.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The .html file to write.")],
) -> None:
    """Make one HTML file to send to a friend: piano roll with sound, parts to mute, chords, lead sheet, MIDI.

    It works in any browser, from the file system and without a network.

    Example: hookline page song.song.json -o song.html
    """
    if not output.lower().endswith((".html", ".htm")):
        raise UsageError(f"cannot tell what to write to {output}", "end it in .html")
    from engine.audio import need_libraries

    need_libraries()
    from engine.cli.render import meter
    from engine.files import write_whole
    from engine.page.make import midi_page, song_page

    # A path that cannot be written is told now, not after half a minute of rendering.
    folder = Path(output).parent
    if not folder.is_dir():
        raise ExportError(f"cannot write {output}: there is no folder {folder}", "choose a folder that exists")
    if song.suffix.lower() in (".mid", ".midi"):
        made = midi_page(song, meter())
    else:
        from engine.api import load_song

        made = song_page(load_song(song), meter())
    data = made.encode()
    write_whole({output: data})
    tell(f"{output}: {len(data) / 1e6:.1f} MB")
