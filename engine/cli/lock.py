"""``hookline lock``, ``unlock``, ``mute`` and ``solo``."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import complete
from engine.cli.worked import AS_JSON, OUTPUT, PLACES, SONG, work
from engine.errors import UsageError

OFF = Annotated[bool, typer.Option("--off", help="Take it back, everywhere if no place is named.")]
ANY = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PLACE]...",
        help="Such as chorus/melody, verse/1/drums, bass or bridge.",
        autocompletion=complete.places,
    ),
]


def lock(song: SONG, places: PLACES, as_json: AS_JSON = False) -> None:
    """Lock places of a song: nothing changes them until they are unlocked.

    Example: hookline lock song.song.json chorus/melody drums
    """
    from engine import bench

    work(song, lambda document: bench.lock(document, *places), None, as_json)


def unlock(song: SONG, places: ANY = None, as_json: AS_JSON = False) -> None:
    """Take locks off again, all of them if no place is named.

    Example: hookline unlock song.song.json chorus/melody
    """
    from engine import bench

    work(song, lambda document: bench.unlock(document, *places or ()), None, as_json)


def mute(song: SONG, places: ANY = None, off: OFF = False, output: OUTPUT = None, as_json: AS_JSON = False) -> None:
    """Mute places of a song: their notes stay in the file but are not heard.

    Example: hookline mute song.song.json lead verse/1/drums
    """
    from engine import bench

    named = _named(places, off)
    work(song, lambda document: (bench.unmute if off else bench.mute)(document, *named), output, as_json)


def solo(song: SONG, places: ANY = None, off: OFF = False, output: OUTPUT = None, as_json: AS_JSON = False) -> None:
    """Let only some places of a song be heard.

    Example: hookline solo song.song.json drums bass -o rhythm.mid
    """
    from engine import bench

    named = _named(places, off)
    work(song, lambda document: (bench.unsolo if off else bench.solo)(document, *named), output, as_json)


def _named(places: list[str] | None, off: bool) -> list[str]:
    if not places and not off:
        raise UsageError("name a place", "such as chorus/melody, verse/1/drums, bass or bridge")
    return places or []
