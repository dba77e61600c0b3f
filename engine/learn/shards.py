"""Counting in shards: a few files each, on one processor, several, or a cluster, with the same sums whichever way.

A shard that is done is a file in the folder of work; a run that was stopped goes on from there. Files are written
whole or not at all, so one that is half done is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from engine import jobs as jobs_
from engine.garbage import uncollected
from engine.learn.counts import Counts
from engine.learn.folder import Source, read_bytes, tunes
from engine.learn.listen import Skipped, listen_bytes
from engine.learn.parent import Parent, parent
from engine.learn.song import Heard
from engine.learn.tally import tally
from engine.version import __version__

SHARD = 48  # files
_DIGEST = 32  # bytes of a SHA-256
_FIFTH = 5  # one song in so many is held out


class Note(NamedTuple):
    """What became of a tune of a file.

    song: its hash, "" where it was skipped. reason: why it was skipped. used: events by model. problems: what was
    doubtful about it. held: whether the style was measured on it before it was learnt from.
    """

    file: str
    song: str
    reason: str
    used: dict[str, int]
    problems: tuple[str, ...]
    held: bool


class Shard(NamedTuple):
    """What some files gave: packed counts, and a note a tune."""

    counts: bytes
    notes: tuple[Note, ...]


def shards_of(files: Sequence[Source]) -> tuple[tuple[Source, ...], ...]:
    """Return the files in shards of some SHARD tunes."""
    found: list[list[Source]] = []
    room = 0
    for source in files:
        if room <= 0:
            found.append([])
            room = SHARD
        found[-1].append(source)
        room -= source.last - source.first + 1
    return tuple(map(tuple, found))


def count_shard(files: Sequence[Source], models: str) -> Shard:
    """Return what the files of a shard give; whatever is in them, this does not raise."""
    known = parent(models)
    with uncollected():
        return _counted(files, known)


def _counted(files: Sequence[Source], known: Parent) -> Shard:
    counts = Counts()
    notes: list[Note] = []
    places: dict[str, list[object]] = {}
    sides: dict[str, list[tuple[int, str, Heard]]] = {"seen/": [], "held/": []}
    for source in files:
        for own, name, key, found in hashed(source):
            if isinstance(found, Skipped):
                notes.append(Note(name, "", found.reason, {}, (), False))
                continue
            held = is_held(key)
            sides["held/" if held else "seen/"].append((len(notes), key, found))
            notes.append(Note(name, key, "", {}, found.problems, held))
            if held:
                places[key] = list(own)
    for side, songs in sides.items():
        for number, used in _tallied(songs, known, counts, side):
            notes[number] = (
                notes[number]._replace(used=used)
                if isinstance(used, dict)
                else notes[number]._replace(song="", reason=used)
            )
    for note in notes:
        if note.held and not note.reason:
            counts.keep("held/files", note.song, places[note.song])
    return Shard(counts.pack(), tuple(notes))


def _tallied(
    songs: list[tuple[int, str, Heard]], known: Parent, counts: Counts, side: str
) -> Iterator[tuple[int, dict[str, int] | str]]:
    # Yield what each song was used for, or why it could not be: a fault of ours may cost one song and no more.
    tried = Counts()
    try:
        told = tally([(key, heard) for _, key, heard in songs], known, tried, side)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        if len(songs) == 1:
            yield songs[0][0], f"could not be counted, a fault of Hookline: {type(error).__name__}: {error}"
            return
        for song in songs:
            yield from _tallied([song], known, counts, side)
        return
    counts.join(tried)
    for (number, _, _), what in zip(songs, told, strict=True):
        yield number, what.used


def is_held(key: str) -> bool:
    """Return whether a song, by its hash, belongs to the fifth that the style is measured on."""
    return int(key[:8], 16) % _FIFTH == 1


class Tune(NamedTuple):
    """A tune: where it is, its name in reports, its hash, and what was heard or why nothing was."""

    source: Source
    name: str
    hash: str
    found: Heard | Skipped


def hashed(source: Source) -> Iterator[Tune]:
    """Yield every tune of a file; raises nothing for what is in it."""
    try:
        data = read_bytes(source)
    except OSError as error:
        yield Tune(
            source, source.name, "", Skipped(source.name, f"cannot be read: {(error.strerror or str(error)).lower()}")
        )
        return
    parts = tunes(data)[source.first - 1 : source.last] if source.first else [data]
    for place, part in enumerate(parts, source.first):
        digest = hashlib.sha1(part).hexdigest()
        name = f"{source.name}#{place}" if source.first else source.name
        for number, found in enumerate(listen_bytes(part, source.name)):
            key = hashlib.sha1(f"{digest} {number}".encode()).hexdigest() if number else digest
            own = source._replace(first=place, last=place) if source.first else source
            yield Tune(own, name if number == 0 else f"{name}#{number + 1}", key, found)


def pack_shard(shard: Shard) -> bytes:
    """Return a shard as bytes."""
    notes = json.dumps([note._asdict() for note in shard.notes], sort_keys=True).encode()
    body = len(notes).to_bytes(8, "big") + notes + shard.counts
    return hashlib.sha256(body).digest() + body


def unpack_shard(data: bytes) -> Shard:
    """Return what ``pack_shard`` made bytes of; raises ValueError for anything else."""
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("the shard is not whole")
    size = int.from_bytes(body[:8], "big")
    rows: list[dict[str, Any]] = json.loads(body[8 : 8 + size])
    notes = tuple(Note(**{**row, "problems": tuple(row["problems"])}) for row in rows)
    return Shard(body[8 + size :], notes)


def shard_name(files: Sequence[Source], models: str) -> str:
    """Return the name of a shard's file: another where its files, the parent or the program are."""
    what = json.dumps([__version__, models, [list(source) for source in files]])
    return hashlib.sha256(what.encode()).hexdigest()[:24] + ".shard"


def done(folder: Path, name: str) -> Shard | None:
    """Return a shard that an earlier run finished, or None."""
    try:
        return unpack_shard((folder / name).read_bytes())
    except (OSError, ValueError):
        return None


def save(folder: Path, name: str, shard: Shard) -> None:
    """Write a shard whole."""
    waiting = folder / f"{name}.{os.getpid()}.part"
    waiting.write_bytes(pack_shard(shard))
    waiting.replace(folder / name)


def run(shards: Sequence[tuple[Source, ...]], models: str, jobs: int, cluster: str) -> Iterator[tuple[int, Shard]]:
    """Yield (number, shard) as they are done, in any order; see ``engine.jobs``."""
    return jobs_.run(partial(count_shard, models=models), shards, jobs, cluster)
