"""``hookline evaluate``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import complete, show, tell
from engine.errors import EngineError, UsageError

if TYPE_CHECKING:
    from engine.measure.piece import Piece

_TOLD = 50  # songs between two lines of progress
_KINDS = (".json", ".mid", ".midi")


def evaluate(
    songs: Annotated[
        list[Path] | None, typer.Argument(metavar="[SONGS]...", help="Songs (.song.json, .mid) or folders of them.")
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Without SONGS: the style to compose in (rock).", autocompletion=complete.styles
        ),
    ] = None,
    count: Annotated[int | None, typer.Option(metavar="N", help="Without SONGS: how many to compose (200).")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Without SONGS: the first seed (1).")] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER_OR_REFERENCE", help="Corpora or MIDI files of real songs, or a file of quartiles."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
    plot: Annotated[
        list[str] | None, typer.Option("--plot", metavar="FILE", help="Draw the quartiles too, .svg or .png.")
    ] = None,
) -> None:
    """Measure songs beside real rock: quartiles, overlap, and whether a classifier can tell them apart.

    The two-sample test wants real songs: a folder for --against. What songs lack (section markers, a track called
    melody) is told, and what could not be measured without it.

    Example: hookline evaluate --count 200 --against ../shared/data
    """
    if count is not None and count < 1:
        raise UsageError(f"--count {count}: expected at least 1")
    if songs and (style, count, seed) != (None, None, None):
        raise UsageError(
            "--style, --count and --seed compose songs; SONGS are measured as they are", "give one or the other"
        )
    if plot:
        from engine.cli.plot import checked

        checked(plot)
    style, count, seed = style or "rock", count or 200, 1 if seed is None else seed
    paths = _expanded(songs or [])
    from engine.measure.against import load_real
    from engine.measure.chorus import Named, name_choruses
    from engine.measure.gaps import gaps_of
    from engine.measure.measures import measure
    from engine.measure.report import as_json as report_json
    from engine.measure.report import compare, table
    from engine.measure.twosample import Verdict

    real = load_real(against)
    rows, pieces = [], []
    for piece in _read(paths) if songs else _composed(style, count, seed):
        row = measure(piece)
        if real.melodies:
            row["copy_longest_run"] = float(real.melodies.longest_run(piece))
        rows.append(row)
        pieces.append(piece)
        if len(rows) % _TOLD == 0:
            tell(f"{len(rows)} songs measured")
    verdicts: list[Verdict] = []
    for test in real.tests:
        with _left_out():
            verdicts.append(test.judge(rows))
    named: Named | None = None
    if real.songs:
        with _left_out():
            named = name_choruses(real.songs, pieces)
    found = compare(rows, real.groups)
    gaps = gaps_of(pieces, found, real.groups)
    if as_json:
        of = {"paths": [str(path) for path in paths]} if songs else {"style": style, "count": count, "seed": seed}
        about = {**of, "against": None if against is None else str(against)}
        show(report_json(found, verdicts, len(rows), named, gaps, about))
    else:
        show(table(found, real.groups, verdicts, len(rows), named, gaps))
    if plot:
        from engine.cli.plot import write
        from engine.picture.spread import spread_svg

        what = f"{len(rows)} songs" if songs else f"{len(rows)} songs of {style}"
        write(spread_svg(found, f"{what} beside real ones"), plot)


@contextmanager
def _left_out() -> Iterator[None]:
    # A few songs, or songs without bass, still have a table of quartiles.
    try:
        yield
    except EngineError as error:
        tell(f"left out: {error}" + (f" ({error.hint})" if error.hint else ""))


def _expanded(given: list[Path]) -> list[Path]:
    paths: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(item for item in path.iterdir() if item.suffix.lower() in _KINDS)
            if not inside:
                raise UsageError(f"{path} holds no songs", "songs are .song.json and .mid files")
            paths += inside
        elif path.suffix.lower() in _KINDS:
            paths.append(path)
        else:
            raise UsageError(f"{path} is no song", "songs are .song.json and .mid files")
    return paths


def _read(paths: list[Path]) -> Iterator[Piece]:
    from engine import api
    from engine.measure.midi import piece_from_midi
    from engine.measure.piece import piece_from_song

    for path in paths:
        yield piece_from_song(api.load_song(path)) if path.suffix.lower() == ".json" else piece_from_midi(path)


def _composed(style: str, count: int, seed: int) -> Iterator[Piece]:
    from engine import api
    from engine.measure.piece import piece_from_song

    for number in range(seed, seed + count):
        yield piece_from_song(api.compose(style=style, seed=number))
