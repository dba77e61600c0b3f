"""How well do added parts follow a file? On whole files whose answer is known and that no table was fitted on.

    python benchmarks/accompany.py ../shared/data [--songs N]

POP909's performed piano songs get drums and bass: downbeats and chords are the annotator's. Freedoom and Tanner Helland
lose their drums (and bass) first and get others: downbeats are those of the file's time signature, chords unknown, so a
bass note counts as right where its pitch class sounds in the file during the beat.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from pathlib import Path

import mido
import numpy as np
from listen import bar_score, fit_early, roles

from engine.alone.accompany import Accompanied, accompany
from engine.errors import SongFileError
from engine.train.base import held_out
from engine.train.corpora.pop909_midi import Aligned, aligned
from engine.train.fit_chord_hmm import state_of

_KICKS = (35, 36)
_NEAR = 0.07  # seconds
_THIRDS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 5, 7))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("data", type=Path)
    ask.add_argument("--songs", type=int, default=10_000)
    ask.add_argument("--style", default="rock")
    told = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        roles(told.data, models)
        fit_early(told.data, models)
        pop = [song for song in aligned(told.data) if held_out(f"pop909/{song.id}")][: told.songs]
        piano(pop, models, told.style, models / "song.mid")
        bands(told.data, models, told.style, models / "song.mid", told.songs)


def piano(pop: list[Aligned], models: Path, style: str, path: Path) -> None:
    rows, began = [], time.process_time()
    for number, song in enumerate(pop):
        path.write_bytes(song.data)
        try:
            made = accompany(path, ("drums", "bass"), style, number, models)
        except SongFileError as error:
            print(f"    {song.id}: {error}")
            continue
        same = unchanged(song.data, made.data)
        seconds = 60 / 480 / made.heard.tempo * 480 / song.raw.resolution  # of a tick, by the mean tempo
        beats, bars = song.beats, song.beats[::4]
        drums, bass = notes_of(made, "drums"), notes_of(made, "bass")
        near = _NEAR / seconds
        kicks = drums[np.isin(drums[:, 2], _KICKS), 0]
        inside = bars[(bars >= drums[0, 0]) & (bars < drums[-1, 0])]
        lines = made.heard.file_ticks(made.heard.bars)
        score = bar_score(bars * seconds, lines * seconds)
        struck = (np.abs(kicks[None, :] - inside[:, None]) < near).any(axis=1).mean()
        rows.append((score, struck, *tone_rate(song, beats, bass, near), same))
    report(f"POP909, {len(rows)} songs held out", ("bar lines", "downbeats with a kick", "bass, strong beats",
           "bass, all beats", "original unchanged"), rows, began)  # fmt: skip


def tone_rate(song: Aligned, beats: np.ndarray, bass: np.ndarray, near: float) -> tuple[float, float]:
    """Return which share of bass notes struck on beats 1 and 3, and on all beats, are tones of the annotated triad."""
    strong, every = [], []
    for first, length, symbol in song.chords:
        state = state_of(symbol)
        if state >= 48:
            continue
        tones = {(state // 4 + step) % 12 for step in _THIRDS[state % 4]}
        for beat in range(first, min(first + length, len(beats) - 1)):
            for pitch in bass[np.abs(bass[:, 0] - beats[beat]) < near, 2]:
                every.append(int(pitch) % 12 in tones)
                if beat % 2 == 0:
                    strong.append(every[-1])
    return float(np.mean(strong or [np.nan])), float(np.mean(every or [np.nan]))


def bands(data: Path, models: Path, style: str, path: Path, songs: int) -> None:
    for corpus in ("freedoom_midi", "helland_free_music"):
        rows, began = [], time.process_time()
        for number, source in enumerate(sorted((data / corpus / "midi").glob("*.mid"))[:songs]):
            whole = mido.MidiFile(source, clip=True)
            if not held_out(f"{corpus}/{source.stem}") or not signed(whole):
                continue
            bare = stripped(whole)
            path.write_bytes(bare)
            try:
                made = accompany(path, ("drums", "bass"), style, number, models)
            except SongFileError as error:
                print(f"    {source.stem}: {error}")
                continue
            bars = bar_lines(whole)
            drums, bass = notes_of(made, "drums"), notes_of(made, "bass")
            near = whole.ticks_per_beat / 8
            kicks = drums[np.isin(drums[:, 2], _KICKS), 0]
            inside = bars[(bars >= drums[0, 0]) & (bars < drums[-1, 0])]
            struck = (np.abs(kicks[None, :] - inside[:, None]) < near).any(axis=1).mean() if len(inside) else np.nan
            lines = made.heard.file_ticks(made.heard.bars)
            # Bars before the first note that is left, and after the last one, are silent.
            bars = bars[(bars >= lines[0] - near) & (bars <= lines[-1] + near)]
            scale = 0.07 / near
            rows.append(
                (
                    bar_score(bars * scale, lines * scale),
                    struck,
                    sounding(whole, bass, bars),
                    unchanged(bare, made.data),
                )
            )
        report(f"{corpus}, {len(rows)} songs held out, drums and bass taken out", ("bar lines", "downbeats with a kick",
               "bass on downbeats, sounds in the file", "original unchanged"), rows, began)  # fmt: skip


def signed(whole: mido.MidiFile) -> bool:
    return any(message.type == "time_signature" for track in whole.tracks for message in track)


def stripped(whole: mido.MidiFile) -> bytes:
    """Return a file without drums and without what General MIDI calls a bass."""
    bare = mido.MidiFile(type=1, ticks_per_beat=whole.ticks_per_beat)
    for track in whole.tracks:
        programs: dict[int, int] = {}
        kept, now, before = mido.MidiTrack(), 0, 0
        for message in track:
            now += message.time
            if message.type == "program_change":
                programs[message.channel] = message.program
            channel = getattr(message, "channel", None)
            if message.type in ("note_on", "note_off") and (channel == 9 or 32 <= programs.get(channel, 0) < 40):
                continue
            kept.append(message.copy(time=now - before))
            before = now
        bare.tracks.append(kept)
    told = io.BytesIO()
    bare.save(file=told)
    return told.getvalue()


def bar_lines(whole: mido.MidiFile) -> np.ndarray:
    changes, end = [], 0
    for track in whole.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "time_signature":
                changes.append((now, whole.ticks_per_beat * 4 * message.numerator // message.denominator))
            end = max(end, now)
    changes.sort()
    lines: list[int] = []
    for (first, bar), (then, _) in zip(changes, [*changes[1:], (end, 0)], strict=True):
        lines += range(first, then, bar)
    return np.array(lines)


def sounding(whole: mido.MidiFile, bass: np.ndarray, bars: np.ndarray) -> float:
    """Return the share of bass notes on downbeats whose pitch class sounds in the file in that beat."""
    spans = []
    for track in whole.tracks:
        now, on = 0, {}
        for message in track:
            now += message.time
            if message.type not in ("note_on", "note_off") or message.channel == 9:
                continue
            key = (message.channel, message.note)
            if key in on:
                spans.append((on.pop(key), now, message.note % 12))
            if message.type == "note_on" and message.velocity:
                on[key] = now
    table, beat = np.array(spans).reshape(-1, 3), whole.ticks_per_beat
    right = []
    for line in bars:
        for at, _, pitch, _ in bass[np.abs(bass[:, 0] - line) < beat / 8]:
            here = table[(table[:, 0] < at + beat) & (table[:, 1] > at)]
            if len(here):
                right.append(pitch % 12 in here[:, 2])
    return float(np.mean(right or [np.nan]))


def notes_of(made: Accompanied, player: str) -> np.ndarray:
    """Return (start, end, pitch, velocity) of an added part, in the file's ticks."""
    place = [added.player for added in made.added].index(player) - len(made.added)
    rows, on, now = [], {}, 0
    for message in mido.MidiFile(file=io.BytesIO(made.data)).tracks[place]:
        now += message.time
        if message.type == "note_on":
            on[message.note] = (now, message.velocity)
        elif message.type == "note_off" and message.note in on:
            start, velocity = on.pop(message.note)
            rows.append((start, now, message.note, velocity))
    return np.array(sorted(rows), np.int64).reshape(-1, 4)


def unchanged(before: bytes, after: bytes) -> bool:
    one, other = (mido.MidiFile(file=io.BytesIO(data), clip=True) for data in (before, after))
    return one.ticks_per_beat == other.ticks_per_beat and all(
        a == b for a, b in zip(one.tracks, other.tracks, strict=False)
    )


def report(title: str, names: tuple[str, ...], rows: list[tuple[float, ...]], began: float) -> None:
    print(f"{title} (mean, tenth of the songs below), {(time.process_time() - began) / max(len(rows), 1):.2f} s a song")
    for name, column in zip(names, np.array(rows, float).T, strict=True):
        print(f"    {name:40}{np.nanmean(column):.3f}  {np.nanquantile(column, 0.1):.3f}")


if __name__ == "__main__":
    main()
