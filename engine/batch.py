"""Many songs, or loops, at once: a song a seed, and a manifest that tells what each one is.

Songs are made in shards of a few seeds, anywhere; this process alone writes them. A song's row comes into a journal
after its files, so a run that was stopped goes on with the songs that have no row. At last all rows are the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from engine import jobs as shared
from engine import pipeline
from engine.bench.remake import hook_line
from engine.document import cells
from engine.errors import EngineError, UsageError, nearest
from engine.export import FORMATS, encode, format_of
from engine.measure.measures import measure
from engine.measure.piece import piece_from_song
from engine.measure.reference import load_reference
from engine.models import tables
from engine.models.hook import Ranking
from engine.models.novelty import novelty
from engine.parts.melody.register import register
from engine.request import make_request
from engine.song import Song
from engine.stores import Store, store
from engine.style import load
from engine.version import __version__

MANIFEST = "manifest.jsonl"
WORK = ".batch"  # the folder of journals, while there is work to do
SHARD = 2  # songs

Row = dict[str, Any]
Step = Callable[[int, int], None]  # songs done, songs in all


@dataclass(frozen=True, slots=True)
class Order:
    """What all songs of a batch have in common. formats: extensions without the dot ("mid", "song")."""

    style: str = "rock"
    formats: tuple[str, ...] = ("mid", "song")
    loop_bars: int | None = None

    def file(self, seed: int, form: str) -> str:
        """Return the name of a song's file."""
        stem = Path(self.style).name.removesuffix(".yaml").removesuffix(".yml")
        return f"{stem}-{seed:06}.{_ENDINGS.get(form, form)}"


class Made(NamedTuple):
    """A song: its row of the manifest and its files by name; or why there is none."""

    seed: int
    row: Row
    files: Mapping[str, bytes]
    reason: str = ""


class Result(NamedTuple):
    """What came of a batch: songs made, songs that were there, (seed, reason) of those that cannot be, the manifest."""

    made: int
    kept: int
    failed: tuple[tuple[int, str], ...]
    manifest: str


_ENDINGS = {"song": "song.json"}
_KINDS = tuple(dict.fromkeys(ending.removeprefix(".").removesuffix(".json") for ending in FORMATS))


def batch(
    seeds: Sequence[int],
    output: str,
    order: Order | None = None,
    *,
    jobs: int = 1,
    cluster: str = "",
    step: Step = lambda done, whole: None,
) -> Result:
    """Make a song of each seed in a folder or store, but for those that are there; return what came of it.

    jobs: processes on this machine. cluster: address of a Dask scheduler, "" for none. step: is told of progress.
    Raises UsageError for an order that cannot be, ExportError where the songs cannot be written (what is there then
    is whole), JobError.
    """
    order = order or Order()
    same = _checked(order)
    place = store(output)
    with place.alone(WORK):
        rows = _known(place, same)
        there = {seed for seed in seeds if seed in rows and _whole(place, rows[seed], order)}
        missing = [seed for seed in seeds if seed not in there]
        shards = [tuple(missing[first : first + SHARD]) for first in range(0, len(missing), SHARD)]
        failed: list[tuple[int, str]] = []
        done = len(there)
        step(done, len(seeds))
        for number, songs in shared.run(partial(make, order), shards, jobs, cluster):
            new = {song.seed: song.row for song in songs if not song.reason}
            _alike(new.values(), same, place)
            place.write({name: content for song in songs for name, content in song.files.items()})
            place.write({f"{WORK}/{shards[number][0]}.jsonl": _lines(new.values())})
            rows |= new
            failed += [(song.seed, song.reason) for song in songs if song.reason]
            done += len(songs)
            step(done, len(seeds))
        if missing or place.names(WORK):
            place.write({MANIFEST: _lines(rows[seed] for seed in sorted(rows))})
            place.remove([f"{WORK}/{name}" for name in place.names(WORK)])
    made = len(missing) - len(failed)
    return Result(made, len(there), tuple(sorted(failed)), f"{place.address.rstrip('/')}/{MANIFEST}")


def make(order: Order, seeds: Sequence[int]) -> tuple[Made, ...]:
    """Return a shard of songs."""
    return tuple(_made(order, seed) for seed in seeds)


def _made(order: Order, seed: int) -> Made:
    try:
        song = pipeline.compose(make_request(style=order.style, seed=seed, loop_bars=order.loop_bars))
        files = {form: (order.file(seed, form), encode(song, order.file(seed, form))) for form in order.formats}
    except EngineError as error:
        return Made(seed, {}, {}, str(error))
    told: Row = {}
    for form, (name, content) in files.items():
        told |= {f"file_{form}": name, f"sha256_{form}": hashlib.sha256(content).hexdigest()}
    return Made(seed, _row(song, told), dict(files.values()))


