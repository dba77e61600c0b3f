"""The files to learn from: found in a folder, a store that fsspec knows, or music21's corpus; read one at a time."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import CorpusError, UsageError
from engine.learn.read import KNOWN
from engine.learn.smf import MAX_BYTES
from engine.stores import opened

_BOOK = 4_000  # bytes from which a file of ABC may be a tune book
_TUNES = 24  # of a book that are read at a time


class Source(NamedTuple):
    """A file: its path or address, its name in reports, its size in bytes, and a mark that changes when it does.

    first, last: the tunes of a tune book that are meant, from 1 on; 0 for a file as a whole.
    """

    path: str
    name: str
    size: int
    mark: str
    first: int = 0
    last: int = 0


def find_files(folder: str) -> tuple[Source, ...]:
    """Return the music under a folder or an address such as s3://bucket/midi, in order of name.

    Raises CorpusError where there is none, UsageError where an address needs what is not installed.
    """
    return _stored(folder) if "://" in folder else _local(Path(folder))


def corpus_files(part: str) -> tuple[Source, ...]:
    """Return the files of music21's corpus under a name such as essenFolksong/han1 or bach."""
    try:
        from music21 import corpus
    except ModuleNotFoundError as error:
        raise UsageError("--corpus needs music21", 'install it with: pip install "hookline[learn]"') from error
    wanted = part.strip("/").lower()
    found = []
    for path in map(Path, corpus.getCorePaths()):
        inside = path.as_posix().rpartition("/corpus/")[2]
        if inside.lower().startswith(wanted) and path.suffix.lower() in KNOWN:
            found.append(Source(str(path), inside, path.stat().st_size, "corpus"))
    if not found:
        raise CorpusError(f'music21\'s corpus has no music under "{part}"', "write it like bach or essenFolksong/han1")
    return tuple(sorted(found, key=lambda source: source.name))


def read_bytes(source: Source) -> bytes:
    """Return a file's bytes, at most so many as a song may have and one more; raises OSError."""
    if "://" in source.path:
        with opened(source.path)[0].open(source.path, "rb") as file:
            return bytes(file.read(MAX_BYTES + 1))
    with open(source.path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def tunes(data: bytes) -> list[bytes]:
    """Return the tunes of a tune book in ABC, each as a file of its own, with what stands before the first."""
    head, *found = re.split(rb"(?m)^(?=X:)", data)
    return [head + tune for tune in found]


def in_parts(files: Iterable[Source]) -> Iterator[Source]:
    """Yield files, tune books a few tunes at a time, so that many processors may share them."""
    for source in files:
        if Path(source.path).suffix.lower() != ".abc" or source.size < _BOOK:
            yield source
            continue
        try:
            count = len(tunes(read_bytes(source)))
        except OSError:
            count = 0
        if count < 2:
            yield source
        for first in range(1, count + 1, _TUNES) if count > 1 else ():
            yield source._replace(first=first, last=min(first + _TUNES - 1, count))


def without_copies(files: Sequence[Source]) -> tuple[tuple[Source, ...], dict[str, str]]:
    """Return the files that differ, in order of name, and which file each of the others is a copy of, by name.

    Only files of one size are read.
    """
    sizes: dict[int, list[Source]] = {}
    for source in sorted(files, key=lambda source: source.name):
        sizes.setdefault(source.size, []).append(source)
    kept, copies = [], {}
    for group in sizes.values():
        first: dict[bytes, str] = {}
        for source in group:
            digest = _digest(source) if len(group) > 1 else b""
            if digest in first:
                copies[source.name] = first[digest]
                continue
            if digest is not None:
                first[digest] = source.name
            kept.append(source)
    return tuple(sorted(kept, key=lambda source: source.name)), copies


def _digest(source: Source) -> bytes | None:
    try:
        return hashlib.sha1(read_bytes(source)).digest()
    except OSError:
        return None


def _local(folder: Path) -> tuple[Source, ...]:
    if folder.is_file():
        folder, paths = folder.parent, [folder]
    elif folder.is_dir():
        paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    else:
        raise CorpusError(f"no folder at {folder}", "give the folder that holds the music")
    found = []
    for path in paths:
        if path.suffix.lower() in KNOWN and not path.name.startswith("."):
            stat = path.stat()
            found.append(Source(str(path), path.relative_to(folder).as_posix(), stat.st_size, str(stat.st_mtime_ns)))
    return _sorted(found, str(folder))


def _stored(address: str) -> tuple[Source, ...]:
    system, inside = opened(address)
    root = address.partition("://")[0] + "://"
    found = []
    for path, about in system.find(inside, detail=True).items():
        if Path(path).suffix.lower() in KNOWN:
            mark = next((str(about[key]) for key in ("ETag", "etag", "mtime", "updated") if key in about), "")
            name = str(path)[len(inside.rstrip("/")) + 1 :]
            found.append(
                Source(root + str(path).lstrip("/") if root != "file://" else root + path, name, about["size"], mark)
            )
    return _sorted(found, address)


def _sorted(found: list[Source], folder: str) -> tuple[Source, ...]:
    if not found:
        raise CorpusError(f"{folder} holds no music", f"known are {' '.join(KNOWN)}")
    return tuple(sorted(found, key=lambda source: source.name))
