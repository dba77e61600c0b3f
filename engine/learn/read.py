"""Any file to ``Raw``: the one place that knows suffixes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.learn.notation import SUFFIXES, read_notation
from engine.learn.raw import Raw, Unheard
from engine.learn.smf import MAX_BYTES, read_midi

MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".rmi")
KNOWN = (*MIDI_SUFFIXES, *SUFFIXES)


def read(path: Path) -> Iterator[Raw]:
    """Yield the songs of a file, one for most; raises Unheard with the one reason why there is none."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise Unheard(f"is too large for a song: {size / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:g}")
        data = path.read_bytes()
    except OSError as error:
        raise Unheard(f"cannot be read: {error.strerror}") from error
    yield from read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Iterator[Raw]:
    """Yield the songs of a file's bytes; ``name`` tells the format by its suffix. Raises Unheard."""
    suffix = Path(name).suffix.lower()
    if suffix in MIDI_SUFFIXES or data[:4] == b"MThd":
        yield read_midi(data, name)
    elif suffix in SUFFIXES:
        yield from read_notation(data, name, suffix)
    else:
        raise Unheard(f'has the suffix "{suffix}"; known: {" ".join(KNOWN)}')
