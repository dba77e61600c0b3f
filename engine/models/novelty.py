"""Novelty: how long a melody may follow a known one, held inside the sampler.

Two melodies follow one another over a run of notes when their intervals and the slots between their
onsets agree, so that neither key nor place in the bar matters. Unrelated songs share runs of up to
LONGEST notes; a longer one is forbidden here, as a maximum-order constraint: the chain of pitches is
multiplied with an automaton that follows every known run that the rhythm, already drawn, leaves open
(Papadopoulos, Roy and Pachet, Avoiding plagiarism in Markov sequence generation, 2014).

The table holds no melody. Of the rhythm of WINDOW steps it keeps a hash of BITS bits, of each interval
its remainder by three: which of three diminished seventh chords a note lies in, counted from an unknown
one, and so less than a bit and a half of the three that an interval holds. What is forbidden is
therefore a little more than the runs themselves, never less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models import tables
from engine.models.bans import RESIDUES, Bans, once
from engine.models.tables import Table
from engine.models.viewpoints import Ints
from engine.song import Song
from engine.theory.meter import SLOT

LONGEST = 11  # notes: the 95th percentile of the longest run that a real song shares with another
ORDER = LONGEST  # steps from note to note of the shortest run that is forbidden: one note more than LONGEST
WINDOW = 7  # steps of the runs in the table
BITS = 20
CODES = RESIDUES**WINDOW
WIDEST = 255  # slots; longer waits are alike
_REST = CODES // RESIDUES
_EVERY = np.arange(RESIDUES, dtype=np.int64)
_SALT = b"hookline/novelty"


class Nearest(NamedTuple):
    """The longest run that a melody shares with a known one: at most so many notes, of which song, from which note on.

    notes is 0 and the title empty where no run of WINDOW steps is shared. first: of the melody's notes, from 0.
    """

    notes: int
    title: str
    first: int = 0


class Novelty:
    """The known runs."""

    def __init__(self, table: Table) -> None:
        gaps = table.arrays["high"].astype(np.int64) << 16 | table.arrays["low"].astype(np.int64)
        self._keys: Ints = np.cumsum(gaps)
        self.titles: tuple[str, ...] = tuple(table.header["titles"])
        # Asked at every note, so no array: which hashes the waits of forbidden length have.
        self._whole = np.unpackbits(table.arrays["whole"], bitorder="little").tobytes()
        self._runs = lru_cache(maxsize=4096)(self._find_runs)
        self._windows = lru_cache(maxsize=1024)(self._window)
        self._heights = lru_cache(maxsize=8192)(self._forbidden)
        # Few: of even rhythms that a whole folder of tunes has there are tens of thousands of lines.
        self._open = lru_cache(maxsize=32)(self._all_open)

    def bans(self, onsets: Sequence[int], pitches: Sequence[int | None]) -> Bans:
        """Return what notes yet to be drawn may not do, first counted among them.

        onsets: slots. pitches: None for the notes to be drawn, which stand together.
        """
        free = [i for i, pitch in enumerate(pitches) if pitch is None]
        waits = _capped(onsets)
        if not free or len(waits) < ORDER:
            return {}
        found: dict[tuple[int, int], Ints] = {}
        pitches, nothing = list(pitches), [None] * (ORDER + 1)
        for start in range(max(free[0] - ORDER, 0), min(free[-1], len(waits) - ORDER) + 1):
            stretch = waits[start : start + ORDER]
            lines = self._heights(stretch)
            if lines is None:
                continue
            here = pitches[start : start + ORDER + 1]
            if here == nothing:
                found[start - free[0], len(here)] = self._open(stretch)
                continue
            place, codes = _bans(lines, here, start - free[0])
            if len(codes):
                found[place] = once(codes)
        return found

    def runs(self, waits: Sequence[int]) -> Ints:
        """Return the known runs of notes with these waits (at least WINDOW), sorted.

        Each is a row of heights above its first note, by their remainders; shape (runs, waits + 1).
        """
        return self._runs(bytes(min(wait, WIDEST) for wait in waits))

    def nearest(self, onsets: Sequence[int], pitches: Sequence[int]) -> Nearest:
        """Return the longest run that a melody shares with a known one; of equals the first found."""
        waits, count = _capped(onsets), len(self.titles)
        codes = _codes(waits, pitches)
        lows, highs = self._keys.searchsorted(codes * count), self._keys.searchsorted((codes + 1) * count)
        running: dict[int, int] = {}
        best = Nearest(0, "")
        for start, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
            if low == high:
                running = {}
                continue
            songs = (self._keys[low:high] % count).tolist()
            # Windows may follow one another here that do not in the song: then no song has these waits in a row.
            end = start + WINDOW
            real = end >= ORDER and self._whole[_bucket(waits[end - ORDER : end])]
            most = len(waits) if real else ORDER - WINDOW - 1
            running = {song: min(running.get(song, 0), most) + 1 for song in songs}
            windows = max(running.values())
            if windows + WINDOW > best.notes:
                title = self.titles[next(song for song in songs if running[song] == windows)]
                best = Nearest(windows + WINDOW, title, start + 1 - windows)
        return best

    def _forbidden(self, waits: bytes) -> Ints | None:
        """Return the known runs of notes with these ORDER waits; None where there are none."""
        return lines if self._whole[_bucket(waits)] and len(lines := self._runs(waits)) else None

    def _all_open(self, waits: bytes) -> Ints:
        """Return the bans of a stretch with these ORDER waits of which no note is given."""
        lines = self._heights(waits)
        assert lines is not None
        return once(_bans(lines, [None] * (ORDER + 1), 0)[1])

    def _window(self, waits: bytes) -> Ints:
        """Return what is known with WINDOW waits: code * songs + song, sorted."""
        base, count = _bucket(waits) * CODES, len(self.titles)
        low, high = self._keys.searchsorted([base * count, (base + CODES) * count])
        found: Ints = self._keys[low:high] - base * count
        return found

    def _find_runs(self, waits: bytes) -> Ints:
        """Join the windows of WINDOW steps that follow one another in one song."""
        count, none = len(self.titles), np.zeros((0, len(waits) + 1), dtype=np.int64)
        windows = [self._windows(waits[place : place + WINDOW]) for place in range(len(waits) - WINDOW + 1)]
        if not all(map(len, windows)):
            return none
        codes, songs = np.divmod(windows[0], count)
        runs = codes
        for window in windows[1:]:
            # Every run goes on with each remainder that its song knows.
            following = (codes % _REST * RESIDUES)[:, None] + _EVERY
            wanted = following * count + songs[:, None]
            line, residue = np.nonzero(window.take(window.searchsorted(wanted), mode="clip") == wanted)
            if not len(line):
                return none
            songs, codes, runs = songs[line], following[line, residue], runs[line] * RESIDUES + residue
        places = RESIDUES ** np.arange(len(waits) - 1, -1, -1)
        steps = np.array(sorted(set(runs.tolist())), dtype=np.int64)[:, None] // places % RESIDUES
        heights: Ints = np.zeros((len(steps), len(waits) + 1), dtype=np.int64)
        heights[:, 1:] = np.cumsum(steps, axis=1) % RESIDUES
        return heights


def _capped(onsets: Sequence[int]) -> bytes:
    return bytes(min(max(b - a, 0), WIDEST) for a, b in pairwise(onsets))


def _bucket(waits: bytes) -> int:
    """Return the hash of the waits of a run, BITS bits."""
    return int.from_bytes(hashlib.blake2b(waits, digest_size=4, salt=_SALT).digest(), "little") >> (32 - BITS)


class Runs(NamedTuple):
    """What a table knows of a melody: its runs of WINDOW steps, and the hashes of the waits of those of ORDER steps."""

    windows: Ints
    whole: Ints


def runs_of(onsets: Sequence[int], pitches: Sequence[int]) -> Runs:
    """Return what a table knows of a melody; each once, sorted."""
    waits = _capped(onsets)
    whole = dict.fromkeys(waits[start : start + ORDER] for start in range(len(waits) - ORDER + 1))
    hashes = np.array([_bucket(stretch) for stretch in whole], dtype=np.int64)
    return Runs(once(_codes(waits, pitches)), once(hashes))


def _codes(waits: bytes, pitches: Sequence[int]) -> Ints:
    """Return the code of every run of WINDOW steps: the hash of its waits, then its remainders."""
    stretches = [waits[start : start + WINDOW] for start in range(len(waits) - WINDOW + 1)]
    # A melody comes again, and so do its rhythms.
    hashes = {stretch: _bucket(stretch) for stretch in dict.fromkeys(stretches)}
    codes = np.array([hashes[stretch] for stretch in stretches], dtype=np.int64)
    residues = np.diff(pitches) % RESIDUES
    for step in range(WINDOW):
        codes = codes * RESIDUES + residues[step : step + len(codes)]
    return codes


def encode(melodies: Sequence[tuple[Sequence[int], Sequence[int]]]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a table that knows these melodies, (onsets, pitches) each."""
    found = [runs_of(onsets, pitches) for onsets, pitches in melodies]
    windows = [run.windows for run in found]
    songs = np.arange(len(found)).repeat([len(run) for run in windows])
    return _packed(_all(windows), songs, len(found), _all([run.whole for run in found]))


