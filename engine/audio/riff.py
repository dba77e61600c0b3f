"""SoundFont files as tables: SF2 2.04 (Creative Technology, 2006) and SF3, the same with Ogg Vorbis samples.

A font is nine tables of fixed records (presets, their zones and generators, instruments, samples) and one
long run of sample data, which is mapped and not read.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import AudioError

Table = NDArray[Any]

RECORDS: dict[str, np.dtype[Any]] = {
    "phdr": np.dtype(
        [
            *(("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2")),
            *(("library", "<u4"), ("genre", "<u4"), ("morphology", "<u4")),
        ]
    ),
    "pbag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    "pmod": np.dtype("V10"),
    "pgen": np.dtype([("what", "<u2"), ("amount", "<u2")]),
    "inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    "ibag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    "imod": np.dtype("V10"),
    "igen": np.dtype([("what", "<u2"), ("amount", "<u2")]),
    "shdr": np.dtype(
        [
            *(("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4"), ("loop_end", "<u4"), ("rate", "<u4")),
            *(("root", "u1"), ("correction", "i1"), ("link", "<u2"), ("kind", "<u2")),
        ]
    ),
}
VORBIS = 0x10  # the bit of a sample's kind that tells SF3 from SF2


@dataclass(frozen=True)
class Riff:
    """A font as it lies in the file: (id, text) pairs, the tables, the sample data."""

    info: tuple[tuple[str, bytes], ...]
    tables: dict[str, Table]
    samples: memoryview


def read_riff(path: Path) -> Riff:
    """Return the tables of a SoundFont; raises AudioError when it is missing or is none."""
    try:
        with open(path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(f"cannot read the SoundFont {path}: {reason.lower()}", "name an .sf2 or .sf3 file") from error
    if bytes(data[:4]) != b"RIFF" or bytes(data[8:12]) != b"sfbk":
        raise AudioError(f"{path} is no SoundFont", "name an .sf2 or .sf3 file")
    info: list[tuple[str, bytes]] = []
    tables: dict[str, Table] = {}
    samples = data[:0]
    for kind, body in _chunks(data, 12):
        if kind != "LIST":
            continue
        for name, content in _chunks(body, 4):
            if name in RECORDS:
                size = RECORDS[name].itemsize
                tables[name] = np.frombuffer(content[: len(content) // size * size], RECORDS[name])
            elif name == "smpl":
                samples = content
            elif bytes(body[:4]) == b"INFO":
                info.append((name, bytes(content)))
    if set(tables) != set(RECORDS) or not all(len(table) for table in tables.values()):
        raise AudioError(f"{path} is cut short: tables of the SoundFont are missing")
    return Riff(tuple(info), tables, samples)


def _chunks(data: memoryview, at: int) -> Iterator[tuple[str, memoryview]]:
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield bytes(data[at : at + 4]).decode("latin1"), data[at + 8 : at + 8 + size]
        at += 8 + size
        # MuseScore's SF3 files leave odd chunks unpadded.
        if size & 1 and bytes(data[at : at + 1]) == b"\0":
            at += 1


def riff_bytes(riff: Riff) -> bytes:
    """Return the file of a font, every chunk padded to an even size."""
    info = b"".join(_chunk(name, content) for name, content in riff.info)
    tables = b"".join(_chunk(name, riff.tables[name].tobytes()) for name in RECORDS)
    body = b"sfbk" + _chunk("LIST", b"INFO" + info)
    body += _chunk("LIST", b"sdta" + _chunk("smpl", bytes(riff.samples))) + _chunk("LIST", b"pdta" + tables)
    return _chunk("RIFF", body)


def _chunk(name: str, content: bytes) -> bytes:
    return name.encode() + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1)
