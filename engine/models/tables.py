"""Fitted tables on disk: an npz of whole-number arrays with a JSON header, never pickled.

Every table carries a format number, what it was fitted on, the licence, the date of the data and the
command that made it. The file is written byte for byte the same for the same arrays.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.files import trained_dir

FORMAT = 1

_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][iu][1248])', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n", re.S
)


class Table(NamedTuple):
    """A fitted table: its header and its arrays by name (whole numbers of any width)."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


SHARED = "rock"  # the packaged set that the others build on


def pack(table: Table) -> bytes:
    """Return the file's bytes; the same table gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        header = json.dumps({"format": FORMAT, **table.header}, sort_keys=True, indent=1).encode()
        for name, data in [("header.json", header), *((f"{k}.npy", _npy(v)) for k, v in sorted(table.arrays.items()))]:
            # A fixed date: the clock must not show in the file.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def unpack(data: bytes, source: str) -> Table:
    """Read a table; raises ModelError naming ``source`` for anything but a table of this format."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            header = json.loads(archive.read("header.json"))
            arrays = {name[:-4]: _array(archive.read(name)) for name in archive.namelist() if name.endswith(".npy")}
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ModelError(f"{source} is no fitted table: {error}", "fit it again with: hookline train") from error
    if header.get("format") != FORMAT:
        raise ModelError(
            f"{source} has table format {header.get('format')}, expected {FORMAT}", "fit it again with: hookline train"
        )
    return Table(header, arrays)


def load(models: str | Path, name: str) -> Table:
    """Return the fitted table ``name`` of a set of models: a packaged set, or a folder.

    What a packaged set does not have is rock's.
    """
    if isinstance(models, Path) or "/" in models:
        return _load(Path(models) / f"{name}.npz")
    return _load(_packaged(models, name))


@lru_cache(maxsize=256)
def _packaged(models: str, name: str) -> Path:
    own = trained_dir() / models / f"{name}.npz"
    return trained_dir() / SHARED / own.name if models and own.parent.is_dir() and not own.is_file() else own


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of a folder's fitted tables, their names included; raises ModelError where there are none."""
    try:
        files = sorted(folder.glob("*.npz"))
        digests = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files]
    except OSError as error:
        raise ModelError(f"cannot read the fitted tables {folder}: {error.strerror}") from error
    if not digests:
        raise ModelError(f"no fitted tables in {folder}", "they belong beside the style: learn it again, or copy them")
    return hashlib.sha256("".join(digests).encode()).hexdigest()


@lru_cache(maxsize=128)
def _load(path: Path) -> Table:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"cannot read the fitted table {path}: {error.strerror}", "fit it with: hookline train"
        ) from error
    return unpack(data, str(path))


def header(*, corpus: str, licence: str, command: str, date: str, about: str, **more: Any) -> Mapping[str, Any]:
    """Return a table's header; every table states these five facts."""
    return {"corpus": corpus, "licence": licence, "command": command, "date": date, "about": about, **more}


def _array(data: bytes) -> NDArray[Any]:
    found = _HEAD.match(data)
    if not found:
        array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        return array
    # As ``_npy`` writes it. numpy's own reader evaluates the header as Python, 200 times at every start.
    shape = tuple(int(size) for size in found[2].split(b",") if size.strip())
    return np.frombuffer(data, found[1].decode(), offset=found.end()).reshape(shape)


def _npy(array: NDArray[Any]) -> bytes:
    if array.dtype.kind not in "iu":
        raise TypeError(f"fitted tables hold whole numbers, not {array.dtype}")
    buffer = io.BytesIO()
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    np.lib.format.write_array(buffer, little, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()
