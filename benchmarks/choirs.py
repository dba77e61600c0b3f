"""Essen's Chinese songs and the chorales of Bach, from music21's corpus, beside ours: for benchmarks/sources.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from engine.song import Song


def _essen(songs: Sequence[Song]) -> Iterable[tuple[str, str, str, str]]:
    from music21 import corpus

    lines = []
    for name in ("essenFolksong/han1", "essenFolksong/han2"):
        for score in list(corpus.parse(name).scores)[:150]:
            notes = [int(note.pitch.midi) for note in score.recurse().notes]
            lines.append(notes)
    ours = [[note.pitch for note in song.part("melody").notes] for song in songs]
    for figure, count in (
        ("sung notes on the five commonest tones", _five),
        ("steps up or down a third or less", _near),
    ):
        source = "Essen, Chinese songs (music21)"
        yield (
            figure,
            source,
            percent(np.mean([count(x) for x in lines if x])),
            percent(np.mean([count(x) for x in ours if x])),
        )


def _five(pitches: Sequence[int]) -> float:
    found = Counter(pitch % 12 for pitch in pitches)
    return sum(count for _, count in found.most_common(5)) / len(pitches)


def _near(pitches: Sequence[int]) -> float:
    return float(np.mean([abs(b - a) <= 4 for a, b in pairwise(pitches)])) if len(pitches) > 1 else 1.0


def _bach(songs: Sequence[Song]) -> Iterable[tuple[str, str, str, str]]:
    from music21 import corpus

    theirs = []
    for path in corpus.getComposer("bach")[:200]:
        score = corpus.parse(path)
        if len(score.parts) == 4:
            theirs.append(
                [
                    [
                        (float(n.offset), float(n.quarterLength), int(n.pitch.midi))
                        for n in part.flatten().notes
                        if n.isNote
                    ]
                    for part in score.parts
                ]
            )
    ours = [
        [
            [(note.start / 480, note.length / 480, note.pitch) for note in song.part(name).notes]
            for name in ("melody", "lead", "rhythm", "bass")
        ]
        for song in songs
    ]
    source = f"{len(theirs)} chorales of Bach (music21)"
    for figure, count in (
        ("parallel fifths and octaves in 100 moves of two voices", _parallels),
        ("soprano: steps of a second or less, percent", _steps),
        ("soprano: notes on a beat, percent", _on_beat),
        ("bass: fourths, fifths and octaves, percent", _leaps),
    ):
        yield (figure, source, f"{np.mean([count(x) for x in theirs]):.1f}", f"{np.mean([count(x) for x in ours]):.1f}")


Voices = Sequence[Sequence[tuple[float, float, int]]]


def _parallels(voices: Voices) -> float:
    """Return how many in a hundred moves of two voices, beat by beat, are parallel fifths, octaves or unisons."""
    last = max(start for voice in voices for start, _, _ in voice)
    sounding = [
        {
            beat: pitch
            for start, length, pitch in voice
            for beat in range(int(np.ceil(start)), int(np.ceil(start + length)))
        }
        for voice in voices
    ]
    moves = faults = 0
    for beat in range(int(last)):
        for upper, lower in ((a, b) for a in range(4) for b in range(a + 1, 4)):
            old, new = ((sounding[upper].get(at), sounding[lower].get(at)) for at in (beat, beat + 1))
            if None in (*old, *new) or old[0] == new[0] or old[1] == new[1]:
                continue
            moves += 1
            apart = [(pair[0] - pair[1]) % 12 for pair in (old, new)]  # type: ignore[operator]
            faults += apart[0] == apart[1] and apart[0] in (0, 7)
    return 100 * faults / max(moves, 1)


def _steps(voices: Voices) -> float:
    pitches = [pitch for _, _, pitch in voices[0]]
    return 100 * float(np.mean([abs(b - a) <= 2 for a, b in pairwise(pitches)]))


def _on_beat(voices: Voices) -> float:
    return 100 * float(np.mean([start % 1 == 0 for start, _, _ in voices[0]]))


def _leaps(voices: Voices) -> float:
    pitches = [pitch for _, _, pitch in voices[3]]
    return 100 * float(np.mean([abs(b - a) in (5, 7, 12) for a, b in pairwise(pitches)]))


def percent(share: float | np.floating) -> str:
    """Return a share in percent."""
    return f"{100 * share:.0f} %"


CHOIRS: dict[str, Callable[[Sequence[Song]], Iterable[tuple[str, str, str, str]]]] = {
    "chinese-pentatonic": _essen,
    "chorale": _bach,
}
