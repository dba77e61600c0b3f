"""Tracks beside those of a MIDI file, which stays as it is: its chunks are kept byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import ExportError, SongFileError
from engine.export.midi import DRUM_CHANNEL, track_chunk
from engine.midifile import open_midi
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
        data = path.read_bytes()
    except OSError as error:
        raise SongFileError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    if data[:4] != b"MThd":
        raise SongFileError(f"{path} is no MIDI file", "give the .mid of a tune")
    messages = [message for track in open_midi(path).tracks for _, message in track if hasattr(message, "channel")]
    at, count = 8 + int.from_bytes(data[4:8], "big"), 0
    first = last = at
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if end > len(data):
            raise SongFileError(f"{path} is damaged: its last track is cut short")
        if data[at : at + 4] == b"MTrk":
            count, last = count + 1, end
        at = end
    played = frozenset(message.channel for message in messages if message.type == "note_on" and message.velocity)
    return Original(
        data[12:_HEAD],
        data[first:last],
        data[last:at],
        count,
        played,
        frozenset(message.channel for message in messages),
    )


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
