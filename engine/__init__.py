"""Hookline: whole rock songs from a seed, a grammar and models learnt from real music.

>>> import engine
>>> song = engine.compose(style="rock", seed=7)  # doctest: +SKIP
>>> engine.save(song, "song.mid")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.version import __version__

if TYPE_CHECKING:
    from engine.api import accompany, compose, harmonize, load_song, melody, save
    from engine.errors import EngineError
    from engine.song import Song

__all__ = ["EngineError", "Song", "__version__", "accompany", "compose", "harmonize", "load_song", "melody", "save"]

_HOMES = {
    "EngineError": "engine.errors",
    "Song": "engine.song",
    "accompany": "engine.api",
    "compose": "engine.api",
    "harmonize": "engine.api",
    "load_song": "engine.api",
    "melody": "engine.api",
    "save": "engine.api",
}


def __getattr__(name: str) -> Any:
    # Looked up when first used (PEP 562): `import engine` alone loads nothing, so `hookline --help` is quick.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
