"""Sound: a song or a MIDI file as a mixed and mastered recording, from a SoundFont, numpy and scipy.

To ask whether a path is one of ours costs nothing: what plays and writes is imported when it is needed.
"""

from __future__ import annotations

from engine.errors import AudioError

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")


def is_sound(path: str) -> bool:
    """Return whether a path is that of a sound file, by its extension."""
    return path.lower().endswith(SOUNDS)


def need_libraries() -> None:
    """Raise AudioError where a library that sound needs is not installed."""
    try:
        import scipy.signal  # noqa: F401
        import soundfile  # noqa: F401
    except (ImportError, OSError) as error:
        raise AudioError(f"sound needs libraries that are missing: {error}", 'pip install "hookline[audio]"') from error