def joined(table: Table, windows: Ints, songs: Ints, titles: Sequence[str], whole: Ints) -> Table:
    """Return a table that knows other melodies too.

    windows: of all of them, as of ``Runs``; songs: the place in ``titles`` of each. whole: of all together.
    """
    known = Novelty(table)
    count = len(known.titles)
    codes, owners = np.divmod(known._keys, count)
    bits = np.flatnonzero(np.unpackbits(table.arrays["whole"], bitorder="little"))
    arrays = _packed(_all([codes, windows]), _all([owners, songs + count]), count + len(titles), _all([bits, whole]))
    return Table({**table.header, "titles": [*known.titles, *titles]}, arrays)


def _all(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _packed(windows: Ints, songs: Ints, count: int, whole: Ints) -> dict[str, NDArray[Any]]:
    # Differences pack better than keys; two columns pack better than one of wide numbers.
    gaps = np.diff(once(windows * count + songs), prepend=0)
    bits = np.zeros(1 << BITS, dtype=np.uint8)
    bits[whole] = 1
    return {
        "low": (gaps & 0xFFFF).astype(np.uint16),
        "whole": np.packbits(bits, bitorder="little"),
        "high": (gaps >> 16).astype(np.min_scalar_type(int(gaps.max(initial=0)) >> 16)),
    }


def novelty(song: Song, models: str = "rock") -> Nearest:
    """Return the longest run that a song's vocal line shares with a known melody; 0 notes without a voice."""
    notes = [note for part in song.parts if part.name == "melody" for note in part.notes]
    return load(models).nearest([note.start // SLOT for note in notes], [note.pitch for note in notes])


@lru_cache(maxsize=16)
def load(models: str) -> Novelty:
    """Return the known runs of a set of models."""
    return Novelty(tables.load(models, "novelty"))


def _bans(heights: Ints, pitches: Sequence[int | None], first: int) -> tuple[tuple[int, int], Ints]:
    """Return the bans of runs over a stretch of notes of which some are given: the free stretch, and lines as numbers.

    heights: as of ``Novelty.runs``. first: number of the stretch's first note among the free ones; below 0 it is given.
    """
    free = [i for i, pitch in enumerate(pitches) if pitch is None]
    given = [i for i, pitch in enumerate(pitches) if pitch is not None]
    if given:
        shifts = (np.array([pitches[i] for i in given], dtype=np.int64) - heights[:, given]) % RESIDUES
        follows = (shifts == shifts[:, :1]).all(axis=1)  # the others are left by the given notes
        lines = heights[follows][:, free] + shifts[follows, :1]
    else:
        lines = np.concatenate([heights[:, free] + shift for shift in range(RESIDUES)])
    return (first + free[0], len(free)), (lines % RESIDUES).dot(RESIDUES ** np.arange(len(free) - 1, -1, -1))
