"""Sound files, written block by block to a temporary name and given their own name when all is well.

WAV and FLAC are 16 bits (stems 24), MP3 and OGG are lossy. WAV, FLAC and MP3 are the same bytes every time;
libsndfile numbers each OGG stream at random.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.audio import SOUNDS, need_libraries
from engine.audio.dsp import Signal
from engine.audio.wave import RATE
from engine.errors import ExportError, UsageError


class Kind(NamedTuple):
    """A format as libsndfile names it: container, how samples are kept, and for stems; the ceiling in dBTP."""

    container: str
    subtype: str
    deep: str
    ceiling: float


# Lossy coding moves peaks by half a decibel.
KINDS = {
    ".wav": Kind("WAV", "PCM_16", "PCM_24", -1.0),
    ".flac": Kind("FLAC", "PCM_16", "PCM_24", -1.0),
    ".mp3": Kind("MP3", "MPEG_LAYER_III", "MPEG_LAYER_III", -1.5),
    ".ogg": Kind("OGG", "VORBIS", "VORBIS", -1.5),
}
_BLOCK = RATE  # libsndfile overruns its stack when minutes of OGG come at once


def kind_of(path: str) -> Kind:
    """Return the format a path's extension names; raises UsageError."""
    found = KINDS.get(Path(path).suffix.lower())
    if found is None:
        raise UsageError(f"cannot tell which sound to write to {path}", f"end it in {', '.join(SOUNDS)}")
    return found


class Waiting:
    """A sound file being written; it has its name only after ``keep``. Raises ExportError naming the path."""

    def __init__(self, path: str, deep: bool = False) -> None:
        self.path, kind = path, kind_of(path)
        need_libraries()
        import soundfile

        self._failures = (OSError, soundfile.LibsndfileError)
        self._target = os.path.realpath(path)
        self._temporary = ""
        try:
            if os.path.isdir(path):
                raise IsADirectoryError(21, "it is a folder")
            handle, self._temporary = tempfile.mkstemp(prefix=".hookline-", dir=os.path.dirname(self._target))
            os.close(handle)
            subtype = kind.deep if deep else kind.subtype
            self._file = soundfile.SoundFile(self._temporary, "w", RATE, 2, subtype, format=kind.container)
        except self._failures as error:
            self.drop()
            raise self._failed(error) from error

    def write(self, signal: Signal) -> None:
        """Write the next samples, shape (2, samples)."""
        frames = np.ascontiguousarray(signal.T)
        try:
            for start in range(0, len(frames), _BLOCK):
                self._file.write(frames[start : start + _BLOCK])
        except self._failures as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Finish the file under its temporary name."""
        try:
            self._file.close()
        except self._failures as error:
            raise self._failed(error) from error

    def keep(self) -> None:
        """Give the file its name."""
        mask = os.umask(0)
        os.umask(mask)
        try:
            os.chmod(self._temporary, 0o666 & ~mask)
            os.replace(self._temporary, self._target)
        except OSError as error:
            raise self._failed(error) from error
        self._temporary = ""

    def drop(self) -> None:
        """Remove what was written, unless it was kept."""
        if self._temporary:
            os.unlink(self._temporary)
            self._temporary = ""

    def _failed(self, error: Exception) -> ExportError:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        return ExportError(f"cannot write {self.path}: {reason}", "choose a folder that exists and can be written")
