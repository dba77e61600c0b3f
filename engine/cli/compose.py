"""``hookline compose``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import show, tell
from engine.cli.complete import STYLE
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.song import Song


def compose(
    style: STYLE = "rock",
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="A whole number; drawn and printed if none is given.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help='Such as "E minor" or "F# mixolydian".')] = None,
    tempo: Annotated[int | None, typer.Option(metavar="BPM", help="Beats a minute, 40 to 300.")] = None,
    form: Annotated[
        str | None, typer.Option(metavar="SECTIONS", help='Sections: I V P C B S L O, or names; "V C V C B C B C".')
    ] = None,
    chords: Annotated[
        list[str] | None, typer.Option(metavar="SECTION=CHORDS", help='Such as verse="Em C G D"; may be repeated.')
    ] = None,
    length: Annotated[str | None, typer.Option(metavar="M:SS", help="Minutes and seconds, such as 3:00.")] = None,
    loop_bars: Annotated[
        int | None, typer.Option(metavar="N", help="Make a loop of one section and so many bars, not a song.")
    ] = None,
    feel: Annotated[float, typer.Option(metavar="0..1", help="0 (on the grid) to 1 (as people play).")] = 1.0,
    bridge_melody: Annotated[bool, typer.Option("--bridge-melody", help="Let the voice sing in the bridge.")] = False,
    take: Annotated[
        list[str] | None, typer.Option(metavar="PLACE=N", help="Play a part again otherwise: chorus/melody=2.")
    ] = None,
    hook: Annotated[int | None, typer.Option(metavar="K", help="Take candidate K for the chorus's first line.")] = None,
    hooks: Annotated[
        int | None, typer.Option(metavar="N", help="List N candidates for that line, the best first; no song is made.")
    ] = None,
    energy: Annotated[float | None, typer.Option(metavar="0..1", help="0 quiet, 1 loud; 0.5 as the style is.")] = None,
    complexity: Annotated[
        float | None, typer.Option(metavar="0..1", help="0 plain, 1 rich in chords and rhythm; 0.5 as the style is.")
    ] = None,
    catchy: Annotated[float | None, typer.Option(metavar="0..1", help="0 free, 1 catchy; 0.5 as the style is.")] = None,
    mood: Annotated[
        str | None,
        typer.Option(metavar="0..1", help="0 bright to 1 dark, or bright, warm, neutral, sombre, dark."),
    ] = None,
    temperature: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=T", help="0.5 (the likely) to 4 (the unlikely), or T for all; may be repeated."),
    ] = None,
    show_tree: Annotated[bool, typer.Option("--show-tree", help="Print the derivation of form and chords.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary for programs.")] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=".mid, .song.json, .txt, .musicxml, .abc, .cho, .pdf or .svg (lead sheet), .wav, .flac, .mp3 or .ogg;"
            " - is MIDI to standard output.",
        ),
    ] = None,
) -> None:
    """Compose a song.

    Without -o, --json or --show-tree the song's chart (chords and drums) is printed. A summary goes to
    standard error.

    Example: hookline compose --seed 7 --key "E minor" -o song.mid
    """
    outputs = tuple(dict.fromkeys(output or ()))
    if "-" in outputs and (as_json or show_tree):
        raise UsageError("standard output holds one result: -o - or --json or --show-tree", "name a file for the song")
    if hooks is not None and (outputs or as_json or show_tree):
        raise UsageError("--hooks lists hooks and makes no song", "leave out -o, --json and --show-tree")
    from engine.audio import is_sound, need_libraries
    from engine.export import format_of

    for path in outputs:
        if is_sound(path):
            need_libraries()
        else:
            format_of(path)
    options: dict[str, Any] = {
        "style": style,
        "seed": seed,
        "key": key,
        "tempo": tempo,
        "form": form,
        "chords": _pairs("--chords", chords or [], 'verse="Em C G D"'),
        "length": length,
        "loop_bars": loop_bars,
        "feel": feel,
        "bridge_melody": bridge_melody,
        "hook": hook,
        "energy": energy,
        "complexity": complexity,
        "catchy": catchy,
        "mood": mood,
        "temperature": _temperatures(temperature or []),
        "takes": {p: _number(p, text) for p, text in _pairs("--take", take or [], "chorus/melody=2").items()},
    }
    if hooks is not None:
        from engine.cli.hooks import hook_list
        from engine.request import make_request

        request = make_request(**options)
        show(hook_list(request, hooks))
        tell(f"seed {request.seed}")
        return
    from engine import api
    from engine.cli.render import meter

    song = api.compose(**options)
    api.save(song, *outputs, progress=meter())
    tell(f"{summary(song)}\n{_nearest(song)}")
    if as_json:
        import json

        show(json.dumps(facts(song, outputs, show_tree), indent=1))
    elif show_tree:
        show(_trees(song))
    elif not outputs:
        from engine.export.chart import chart

        show(chart(song).rstrip())


def _temperatures(texts: list[str]) -> dict[str, str] | None:
    """Return temperatures by part; one without a part's name is for all that are not named."""
    from engine.style.fields import PLAYERS

    every = [text for text in texts if "=" not in text]
    if len(every) > 1:
        raise UsageError("--temperature of all parts is given twice", "name the part: --temperature melody=0.8")
    named = _pairs("--temperature", [text for text in texts if "=" in text], "melody=0.8")
    return {**dict.fromkeys(PLAYERS, every[0]), **named} if every else named or None


