"""Files: where the package's own data lies, and writing that never leaves half a file."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import ExportError

TEMPORARY = ".hookline-"  # how files begin that are not whole yet

_PACKAGE = Path(__file__).resolve().parent


def data_dir(kind: str) -> Path:
    """Return the folder of packaged ``kind`` ("styles" or "grammars").

    An installed wheel holds it inside the package; a checkout holds it beside.
    """
    packed = _PACKAGE / "_data" / kind
    return packed if packed.is_dir() else _PACKAGE.parent / kind


def trained_dir() -> Path:
    """Return the folder of fitted tables (one sub-folder a style)."""
    return _PACKAGE / "trained"


def write_whole(outputs: Mapping[str, bytes]) -> None:
    """Write every path whole, or none: all temporary files first, then all renames.

    What is written is on the disk when this returns, so that it outlasts a loss of power as well. ``-`` is standard
    output. Raises ExportError naming the path at fault; what stood there stays.
    """
    waiting: list[tuple[str, str]] = []
    devices: list[str] = []
    path = "-"
    try:
        for path, content in outputs.items():
            if path == "-":
                continue
            if os.path.isdir(path):
                raise IsADirectoryError(21, "it is a folder")
            if os.path.exists(path) and not os.path.isfile(path):
                devices.append(path)  # /dev/null and its like are written to, never replaced
                continue
            target = os.path.realpath(path)  # a link stays a link
            handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=os.path.dirname(target))
            waiting.append((temporary, target))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            os.chmod(temporary, 0o666 & ~_umask())
        folders = {os.path.dirname(target) for _, target in waiting}
        while waiting:
            temporary, path = waiting[0]
            os.replace(temporary, path)
            waiting.pop(0)
        for folder in folders:
            _settle(folder)
        for path in devices:
            with open(path, "wb") as file:
                file.write(outputs[path])
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "make room on the disk" if full else "choose a folder that exists and can be written"
        raise ExportError(f"cannot write {path}: {reason}", hint) from error
    finally:
        for temporary, _ in waiting:
            os.unlink(temporary)
    if "-" in outputs:
        sys.stdout.buffer.write(outputs["-"])
        sys.stdout.buffer.flush()


def _settle(folder: str) -> None:
    """Have the names of a folder's files on the disk, where its system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def alone(path: str) -> Iterator[None]:
    """Keep other Hooklines from writing in a file's folder meanwhile: they wait, at most until this process ends."""
    try:
        import fcntl

        folder = os.open(os.path.dirname(os.path.realpath(path)), os.O_RDONLY)
    except (ImportError, OSError):  # no such locks here, or no such folder, which writing will tell
        yield
        return
    try:
        # A file system without locks is used without.
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
