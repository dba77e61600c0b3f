"""Any MIDI file, opened: its messages by tick, its tempo map, its bars."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import Any

from engine.errors import SongFileError

_LONGEST = 3 * 3600  # seconds


def open_midi(path: Path) -> MidiFile:
    """Return a MIDI file; raises SongFileError when it cannot be read or is longer than three hours."""
    import mido

    try:
        file = mido.MidiFile(str(path), clip=True)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is no MIDI file"
        raise SongFileError(f"cannot read {path}: {reason.lower()}") from error
    if file.ticks_per_beat < 1 or file.type == 2:
        raise SongFileError(f"cannot read {path}: its time is not in beats")
    found = MidiFile(file.ticks_per_beat, file.tracks)
    if found.elapsed(found.end) > _LONGEST * 1_000_000 * found.beat:
        raise SongFileError(f"{path} is longer than three hours")
    return found


class MidiFile:
    """What a file holds, in ticks.

    beat: ticks of a quarter note. tracks: (tick, message of mido) of each track. meters: (beats, unit) by tick.
    tempos: microseconds of a quarter note by tick. end: the tick of the last note's end.
    """

    def __init__(self, beat: int, tracks: Any) -> None:
        self.beat, self.end = beat, 0
        self.tempos, self.meters = {0: 500_000}, {0: (4, 4)}
        self.tracks: list[list[tuple[int, Any]]] = []
        for track in tracks:
            tick = 0
            told: list[tuple[int, Any]] = []
            for message in track:
                tick += message.time
                told.append((tick, message))
                if message.type == "set_tempo" and message.tempo:
                    self.tempos[tick] = message.tempo
                elif message.type == "time_signature" and message.numerator:
                    self.meters[tick] = (message.numerator, message.denominator)
                elif message.type in ("note_on", "note_off"):
                    self.end = max(self.end, tick + (message.type == "note_on" and message.velocity > 0))
            self.tracks.append(told)
        self._ticks = sorted(self.tempos)
        self._at = [0]
        for tick, after in zip(self._ticks, self._ticks[1:], strict=False):
            self._at.append(self._at[-1] + (after - tick) * self.tempos[tick])

    def elapsed(self, tick: int) -> int:
        """Return the moment of a tick under the tempo map, in microseconds times ``beat`` (so that it is exact)."""
        last = bisect_right(self._ticks, tick) - 1
        return self._at[last] + (tick - self._ticks[last]) * self.tempos[self._ticks[last]]

    def bars(self) -> list[int]:
        """Return the ticks of the bar lines under the time signatures, the last at or after ``end``."""
        ticks, starts = [0], sorted(self.meters)
        while ticks[-1] < self.end:
            over, under = self.meters[starts[bisect_right(starts, ticks[-1]) - 1]]
            ticks.append(ticks[-1] + max(self.beat * 4 * over // under, 1))
        return ticks
