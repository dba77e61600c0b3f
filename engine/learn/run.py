"""Learn a style: count every file, add up, freeze, write."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import CorpusError
from engine.files import trained_dir, write_whole
from engine.learn.compare import composed_facts
from engine.learn.counts import Counts
from engine.learn.folder import Source, in_parts, without_copies
from engine.learn.freeze import Frozen, Learnt, freeze, joined
from engine.learn.parent import Parent, parent
from engine.learn.shards import Note, done, hashed, run, save, shard_name, shards_of
from engine.learn.song import Heard
from engine.learn.style_text import Facts, facts_of, rules_of, style_text
from engine.learn.tally import Events, mixture_events, parts_of
from engine.learn.tune import tuned
from engine.models.tables import fingerprint, pack
from engine.style.load import load
from engine.style.model import Style

HELD = 40  # held-out songs that are measured on, at most
TUNED_ON, _APART = 16, 1000  # songs that rules are tuned on; their first seed, which no report begins with
_LEFT_OUT = ("feel",)  # tables that are every style's

Step = Callable[[int, int], None]  # files done, files in all


class Result(NamedTuple):
    """What came of learning: the style's file and folder of tables, and all that a report tells."""

    name: str
    extends: str
    style: Path
    tables: Path
    facts: Facts
    models: tuple[Learnt, ...]
    notes: tuple[Note, ...]
    measured: int

    @property
    def used(self) -> int:
        """How many tunes were learnt from."""
        return sum(not note.reason for note in self.notes)


def learn(
    files: Sequence[Source],
    source: str,
    name: str,
    output: Path,
    extends: str = "rock",
    jobs: int = 1,
    cluster: str = "",
    step: Step = lambda done, all_: None,
) -> Result:
    """Learn a style from files; write its YAML to ``output`` and its tables to the folder beside it.

    source: where the files come from, in words. step: is told of progress. Raises CorpusError where nothing could be
    learnt from, StyleError, UsageError, ExportError.
    """
    style = load(extends)
    folder = output.parent / f"{output.stem}.tables"
    work = output.parent / f".{output.stem}.work"
    work.mkdir(parents=True, exist_ok=True)
    counts, notes = _counted(files, style.models, jobs, cluster, work, step)
    facts, models, measured = _fitted(counts, notes, style, folder, f"hookline learn --name {name}")
    # Both are large, and songs are composed now.
    del counts
    parent.cache_clear()
    digest, parents = fingerprint(folder), _from(extends, output.parent)

    def write(rules: Mapping[str, int]) -> None:
        text = style_text(name, parents, (extends, style), facts, f"./{folder.name}", digest, source, rules)
        write_whole({str(output): text.encode()})

    def composed(rules: Mapping[str, int]) -> Facts:
        write(rules)
        return composed_facts(str(output.resolve()), TUNED_ON, _APART, jobs)

    write(tuned(facts, style.rules, rules_of(style, facts), composed))
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    return Result(name, extends, output, folder, facts, models, notes, measured)


def _fitted(
    counts: Counts, notes: tuple[Note, ...], style: Style, folder: Path, command: str
) -> tuple[Facts, tuple[Learnt, ...], int]:
    # Write the tables to their folder; return what was learnt, and how many songs it was measured on.
    facts = facts_of(joined(counts))
    if not facts.songs:
        reasons = {note.reason for note in notes}
        raise CorpusError(f"none of {len(notes)} files could be learnt from", "; ".join(sorted(reasons)[:3]))
    models = parent(style.models)
    unseen, measured = _unseen(counts, models)
    frozen = freeze(models, style, counts, unseen, {"corpus": f"{facts.songs} songs learnt from", "command": command})
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _tables(style.models, frozen)
    for path in folder.glob("*.npz"):
        if path.name not in wanted:
            path.unlink()
    write_whole({str(folder / file): content for file, content in wanted.items()})
    return facts, frozen.models, measured


def _counted(
    files: Sequence[Source], models: str, jobs: int, cluster: str, work: Path, step: Step
) -> tuple[Counts, tuple[Note, ...]]:
    different, copies = without_copies(files)
    parts = tuple(in_parts(different))
    shards = shards_of(parts)
    names = [shard_name(shard, models) for shard in shards]
    for path in work.iterdir():
        if path.name not in names:
            path.unlink()
    counts, notes, open_ = Counts(), dict[int, tuple[Note, ...]](), []
    gone = 0
    for number, name in enumerate(names):
        earlier = done(work, name)
        if earlier is None:
            open_.append(number)
            continue
        counts.join(Counts.unpack(earlier.counts))
        notes[number] = earlier.notes
        gone += len(shards[number])
    step(gone, len(parts))
    for place, shard in run([shards[number] for number in open_], models, jobs, cluster):
        number = open_[place]
        save(work, names[number], shard)
        counts.join(Counts.unpack(shard.counts))
        notes[number] = shard.notes
        gone += len(shards[number])
        step(gone, len(parts))
    told = [note for number in sorted(notes) for note in notes[number]]
    told += [Note(name, "", f"is the same as {other}", {}, (), False) for name, other in copies.items()]
    return counts, tuple(sorted(told, key=lambda note: _in_order(note.file)))


def _in_order(name: str) -> tuple[str, int]:
    # Tunes of a book by their number.
    file, _, number = name.rpartition("#")
    return (file, int(number)) if file and number.isdigit() else (name, 0)


def _unseen(counts: Counts, models: Parent) -> tuple[dict[str, list[Events]], int]:
    # The events of some held-out songs, heard once more: keeping those of all would need more memory than it is worth.
    found: dict[str, list[Events]] = {}
    kept = counts.sample("held/files", HELD)
    for item in kept:
        where: Any = item.value
        for tune in hashed(Source(*where)):
            if tune.hash == item.hash and isinstance(tune.found, Heard):
                for name, events in mixture_events(parts_of(tune.found, models), models).items():
                    found.setdefault(name, []).append(events)
    return found, len(kept)


def _tables(models: str, frozen: Frozen) -> dict[str, bytes]:
    # The style's own tables, and those of the parent that it takes as they are.
    folder = Path(models) if "/" in models else trained_dir() / models
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("*.npz")) if path.stem not in _LEFT_OUT}
    return {**found, **{f"{name}.npz": pack(table) for name, table in sorted(frozen.tables.items())}}


def _from(extends: str, folder: Path) -> str:
    # A parent's path counts from the learnt file.
    if "/" not in extends and not extends.endswith((".yaml", ".yml")):
        return extends
    path = os.path.relpath(extends, folder)
    return path.replace(os.sep, "/")
