"""The composer's bench: keep what you like, change one thing. Every function takes a document and returns another.

>>> from engine import bench  # doctest: +SKIP
>>> song = bench.reroll(bench.load("song.song.json"), "chorus/melody")  # doctest: +SKIP
"""

from __future__ import annotations

from engine.bench.do import do
from engine.bench.edits import put_in, set_chords, set_energy, set_key, set_tempo, take_out
from engine.bench.form import insert, move, remove, repeat
from engine.bench.locks import lock, mute, solo, unlock, unmute, unsolo
from engine.bench.opened import from_midi
from engine.bench.rank import ranked
from engine.bench.reroll import reroll, takes, to_rhythm
from engine.bench.steps import redo, undo
from engine.bench.store import load, save
from engine.bench.vary import vary
from engine.bench.words import clashes, diff
from engine.document import Document
from engine.export.songfile import document_text
from engine.song import Song


def document(song: Song) -> Document:
    """Return a song on the bench, with nothing done to it yet."""
    new = Document(song, song.request.takes)
    return Document(song, song.request.takes, text=document_text(new))


__all__ = [
    "Document",
    "clashes",
    "diff",
    "do",
    "document",
    "from_midi",
    "insert",
    "load",
    "lock",
    "move",
    "mute",
    "put_in",
    "ranked",
    "redo",
    "remove",
    "repeat",
    "reroll",
    "save",
    "set_chords",
    "set_energy",
    "set_key",
    "set_tempo",
    "solo",
    "take_out",
    "takes",
    "to_rhythm",
    "undo",
    "unlock",
    "unmute",
    "unsolo",
    "vary",
]
