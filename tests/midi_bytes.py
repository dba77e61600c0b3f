"""MIDI files as bytes, note by note, for tests of what reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterable


def number(value: int) -> bytes:
    """A variable-length quantity."""
    out = bytearray([value & 0x7F])
    while value := value >> 7:
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)


def track(
    notes: Iterable[tuple[int, int, int]] = (),
    channel: int = 0,
    program: int | None = None,
    name: str = "",
    metas: Iterable[tuple[int, int, bytes]] = (),
) -> bytes:
    """A track of (tick, length, pitch) notes and (tick, meta type, data) events."""
    events: list[tuple[int, int, bytes]] = []
    if name:
        events.append((0, 0, b"\xff\x03" + number(len(name)) + name.encode()))
    if program is not None:
        events.append((0, 1, bytes([0xC0 | channel, program])))
    events += [(at, 0, bytes([0xFF, kind]) + number(len(data)) + data) for at, kind, data in metas]
    for at, length, pitch in notes:
        events.append((at, 3, bytes([0x90 | channel, pitch, 90])))
        events.append((at + length, 2, bytes([0x80 | channel, pitch, 0])))
    body, now = bytearray(), 0
    for at, _, data in sorted(events, key=lambda event: event[:2]):
        body += number(at - now) + data
        now = at
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def midi(*tracks: bytes, division: int = 480, kind: int = 1) -> bytes:
    """A file of tracks."""
    return b"MThd" + struct.pack(">IHHH", 6, kind, len(tracks), division) + b"".join(tracks)


def signature(over: int, under: int) -> tuple[int, int, bytes]:
    """A time signature at the beginning."""
    return 0, 0x58, bytes([over, under.bit_length() - 1, 24, 8])


def tempo(micros: int, at: int = 0) -> tuple[int, int, bytes]:
    """A tempo in microseconds a quarter."""
    return at, 0x51, micros.to_bytes(3, "big")


CHORDS = ((57, 60, 64), (53, 57, 60), (60, 64, 67), (55, 59, 62))  # Am F C G
TUNE = (69, 72, 76, 74, 72, 71, 69, 67, 65, 69, 72, 69, 67, 71, 74, 71)


def band(bars: int = 32, beats: int = 4, shift: int = 0, drum_channel: int = 9, metas: Iterable = ()) -> bytes:
    """A band of tune, strummed chords, bass and drums: Am F C G, a bar each, ``beats`` quarters a bar.

    shift: ticks that all is late.
    """
    bar = beats * 480
    tune, chords, bass, drums = [], [], [], []
    for number_ in range(bars):
        at, chord = shift + number_ * bar, CHORDS[number_ % 4]
        high = number_ % 16 >= 8
        for beat in range(beats):
            if not (high and beat == beats - 1) and number_ % 8 < 7:
                pitch = TUNE[(number_ * beats + beat + 5 * high) % 16] + 5 * high
                tune.append((at + beat * 480 + (240 if beat % 2 and not high else 0), 220, pitch))
            if beat:
                chords += [(at + beat * 480, 400, pitch) for pitch in chord]
            drums.append((at + beat * 480, 60, 42))
            drums.append((at + beat * 480 + 240, 60, 42))
        chords += [(at, 460, pitch) for pitch in chord]
        bass += [(at, 900, chord[0] - 24), (at + (beats // 2) * 480, 400, chord[0] - 24)]
        drums += [(at, 60, 36), *((at + beat * 480, 60, 38) for beat in range(1, beats, 2))]
        if number_ % 8 == 0:
            drums.append((at, 60, 49))
    return midi(
        track(metas=metas),
        track(tune, 0, 73, "alpha"),
        track(chords, 1, 25, "beta"),
        track(bass, 2, 33, "gamma"),
        track(drums, drum_channel, None if drum_channel == 9 else 0, "delta"),
    )
