"""Drum machine patterns: one-bar step patterns and breaks, for grooves that the recordings lack.

Transcribed under the MIT licence by Stephen Handley (DrumMachinePatterns) and Aaron Montoya-Moraga
(drum-machine-patterns).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engine.errors import CorpusError
from engine.train.corpora.gmd import CRASH, FLOOR, HAT, KICK, OPEN, SNARE, STICK, TOM1, TOM2, Take

CORPUS = "drum machine patterns (Handley; Montoya-Moraga)"
LICENCE = "MIT"
FOLDER = "drum_machine_patterns"
STYLE = "machine"

_ROWS = {"BD": KICK, "SD": SNARE, "RS": STICK, "CH": HAT, "OH": OPEN, "CY": CRASH, "HT": TOM1, "MT": TOM2, "LT": FLOOR}
_LOUD, _PLAIN = 120, 90  # an accented step and another


def read(data: Path, genres: tuple[str, ...]) -> tuple[Take, ...]:
    """Return the one-bar patterns in sixteenths of 4/4 whose title starts with one of ``genres``, by title.

    Breaks are takes with ``fill``. Raises CorpusError when the file is missing.
    """
    path = data / FOLDER / "patterns.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"cannot read {path}: {error.strerror}") from error
    takes = []
    for pattern in sorted((json.loads(line) for line in lines), key=lambda row: (row["title"], row["book"])):
        if pattern["time_sig"] == "4/4" and pattern["steps"] == 16 and pattern["title"].startswith(genres):
            accents = pattern.get("accent", "")
            hits = [
                (slot, 0, _ROWS[name], _LOUD if step == "X" or accents[slot : slot + 1] == "x" else _PLAIN)
                for name, steps in pattern["tracks"].items()
                if name in _ROWS
                for slot, step in enumerate(steps)
                if step != "."
            ]
            table = np.array(sorted(hits), np.int64).reshape(-1, 4)
            name = f"{FOLDER}/{pattern['book']}/{pattern['title']}"
            takes.append(Take(name, STYLE, "Break" in pattern["title"], 120, False, 0, table))
    return tuple(takes)
