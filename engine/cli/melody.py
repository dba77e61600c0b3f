"""``hookline melody``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import show, tell
from engine.cli.complete import STYLE
from engine.cli.wishing import AVOID, CONTOUR, DENSITY, FIRST, HIGHEST, LAST, LIKE, PIN, RANGE, RHYTHM, wished
from engine.errors import UsageError
from engine.plan.wishes import together

if TYPE_CHECKING:
    from engine.document import Document

_MOST_TAKES = 64


def melody(
    chords: Annotated[
        str | None, typer.Option(metavar="CHORDS", help='Such as "| Am | F C | G |" or "Am F C G".')
    ] = None,
    chords_from: Annotated[
        Path | None,
        typer.Option("--chords-from", metavar="FILE", help="Take the chords that are heard in a MIDI file."),
    ] = None,
    bars: Annotated[
        str | None, typer.Option(metavar="FIRST-LAST", help="Of that file, such as 9-16; else a section of this kind.")
    ] = None,
    section: Annotated[
        str, typer.Option(metavar="KIND", help="What it is sung in: verse, prechorus, chorus or bridge.")
    ] = "verse",
    style: STYLE = "rock",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="A whole number; drawn and printed if none is given.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help='Such as "A minor"; else the chords\' likeliest.')
    ] = None,
    tempo: Annotated[int | None, typer.Option(metavar="BPM", help="Beats a minute, 40 to 300.")] = None,
    take: Annotated[int, typer.Option(metavar="N", help="Another melody for the same seed.")] = 0,
    takes: Annotated[int | None, typer.Option(metavar="N", help="So many takes, the best first: FILE.1, ...")] = None,
    pin: PIN = None,
    avoid: AVOID = None,
    first: FIRST = None,
    last: LAST = None,
    highest: HIGHEST = None,
    within: RANGE = None,
    contour: CONTOUR = None,
    density: DENSITY = None,
    rhythm_from: RHYTHM = None,
    like: LIKE = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the melody for programs.")] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help=".mid, .song.json, .musicxml or any other that compose writes."
        ),
    ] = None,
) -> None:
    """Sing a melody over chords: a song of one section, with the chords for you to hear them together.

    What is wished for is kept, whatever the seed; what cannot be kept together is told. Prints the melody, a bar a
    line.

    Example: hookline melody --chords "| Am | F C | G |" --section verse --seed 5 -o tune.mid
    """
    if (chords is None) == (chords_from is None):
        raise UsageError("give chords with --chords, or a file with --chords-from")
    if bars and not chords_from:
        raise UsageError("--bars says which bars of the file of --chords-from")
    if takes is not None and not 1 <= takes <= _MOST_TAKES:
        raise UsageError(f"--takes {takes}: expected 1 to {_MOST_TAKES}")
    wishes = wished(pin, avoid, first, last, highest, within, contour, density, like)
    from engine import api
    from engine.alone.melody import going_round, melodies
    from engine.cli.worked import keep, numbered
    from engine.style import load

    heard = api.tune(chords_from, section, _bars(bars)) if chords_from else None
    if heard:
        tell(f"bars {heard.first + 1}-{heard.first + heard.bars} of {chords_from}, {heard.key}: {heard.chords}")
    if rhythm_from:
        meter = heard.meter if heard else load(style).meter
        asked = together((wishes, api.rhythm(rhythm_from)))
        wishes = going_round(asked, heard.chords if heard else chords or "", meter)
    found = melodies(
        heard.chords if heard else chords or "",
        section=section,
        style=style,
        seed=seed,
        key=key or (str(heard.key) if heard else None),
        tempo=tempo or (heard.tempo if heard else None),
        meter=heard.meter if heard else None,
        take=take,
        takes=takes or 1,
        wishes=wishes,
    )
    rows = []
    for number, document in enumerate(found, 1):
        names = [name if takes is None else numbered(name, number) for name in output or ()]
        written = keep(document, None, names) if names else []
        rows.append(_facts(document, written))
        _tell(document, written, as_json)
    if as_json:
        show(json.dumps(rows[0] if takes is None else rows, indent=1))


def _bars(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not first.isdecimal() or not (last.isdecimal() if dash else True):
        raise UsageError(f'--bars "{text}": expected FIRST-LAST', "such as 9-16")
    return int(first), int(last if dash else first)


def _tell(document: Document, written: list[str], as_json: bool) -> None:
    from engine.alone.melody import told
    from engine.export.chart import head

    song = document.song
    take = dict(song.request.takes).get(f"{song.sections[0].kind}/melody", 0)
    where = f": {', '.join(written)}" if written else ""
    tell(f"{song.sections[0].kind}, {head(song)}, take {take}{where}")
    if not as_json:
        show(told(song))


def _facts(document: Document, written: list[str]) -> dict[str, Any]:
    from engine.alone.melody import beat_of, name_in
    from engine.export.receipt import receipt
    from engine.models.novelty import novelty
    from engine.style import load
    from engine.theory.meter import SLOT

    song = document.song
    (one,) = song.sections
    return {
        "key": str(song.key),
        "tempo": song.tempo,
        "meter": str(song.meter),
        "bars": song.bars,
        "seed": song.request.seed,
        "chords": [
            {"start": span.start, "length": span.length, "chord": span.chord.symbol(song.key)} for span in one.chords
        ],
        "notes": [
            {
                "bar": note.start // song.meter.bar + 1,
                "beat": beat_of(note, song.meter),
                "slot": note.start // SLOT,
                "slots": note.length // SLOT,
                "pitch": note.pitch,
                "name": name_in(song.key, note.pitch),
            }
            for note in song.part("melody").notes
        ],
        "novelty": novelty(song, load(song.request.style).models)._asdict(),
        "receipt": receipt(song),
        "outputs": written,
    }
