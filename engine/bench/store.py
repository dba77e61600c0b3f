"""Song files on disk: read, and written whole by one at a time.

A file is written only over what was read: whoever else wrote it meanwhile keeps what they wrote, and the later one is
told. A file whose every step was undone is the first file to the byte, so its steps forward lie beside it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from engine.document import Document
from engine.errors import ExportError, SongFileError
from engine.export.songfile import digest, document_file, redo_file
from engine.export.songread import MOST_BYTES, read_document, read_redo
from engine.files import alone, write_whole

BESIDE = ".redo"


def load(path: str | os.PathLike[str]) -> Document:
    """Return what a song file holds; raises SongFileError."""
    name = os.fspath(path)
    data = _read(name)
    document = read_document(data, name)
    future = document.future
    if not document.past and os.path.isfile(name + BESIDE):
        future = read_redo(_read(name + BESIDE), document.text)
    return replace(document, future=future, source=digest(data))


def save(
    document: Document, path: str | os.PathLike[str], *, over: bool = False, beside: Mapping[str, bytes] | None = None
) -> Document:
    """Write a document to a song file; return it as it would be read.

    A file that stands there must be the one that the document was read from, unless ``over``. beside: other files to
    write, all or none. Raises ExportError.
    """
    name = os.fspath(path)
    data = document_file(document)
    files = {name: data, **(beside or {})}
    forward = bool(document.future) and not document.past
    if forward:
        files = {name + BESIDE: redo_file(document), **files}
    with alone(name):
        if not over and os.path.exists(name) and digest(_read(name)) != document.source:
            raise ExportError(
                f"cannot write {name}: it has been changed since it was read",
                "do it again: the file is as others left it",
            )
        write_whole(files)
        if not forward:
            with suppress(FileNotFoundError):
                os.unlink(name + BESIDE)
    return replace(document, source=digest(data))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SongFileError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
