"""``hookline render``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli import show, tell
from engine.errors import UsageError


def render(
    song: Annotated[Path, typer.Argument(metavar="SONG", help="A .song.json file, or any MIDI file.")],
    output: Annotated[
        list[str], typer.Option("-o", "--output", metavar="FILE", help=".wav, .flac, .mp3 or .ogg; may be repeated.")
    ],
    lufs: Annotated[float, typer.Option(metavar="LUFS", help="Loudness, -40 to -6.")] = -14.0,
    soundfont: Annotated[
        Path | None, typer.Option(metavar="FONT", help="An .sf2 or .sf3 file in place of the kit of the package.")
    ] = None,
    fluidsynth: Annotated[
        bool, typer.Option("--fluidsynth", help="Play with FluidSynth, and a SoundFont of this machine.")
    ] = False,
    stems: Annotated[
        bool, typer.Option("--stems", help="Also write each part, and the unmastered mix they add up to.")
    ] = False,
    loop: Annotated[str | None, typer.Option(metavar="A-B", help="Bars A to B as a loop, cut to the sample.")] = None,
    click: Annotated[bool, typer.Option("--click", help="Count in with a bar of clicks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made for programs.")] = False,
) -> None:
    """Render a song as sound: sampled instruments, mixed and mastered.

    Example: hookline render song.song.json -o song.mp3
    """
    if loop and click:
        raise UsageError("a loop has no count-in: --loop or --click")
    if not -40 <= lufs <= -6:
        raise UsageError(f"--lufs {lufs:g}: expected -40 to -6", "-14 is what streaming services play at")
    bars = _bars(loop) if loop else None
    from engine.audio import need_libraries

    need_libraries()
    from engine.audio.encode import kind_of

    for path in output:
        kind_of(path)
    from engine.audio.render import render as make

    if song.suffix.lower() in (".mid", ".midi"):
        from engine.audio.midifile import midi_score

        score = midi_score(song)
    else:
        from engine.api import load_song
        from engine.audio.score import song_score

        score = song_score(load_song(song))
    ways: dict[str, Any] = {"soundfont": soundfont, "fluidsynth": fluidsynth, "stems": stems, "loop": bars}
    made = make(score, output, lufs=lufs, click=click, progress=meter(), **ways)
    for each in made:
        if each.lufs < lufs - 0.5:
            tell(f"note: {each.lufs:.1f} LUFS is as loud as it gets under the ceiling")
        tell(f"{each.path}: {each.samples / 44100:.1f} s, {each.lufs:.1f} LUFS, true peak {each.true_peak:.1f} dB")
    if as_json:
        show(json.dumps([each._asdict() for each in made], indent=1))


def meter() -> Callable[[float], None] | None:
    """Return what shows progress on a terminal, or None where there is none."""
    if not sys.stderr.isatty():
        return None
    shown = -1

    def show_share(share: float) -> None:
        nonlocal shown
        if int(100 * share) > shown:
            shown = int(100 * share)
            sys.stderr.write("\r\x1b[K" if share >= 1 else f"\rrendering {shown} %")
            sys.stderr.flush()

    return show_share


def _bars(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not dash or not first.isdecimal() or not last.isdecimal() or int(first) < 1 or int(last) < int(first):
        raise UsageError(f'--loop "{text[:20]}": expected FIRST-LAST bar', "such as --loop 1-8")
    return int(first), int(last)
