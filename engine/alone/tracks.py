"""Tracks beside those of a MIDI file, which stays as it is: its chunks are kept byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import ExportError, SongFileError
from engine.export.midi import DRUM_CHANNEL, track_chunk
from engine.learn.smf import MAX_BYTES, channels
from engine.perform import Played
from engine.song import Part

_HEAD = 14  # bytes of a header chunk


class Original(NamedTuple):
    """A MIDI file as it stands.

    division: its time base, as in the header. chunks: what follows the header up to the end of the last track, whole;
    others: what follows those. tracks: how many. notes: channels with notes on them. set: channels that are set to
    anything.
    """

    division: bytes
    chunks: bytes
    others: bytes
    tracks: int
    notes: frozenset[int]
    set: frozenset[int]


def original(path: Path) -> Original:
    """Return a MIDI file's chunks; raises SongFileError for one whose chunks cannot be kept as they are."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SongFileError(f"{path} is too large for a song: more than {MAX_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise SongFileError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    if data[:4] != b"MThd":
        raise SongFileError(f"{path} is no MIDI file", "give the .mid of a tune")
    if len(data) < _HEAD:
        raise SongFileError(f"{path} is damaged: its header is cut short")
    kind, division = data[8:10], data[12:_HEAD]
    if kind == b"\0\2" or not 0 < int.from_bytes(division, "big") < 1 << 15:
        raise SongFileError(f"{path} holds no bars: its time is not in beats, or it is several pieces")
    at = first = last = 8 + int.from_bytes(data[4:8], "big")
    tracks = []
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if end > len(data):
            raise SongFileError(f"{path} is damaged: its last track is cut short")
        if data[at : at + 4] == b"MTrk":
            tracks.append(data[at + 8 : end])
            last = end
        at = end
    return Original(division, data[first:last], data[last:at], len(tracks), *channels(tracks))


def with_tracks(file: Original, parts: Sequence[tuple[Part, Sequence[Played]]]) -> tuple[bytes, tuple[int, ...]]:
    """Return the file with more tracks behind its own, and the channel of each; notes are in the file's ticks.

    A channel that nothing is on is taken, or else one that no notes are on; drums are on channel 10.
    Raises ExportError where none is left.
    """
    others = [channel for channel in range(16) if channel != DRUM_CHANNEL and channel not in file.notes]
    free = sorted(others, key=lambda channel: channel in file.set)
    channels, chunks = [], b""
    for part, notes in parts:
        if part.name != "drums" and not free:
            raise ExportError(f"no channel is free for {part.track.lower()}: the file plays on all of them")
        channels.append(DRUM_CHANNEL if part.name == "drums" else free.pop(0))
        chunks += track_chunk(part, channels[-1], notes)
    count = file.tracks + len(parts)
    # A file of type 0 becomes one of type 1 whose first track it was.
    head = b"MThd" + (6).to_bytes(4, "big") + (1).to_bytes(2, "big") + count.to_bytes(2, "big") + file.division
    return head + file.chunks + chunks + file.others, tuple(channels)