def _pairs(option: str, texts: list[str], example: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise UsageError(f'{option} "{text}": expected NAME=VALUE', f"write it like {option} {example}")
        if name in found:
            raise UsageError(f"{option} {name} is given twice")
        found[name] = value
    return found


def _number(place: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise UsageError(f'--take {place}: "{text[:20]}" is no whole number', "such as chorus/melody=2") from error


def summary(song: Song) -> str:
    """Return what a song is, and its sections with their chords, a line each."""
    from engine.export.chart import chord_line, head

    lines = [head(song)]
    width = max((len(section.title) for section in song.sections), default=0)
    for section in song.sections:
        bars = f"{section.bars:3} bars"
        lines.append(f"  {section.title:{width}} {bars}  {chord_line(section, song.meter, song.key_of(section))}")
    return "\n".join(lines)


def _nearest(song: Song) -> str:
    """Return how long the vocal line follows a known melody."""
    from engine.models.novelty import WINDOW, novelty

    found = novelty(song, _models(song))
    if not found.notes:
        return f"  the melody shares no more than {WINDOW} notes in a row with any it was learnt from"
    return f'  the melody shares at most {found.notes} notes in a row with "{found.title}"'


def _models(song: Song) -> str:
    from engine.style import load

    return load(song.request.style).models


def facts(song: Song, outputs: tuple[str, ...], with_tree: bool) -> dict[str, object]:
    """Return what there is to say of a song for programs."""
    from engine.export.receipt import receipt
    from engine.models.novelty import novelty

    found: dict[str, object] = {
        "version": song.version,
        "style": song.request.style,
        "seed": song.request.seed,
        "key": str(song.key),
        "tempo": song.tempo,
        "meter": str(song.meter),
        "bars": song.bars,
        "seconds": round(song.seconds, 3),
        "sections": [
            {
                "name": section.name,
                "title": section.title,
                "kind": section.kind,
                "material": section.material,
                "start_bar": section.start_bar,
                "bars": section.bars,
                "energy": section.energy,
                "key": str(song.key_of(section)),
                "players": section.players,
                "chords": [
                    {"start": start, "length": length, "chord": chord.symbol(song.key_of(section)), "numeral": numeral}
                    for start, length, chord, numeral in section.chords
                ],
            }
            for section in song.sections
        ],
        "novelty": novelty(song, _models(song))._asdict(),
        "notes": {part.name: len(part.notes) for part in song.parts},
        "receipt": receipt(song),
        "outputs": outputs,
    }
    return found | ({"tree": _trees(song)} if with_tree else {})


def _trees(song: Song) -> str:
    from engine.grammar.tree import Node

    named = [("form", song.tree), *song.harmony]
    return "\n\n".join(f"{name}:\n{tree.draw()}" for name, tree in named if isinstance(tree, Node))
