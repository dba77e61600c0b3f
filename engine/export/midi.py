"""Standard MIDI Files, written byte by byte (RP-001 1.0, format 1, 480 ticks to the quarter).

Written here and not with a library: the same song must give the same bytes for ever, and a library's
bytes change with its version. It is also forty times faster to load nothing.

Track 1 conducts: tempo, time and key signature, a marker at each section, each chord as a text event
``chord:Am7``, and the receipt. Then one track a part: Melody, Lead Guitar, ... with name, program,
volume and pan; drums are on channel 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SongFileError
from engine.export.receipt import PREFIX, parse_receipt, receipt_text
from engine.perform import Played, performed
from engine.song import Part, Song
from engine.theory.meter import QUARTER

Ints = NDArray[np.int64]

_TEXT, _NAME, _MARKER = 0x01, 0x03, 0x06
DRUM_CHANNEL = 9


def midi(song: Song) -> bytes:
    """Return the song as a MIDI file: the score as the band plays it, with ``song.request.feel``."""
    played = performed(song)
    end = song.bars * song.meter.bar
    tracks = [_conductor(song, end)]
    free = (channel for channel in range(16) if channel != DRUM_CHANNEL)
    for part in song.parts:
        channel = DRUM_CHANNEL if part.name == "drums" else next(free)
        tracks.append(_track(part, channel, played[part.name], end))
    head = b"MThd" + _int(6, 4) + _int(1, 2) + _int(len(tracks), 2) + _int(QUARTER, 2)
    return head + b"".join(map(_chunk, tracks))


def track_chunk(part: Part, channel: int, played: Sequence[Played]) -> bytes:
    """Return one part as a track chunk, for a file that others have begun; notes are in that file's ticks."""
    return _chunk(_track(part, channel, played, 0))


def read_receipt(data: bytes) -> dict[str, Any]:
    """Return the receipt of a MIDI file that ``midi`` wrote; raises SongFileError for any other file."""
    at = data.find(PREFIX.encode() + b"{")
    if not data.startswith(b"MThd") or at < 0:
        raise SongFileError("the file carries no receipt: it is no MIDI file of Hookline")
    return parse_receipt(data[at : data.find(b"\x00\xff", at)].decode("ascii", "replace"))


def _conductor(song: Song, end: int) -> bytes:
    meter, key = song.meter, song.key
    events: list[tuple[int, bytes]] = [
        (0, _meta(_NAME, b"Hookline")),
        (0, _meta(_TEXT, receipt_text(song).encode("ascii"))),
        (0, _meta(0x51, _int((60_000_000 + song.tempo // 2) // song.tempo, 3))),
        # 24 MIDI clocks to the metronome's click, 8 thirty-seconds to the quarter.
        (0, _meta(0x58, bytes((meter.numerator, meter.denominator.bit_length() - 1, 24, 8)))),
        (0, _meta(0x59, bytes((key.sharps & 255, int(key.minor))))),
    ]
    before = key
    for section in song.sections:
        start = section.start_bar * meter.bar
        if (key := song.key_of(section)) != before:
            events.append((start, _meta(0x59, bytes((key.sharps & 255, int(key.minor))))))
            before = key
        events.append((start, _meta(_MARKER, section.title.encode("ascii"))))
        for span in section.chords:
            symbol = span.chord.symbol(key)
            events.append((start + span.start, _meta(_TEXT, f"chord:{symbol}".encode("ascii"))))
    events.sort(key=lambda event: event[0])
    return _timed(events) + _end(end - events[-1][0])


def _track(part: Part, channel: int, played: Ints | Sequence[Played], end: int) -> bytes:
    head = [
        (0, _meta(_NAME, (part.track or part.name).encode("ascii", "replace"))),
        (0, bytes((0xC0 | channel, part.program))),
        (0, bytes((0xB0 | channel, 7, part.volume))),
        (0, bytes((0xB0 | channel, 10, part.pan))),
    ]
    keys = _ordered(played)
    last = int(keys[-1] >> 16) if len(keys) else 0
    return _timed(head) + _voice(keys, channel) + _end(max(end - last, 0))


def _ordered(played: Ints | Sequence[Played]) -> Ints:
    """Return note-ons and note-offs in order, one number each: tick, 1 bit on, pitch (7), 1 bit, velocity (7).

    At one tick an off comes before an on, so a repeated note is heard twice. A note ends where the
    next of its pitch begins; of two that begin together the longer one stays.
    """
    notes = np.asarray(played, dtype=np.int64).reshape(-1, 4).T
    start, length, pitch, velocity = notes[:, np.lexsort((-notes[1], notes[0], notes[2]))]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (start[1:] != start[:-1]) | (pitch[1:] != pitch[:-1])
    start, length, pitch, velocity = start[first], length[first], pitch[first], velocity[first]
    stop = start + np.maximum(length, 1)
    follows = pitch[1:] == pitch[:-1]
    stop[:-1][follows] = np.minimum(stop[:-1], start[1:])[follows]
    keys = np.concatenate((start << 16 | 1 << 15 | pitch << 8 | velocity, stop << 16 | pitch << 8))
    keys.sort()
    return keys


def _voice(keys: Ints, channel: int) -> bytes:
    """Return the bytes of notes in order: all at once, a row of four bytes of time and three of message each."""
    delta = np.diff(keys >> 16, prepend=0)
    on = keys >> 15 & 1
    rows = np.empty((len(keys), 7), dtype=np.uint8)
    for column, shift in enumerate((21, 14, 7)):
        rows[:, column] = delta >> shift & 127 | 128
    rows[:, 3] = delta & 127
    rows[:, 4] = np.where(on, 0x90, 0x80) | channel
    rows[:, 5] = keys >> 8 & 127
    rows[:, 6] = np.where(on, keys & 127, 64)
    used = np.ones_like(rows, dtype=bool)
    for column, shift in enumerate((21, 14, 7)):
        used[:, column] = delta >> shift > 0
    data: bytes = rows[used].tobytes()
    return data


def _chunk(track: bytes) -> bytes:
    return b"MTrk" + _int(len(track), 4) + track


def _timed(events: Iterable[tuple[int, bytes]]) -> bytes:
    chunks: list[bytes] = []
    now = 0
    for tick, data in events:
        chunks += (_long(tick - now), data)
        now = tick
    return b"".join(chunks)


def _end(delta: int) -> bytes:
    return _long(delta) + b"\xff\x2f\x00"


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _long(len(data)) + data


def _long(number: int) -> bytes:
    """Return a variable-length quantity: seven bits a byte, the highest first."""
    found = [number & 127]
    while number := number >> 7:
        found.append(number & 127 | 128)
    return bytes(reversed(found))


def _int(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")
