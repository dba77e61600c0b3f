"""Chords for a melody: the likeliest by a hidden Markov model, in the vocabulary of a style.

The melody is that of any file that can be heard. Its key is the user's, else that of all that sounds, else what the
melody tells itself.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.alone.harmonized import Harmonized, Harmony, beats_of
from engine.alone.heard import heard_file
from engine.alone.vocabulary import qualities, style_costs
from engine.errors import SongFileError
from engine.learn.raw import Raw
from engine.learn.song import LENGTH, PITCH, START, Heard
from engine.models import tables
from engine.models.harmonize import STATES, UNIT, Stretches, best, costs, features, find_key, model, stretches
from engine.song import ChordSpan, Note
from engine.stream import Stream
from engine.style import Style, load
from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.meter import SLOT

Ints = NDArray[np.int64]

_FORBIDDEN = 1 << 24  # cost of a chord that a style does not have
_LEAN = 4  # one part in so many of a style's costs counts
_HOME = 3 * UNIT  # cost of not being home at the end, where the last note would let it be
_OPEN = UNIT  # cost of a chord that no line ends on
# States that lines end on, of either third: I, IV, V and vi, in minor i, iv, v, bIII, bVI and bVII.
_ENDINGS = {False: {0, 1, 10, 11, 14, 15, 18, 19}, True: {0, 1, 6, 7, 10, 11, 14, 15, 16, 17, 20, 21}}


def harmonize(
    path: Path,
    per: str = "bar",
    k: int = 1,
    style: str = "rock",
    seed: int = 0,
    key: Key | None = None,
    models: str | Path = tables.SHARED,
) -> Harmonized:
    """Return the ``k`` likeliest harmonies of a file's melody, one chord a bar, half a bar or a beat at most.

    key: found in the melody where none is given. seed: of the chords' colours. models: the fitted tables.
    Raises SongFileError for a file without a melody.
    """
    raw, heard = heard_file(path)
    return harmonies_of(raw, heard, load(style), per, k, seed, key, models)


def harmonies_of(
    raw: Raw,
    heard: Heard,
    band: Style,
    per: str = "bar",
    k: int = 1,
    seed: int = 0,
    key: Key | None = None,
    models: str | Path = tables.SHARED,
) -> Harmonized:
    """Return the likeliest harmonies of what was heard in a file, see ``harmonize``."""
    melody = _melody(heard)
    table = np.stack([np.rint(melody[:, 0] / SLOT), np.maximum(np.rint(melody[:, 1] / SLOT), 1), melody[:, 2]], axis=1)
    notes, bars = table.astype(np.int64), heard.bars // SLOT
    home = key or _key(raw, heard, notes, bars, models)
    tonic, minor = home.tonic, home.minor
    found, ways = decoded(notes, bars, beats_of(heard), tonic, minor, per, k, band, models)
    harmonies = []
    for cost, states in ways:
        named = _named(band, home, states, found, notes, Stream.of(seed).at("harmonize"))
        harmonies.append(Harmony((cost - ways[0][0]) / UNIT, named))
    sung = tuple(Note(*row) for row in melody.tolist())
    # That a melody has no harmony is why we are here.
    problems = tuple(text for text in heard.problems if not text.startswith("no harmony"))
    return Harmonized(replace(heard, problems=problems), not raw.scored, home, sung, tuple(harmonies), band, seed)


def decoded(
    notes: Ints,
    bars: Ints,
    beats: Ints,
    tonic: int,
    minor: bool,
    per: str,
    k: int,
    style: Style,
    models: str | Path = tables.SHARED,
) -> tuple[Stretches, list[tuple[int, tuple[int, ...]]]]:
    """Return the stretches of a melody, and the ``k`` likeliest ways through them with their costs.

    notes, bars, beats: as for ``models.harmonize.stretches``.
    """
    learnt, found = model(models, minor, per), stretches(notes, bars, beats, per)
    spoken = costs(learnt, features(notes, found, tonic)) + _leaning(style_costs(style, minor), learnt.prior)
    return found, best(spoken + _cadences(found, notes, tonic, minor), learnt.moves, found.places, k)


def _melody(heard: Heard) -> Ints:
    """Return (start, length, pitch) of the notes sung: by the surest voice, else the highest track, the upper ones."""
    tracks = [track for track in heard.tracks if track.role != "drums"]
    if not tracks:
        raise SongFileError(f"{heard.name} holds drums alone, and no melody")
    voices = heard.played("melody") or heard.played("lead")
    notes = (voices[0] if voices else max(tracks, key=lambda track: int(np.median(track.notes[:, PITCH])))).notes
    rows = notes[np.lexsort((-notes[:, PITCH], notes[:, START]))][:, [START, LENGTH, PITCH]]
    rows = rows[np.append(True, np.diff(rows[:, 0]) > 0)]
    rows[:-1, 1] = np.minimum(rows[:-1, 1], np.diff(rows[:, 0]))
    return np.asarray(rows, np.int64)


def _key(raw: Raw, heard: Heard, notes: Ints, bars: Ints, models: str | Path) -> Key:
    """Return the key of a melody: that of all that sounds, or, where nothing sounds beside it, what it tells itself."""
    if (
        any(span.chord is not None for span in heard.chords)
        and sum(track.role != "drums" for track in heard.tracks) > 1
    ):
        return Key(heard.key.tonic, "minor" if heard.key.minor else "major")
    tonic, minor = find_key(notes, bars, models, _signed(raw))
    return Key(tonic, "minor" if minor else "major")


def _signed(raw: Raw) -> set[int]:
    """Return the two keys of a signature (tonic, and 12 more for minor); none where a program may have written it."""
    if not raw.keys or (raw.keys[0][1:] == (0, False) and not raw.scored):
        return set()
    _, sharps, minor = raw.keys[0]
    relative = 12 + (7 * sharps + 9) % 12
    return {relative} if minor else {7 * sharps % 12, relative}


def _leaning(style: Ints, usual: Ints) -> Ints:
    """Return what a style adds to costs: what it has less of than songs at large costs more, the rest is forbidden."""
    found = np.where(style < 0, _FORBIDDEN, (style - 2 * usual) // _LEAN)
    return np.asarray(found - found.min(), np.int64)


def _cadences(found: Stretches, notes: Ints, tonic: int, minor: bool) -> Ints:
    """Return what is added where lines end, shape (stretches, STATES): they close on few chords, the last at home."""
    added = np.zeros((len(found.bar), STATES), np.int64)
    open_ones = np.array([state not in _ENDINGS[minor] for state in range(STATES)])
    added[found.close[:, None] & open_ones[None, :]] = _OPEN
    home = {(tonic + step) % 12 for step in (0, 3 if minor else 4, 7)}
    if int(notes[-1, 2]) % 12 in home:
        added[-1] += _HOME
        added[-1, int(minor)] = 0
    return added


def _named(
    style: Style, key: Key, states: tuple[int, ...], found: Stretches, notes: Ints, stream: Stream
) -> tuple[ChordSpan, ...]:
    """Return the chords of states, coloured, equal neighbours joined."""
    sung: dict[int, Ints] = {}
    owner = np.clip(np.searchsorted(found.starts, notes[:, 0], side="right") - 1, 0, len(states) - 1)
    for state in dict.fromkeys(states):
        sung[state] = np.zeros(12, np.int64)
    for stretch, length, pitch in zip(owner.tolist(), notes[:, 1].tolist(), notes[:, 2].tolist(), strict=True):
        state = states[stretch]
        sung[state][(pitch - key.tonic - state // 2) % 12] += length
    named = qualities(style, key.minor, sung, stream)
    spans: list[ChordSpan] = []
    for state, start, end in zip(states, found.starts.tolist(), found.starts[1:].tolist(), strict=False):
        root = (key.tonic + state // 2) % 12
        chord = Chord(root, named[state], root)
        if spans and spans[-1].chord == chord:
            spans[-1] = spans[-1]._replace(length=end * SLOT - spans[-1].start)
        else:
            spans.append(ChordSpan(start * SLOT, (end - start) * SLOT, chord, chord.numeral(key)))
    return tuple(spans)
