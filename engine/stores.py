"""Where many files go: a folder of this machine, or any store that fsspec reaches (s3://..., gs://..., memory://...)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from engine.errors import ExportError, UsageError
from engine.files import TEMPORARY, write_whole


class Store(Protocol):
    """A place for files, by name; a name may have folders in it ("a/b.mid")."""

    address: str

    def names(self, folder: str = "") -> list[str]:
        """Return the names of the files in a folder (not in those within it), in order; none where there is none."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files; raises ExportError."""

    def remove(self, names: list[str]) -> None:
        """Remove files, and the folders within the store that are empty then; what is not there is no matter."""

    @contextmanager
    def alone(self, folder: str) -> Iterator[None]:
        """Keep others from writing here meanwhile, by a lock on a folder of the store; raises ExportError."""


def store(address: str) -> Store:
    """Return the place of an address: a folder's path, or one that fsspec knows.

    Raises UsageError where an address needs what is not installed.
    """
    if "://" not in address or address.startswith("file://"):
        return _Folder(address.removeprefix("file://"))
    return _Remote(address)


def opened(address: str) -> tuple[Any, str]:
    """Return the file system of fsspec that an address names, and the path in it; raises UsageError."""
    try:
        fsspec: Any = import_module("fsspec")
    except ModuleNotFoundError as error:
        raise UsageError(f"{address} needs fsspec", 'install it with: pip install "hookline[cluster]"') from error
    try:
        system, inside = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{address} cannot be opened: {error}") from error
    return system, str(inside)


class _Folder:
    """A folder of this machine: its files are written whole, and are on the disk when ``write`` returns."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._root = Path(address)

    def names(self, folder: str = "") -> list[str]:
        try:
            return sorted(path.name for path in (self._root / folder).iterdir() if path.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except OSError:
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        for folder in {(self._root / name).parent for name in files}:
            self._make(folder)
        write_whole({str(self._root / name): content for name, content in files.items()})

    def remove(self, names: list[str]) -> None:
        for name in names:
            (self._root / name).unlink(missing_ok=True)
        for folder in {(self._root / name).parent for name in names} - {self._root}:
            with suppress(OSError):
                folder.rmdir()

    @contextmanager
    def alone(self, folder: str) -> Iterator[None]:
        self._make(self._root / folder)
        handle = os.open(self._root / folder, os.O_RDONLY)
        try:
            try:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ExportError(f"another Hookline is writing to {self.address}", "wait until it is done") from error
            except (ImportError, OSError):  # no such locks here
                pass
            # What a run that was killed had not made whole.
            for place in (self._root, self._root / folder):
                for path in place.glob(f"{TEMPORARY}*"):
                    path.unlink(missing_ok=True)
            yield
        finally:
            with suppress(OSError):
                (self._root / folder).rmdir()
            os.close(handle)

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ExportError(f"cannot write to {folder}: {reason}", "choose a folder that can be written") from error


class _Remote:
    """A store that fsspec reaches; most of them show a file only when all of it is there."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._system, self._root = opened(self.address)

    def names(self, folder: str = "") -> list[str]:
        try:
            with self._told():
                self._system.invalidate_cache()
                rows = self._system.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            return []
        return sorted(str(row["name"]).rpartition("/")[2] for row in rows if row["type"] == "file")

    def read(self, name: str) -> bytes | None:
        try:
            with self._told():
                return bytes(self._system.cat_file(self._path(name)))
        except FileNotFoundError:
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        with self._told():
            for folder in {self._path(name).rpartition("/")[0] for name in files}:
                self._system.makedirs(folder, exist_ok=True)
            self._system.pipe({self._path(name): content for name, content in files.items()})

    def remove(self, names: list[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                self._system.rm_file(self._path(name))
        for folder in {self._path(name).rpartition("/")[0] for name in names} - {self._root}:
            with suppress(Exception):  # most stores have no folders
                self._system.rmdir(folder)

    @contextmanager
    def alone(self, folder: str) -> Iterator[None]:
        yield  # there are no locks

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:  # each store has errors of its own
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise ExportError(f"{self.address} cannot be used: {reason}") from error

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}".rstrip("/")
