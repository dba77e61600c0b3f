"""``hookline harmonize``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import show, tell
from engine.cli.complete import STYLE

if TYPE_CHECKING:
    from engine.alone.harmonized import Harmonized


def harmonize(
    melody: Annotated[Path, typer.Argument(metavar="MELODY", help="A MIDI, MusicXML or ABC file.")],
    per: Annotated[str, typer.Option(metavar="TIME", help="A chord a bar, half or beat, at most.")] = "bar",
    k: Annotated[int, typer.Option(metavar="N", help="So many ways, the likeliest first; files are FILE.1, ...")] = 1,
    style: STYLE = "rock",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Of the chords' colours; drawn and printed if none is given.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help='Such as "A minor"; else the likeliest.')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the chords for programs.")] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help=".mid, .song.json, .txt, .musicxml or any other that compose writes."
        ),
    ] = None,
) -> None:
    """Find chords for a melody, in the vocabulary of a style, with cadences where its lines end. Prints a chart.

    A .mid of a MIDI file holds the file as it is and the chords on a track behind.

    Example: hookline harmonize melody.mid --per half --k 3 --seed 3 -o song.mid -o song.song.json
    """
    from engine import api

    made = api.harmonize(melody, per=per, k=k, style=style, seed=seed, key=key)
    facts = _facts(made)
    for number, way in enumerate(facts["harmonies"]):
        names = [_numbered(name, number + 1) if k > 1 else name for name in output or ()]
        way["outputs"] = _written(made, melody, number, names)
    for problem in facts["problems"]:
        tell(f"note: {problem}")
    if len(made.harmonies) < k:
        tell(f"note: there are no more than {len(made.harmonies)} ways")
    if as_json:
        show(json.dumps(facts, indent=1))
        return
    from engine.alone.harmonized import charted

    show(f"{made.key}, {made.heard.meter}, {len(made.heard.bars) - 1} bars, seed {made.seed}")
    for number, way in enumerate(facts["harmonies"]):
        if k > 1:
            show(f"{number + 1}. " + (f"2^{way['bits']:.1f} times less likely" if number else "the likeliest"))
        show(charted(made, number))
        if way["outputs"]:
            tell(f"written: {', '.join(way['outputs'])}")


def _numbered(name: str, number: int) -> str:
    from engine.cli.worked import numbered

    return numbered(name, number)


def _written(made: Harmonized, melody: Path, number: int, names: list[str]) -> list[str]:
    """Write a harmony to files, those of MIDI from MIDI with the melody's own tracks; return their names."""
    from engine import bench
    from engine.alone.harmonized import midi_of, song_of
    from engine.cli.worked import keep
    from engine.files import write_whole

    own = [name for name in names if made.midi and (name == "-" or name.lower().endswith((".mid", ".midi")))]
    rest = [name for name in names if name not in own]
    if rest:
        keep(bench.document(song_of(made, number)), None, rest)
    if own:
        write_whole(dict.fromkeys(own, midi_of(made, melody, number)))
    return names


def _facts(made: Harmonized) -> dict[str, Any]:
    return {
        "seed": made.seed,
        "key": str(made.key),
        "tempo": round(made.heard.tempo, 2),
        "meters": [[change.bar + 1, str(change.meter)] for change in made.heard.meters],
        "bars": len(made.heard.bars) - 1,
        "harmonies": [
            {
                "bits": round(way.bits, 2),
                "chords": [[span.start, span.length, span.chord.symbol(made.key), span.numeral] for span in way.chords],
            }
            for way in made.harmonies
        ],
        "problems": list(made.heard.problems),
    }