def _row(song: Song, files: Row) -> Row:
    """Return what there is to say of a song, in columns that are the same for all of a batch."""
    measured = measure(piece_from_song(song))
    return {
        "seed": song.request.seed,
        **_same(song.request.style, song.style_hash, song.request.loop_bars),
        **files,
        "key": str(song.key),
        "tempo": song.tempo,
        "meter": str(song.meter),
        "bars": song.bars,
        "ticks": song.bars * song.meter.bar,
        "seconds": round(float(song.seconds), 3),
        "form": " ".join(section.kind for section in song.sections),
        "hook_score": hook_score(song),
        "known_notes": novelty(song, load(song.request.style).models).notes,
        **{name: _number(measured.get(name)) for name in _measures()},
    }


def hook_score(song: Song) -> float | None:
    """Return how hook-like the first line of the chorus is (of the song where it has none), as hooks are listed.

    In standard deviations of real sung phrases from their mean; None where nobody sings.
    """
    plan = pipeline.plan_of(song, dict(song.request.takes))
    line = hook_line(plan, {name: notes for (name, _), notes in cells(song, {"melody"}).items()})
    if line is None:
        return None
    section = next(section for section in plan.sections if section.name == line.section)
    ranking = Ranking(tables.load(plan.style.models, "hook"))
    centre = register(plan, section).centre
    return ranking.score(line.onsets, line.pitches, song.meter.slots, plan.key.tonic, centre).total / 1000


@lru_cache(maxsize=1)
def _measures() -> tuple[str, ...]:
    names = dict.fromkeys(name for group in load_reference() for name in group.measures)
    return tuple(name for name in names if name != "copy_longest_run")  # which takes the corpora


def _number(value: float | None) -> float | None:
    """Return a measure as it is told: rounded, for the last digits are the processor's, and None where it has none."""
    return None if value is None or not isfinite(value) else round(float(value), 6)


def _same(style: str, style_hash: str, loop_bars: int | None) -> Row:
    """Return the columns in which all songs of a batch agree."""
    return {"version": __version__, "style": style, "style_hash": style_hash, "loop_bars": loop_bars or 0}


def _checked(order: Order) -> Row:
    """Return the columns that all songs of an order share, with the files of one; raises UsageError."""
    if not order.formats:
        raise UsageError("no formats", f"known: {', '.join(_KINDS)}")
    for form in order.formats:
        if form not in _KINDS:
            raise UsageError(f'"{form}" is no format of a batch', nearest(form, _KINDS))
        format_of(order.file(0, form))
    make_request(style=order.style, seed=0, loop_bars=order.loop_bars)
    same = _same(order.style, load(order.style).hash, order.loop_bars)
    return same | {f"file_{form}": order.file(0, form) for form in order.formats}


def _known(place: Store, same: Row) -> dict[int, Row]:
    """Return the rows that earlier runs left, by seed; raises UsageError where they had another order."""
    names = [MANIFEST, *(f"{WORK}/{name}" for name in place.names(WORK))]
    rows = {row["seed"]: row for name in names for row in _rows(place.read(name) or b"")}
    _alike(rows.values(), same, place)
    return rows


def _rows(data: bytes) -> Iterator[Row]:
    # A line that is not whole, and whatever else is no row of ours, is none: its song is made again.
    for line in data.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and type(row.get("seed")) is int:
            yield row


def _alike(rows: Iterable[Row], same: Row, place: Store) -> None:
    """Raise UsageError where a row is of another order."""
    for row in rows:
        for name, value in same.items():
            if name.startswith("file_"):
                if name not in row:
                    raise _other(place, f"without {name[5:]} files")
            elif row.get(name) != value:
                raise _other(place, f"of {name} {row.get(name)}, not {value}")
        if extra := [name for name in row if name.startswith("file_") and name not in same]:
            raise _other(place, f"with {extra[0][5:]} files")


def _other(place: Store, what: str) -> UsageError:
    return UsageError(f"{place.address} holds songs {what}", "give this batch a folder of its own")


def _whole(place: Store, row: Row, order: Order) -> bool:
    """Return whether a song's files are there as they were written."""
    for form in order.formats:
        content = place.read(row[f"file_{form}"])
        if content is None or hashlib.sha256(content).hexdigest() != row[f"sha256_{form}"]:
            return False
    return True


def _lines(rows: Iterable[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
