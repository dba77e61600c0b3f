"""``hookline learn``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import complete, show, tell
from engine.errors import UsageError

_SHOWN = 8  # skipped files told on the terminal; the report tells all


def learn(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="[FOLDER]", help="Folder of music, nested or not, or its address (s3://...)."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the style (that of the output).")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The style's YAML (NAME.yaml).")
    ] = None,
    extends: Annotated[
        str,
        typer.Option(
            metavar="STYLE", help="The style it builds on, and falls back on.", autocompletion=complete.styles
        ),
    ] = "rock",
    corpus: Annotated[
        str | None, typer.Option(metavar="PART", help="Without FOLDER: a part of music21's corpus.")
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", help="Processes; 0 for one a core.")] = 0,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://10.0.0.5:8786.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for programs.")] = False,
) -> None:
    """Learn a style from a folder of MIDI, MusicXML, ABC or **kern files.

    Writes the style, its fitted tables and a report (NAME.report.html) beside one another. A run that was stopped goes
    on where it was when started again.

    Example: hookline learn my/surf --name surf -o surf.yaml
    """
    if (folder is None) == (corpus is None):
        raise UsageError("give a folder of music, or a part of music21's corpus with --corpus")
    if jobs < 0:
        raise UsageError(f"--jobs {jobs}: expected 0 or more")
    if output is None and name is None:
        raise UsageError("give the style a name with --name, or a file with -o")
    output = output or Path(f"{name}.yaml")
    if output.suffix not in (".yaml", ".yml"):
        raise UsageError(f"-o {output}: expected a file that ends in .yaml")
    name = name or output.stem
    if not output.parent.is_dir():
        raise UsageError(f"-o {output}: there is no folder {output.parent}")
    import os

    from engine.cli.progress import Progress

    try:
        from engine.learn import folder as files
        from engine.learn.page import page
        from engine.learn.report import as_json as report_json
        from engine.learn.report import report_of, summary
        from engine.learn.run import learn as learn_style
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("engine"):
            raise
        raise UsageError(f"learning needs {error.name}", 'install it with: pip install "hookline[learn]"') from error
    from engine.files import write_whole

    found = files.find_files(folder) if folder is not None else files.corpus_files(corpus or "")
    source = folder if folder is not None else f"music21 corpus, {corpus}"
    jobs = jobs or os.cpu_count() or 1
    try:
        result = learn_style(found, source, name, output, extends, jobs, cluster or "", Progress("files"))
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    told = report_of(result, jobs=jobs)
    report = output.with_name(f"{output.stem}.report.html")
    write_whole({str(report): page(told).encode()})
    if as_json:
        show(report_json(told))
        return
    skipped = [note for note in result.notes if note.reason]
    for note in skipped[:_SHOWN]:
        tell(f"skipped {note.file}: {note.reason}")
    if len(skipped) > _SHOWN:
        tell(f"... and {len(skipped) - _SHOWN:,} more, all in {report}")
    show(summary(told))
