"""``hookline accompany``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import complete, show, tell
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.alone.accompany import Accompanied


def accompany(
    tune: Annotated[Path, typer.Argument(metavar="TUNE", help="A MIDI file.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The .mid to write.")],
    add: Annotated[
        str | None,
        typer.Option(
            metavar="PARTS",
            help="Of drums, bass, guitar and lead, such as drums,bass; the drums and bass that TUNE lacks.",
        ),
    ] = None,
    style: Annotated[
        str,
        typer.Option(
            metavar="STYLE", help="A style, or a style file; see hookline styles.", autocompletion=complete.styles
        ),
    ] = "rock",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="The same seed plays the same; drawn if missing.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was heard and added for programs.")] = False,
) -> None:
    """Add a band to a MIDI file: it finds beats, bars, key, chords and sections, and parts follow them.

    What the file holds stays as it is, byte for byte; new tracks stand behind its own, under its tempo map.

    Example: hookline accompany tune.mid --add drums,bass,guitar --seed 3 -o band.mid
    """
    if not output.lower().endswith((".mid", ".midi")) and output != "-":
        raise UsageError(f"cannot tell what to write to {output}", "end it in .mid")
    from engine import api
    from engine.files import write_whole

    made = api.accompany(
        tune, [word.strip() for word in (add or "").split(",") if word.strip()], style=style, seed=seed
    )
    write_whole({output: made.data})
    facts = _facts(made, output)
    for problem in facts["problems"]:
        tell(f"note: {problem}")
    for part in sorted(made.asked - {part.player for part in made.added}):
        tell(f"note: the tune leaves no room for {part}")
    tell(_told(facts))
    if as_json:
        show(json.dumps(facts, indent=1))


def _facts(made: Accompanied, output: str) -> dict[str, Any]:
    heard = made.heard
    return {
        "seed": made.seed,
        "key": str(heard.key),
        "tempo": round(heard.tempo, 2),
        "meters": [[change.bar + 1, str(change.meter)] for change in heard.meters],
        "bars": sum(section.bars for section in made.sections),
        "sections": [
            {
                "name": section.name,
                "bars": section.bars,
                "energy": section.energy,
                "chords": [[span.start, span.chord.symbol(heard.key)] for span in section.chords],
            }
            for section in made.sections
        ],
        "added": [
            {"part": part.player, "track": part.track, "channel": part.channel + 1, "notes": part.notes}
            for part in made.added
        ],
        "problems": list(heard.problems),
        "outputs": [output],
    }


def _told(facts: dict[str, Any]) -> str:
    meters = ", ".join(dict.fromkeys(meter for _, meter in facts["meters"]))
    parts = ", ".join(f"{part['track']} (channel {part['channel']})" for part in facts["added"])
    heard = f"{facts['key']}, {facts['tempo']:.0f} bpm, {meters}, {facts['bars']} bars"
    return f"{facts['outputs'][0]}: {heard}, seed {facts['seed']}; added {parts}"
