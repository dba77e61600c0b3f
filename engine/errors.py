"""The errors a user can cause, and what each tells.

    EngineError                    .hint: what to do next
      UsageError(ValueError)       an option or argument that cannot be
      StyleError(ValueError)       file and key path; all problems of the file at once
      GrammarError(ValueError)     file, line, column, caret
      ModelError(ValueError)       a fitted table missing, of another format, or ill-formed
      RuleConflict(ValueError)     rules that cannot all hold, and where
      CorpusError(ValueError)      training data that is missing or unreadable
      SongFileError(ValueError)    a song file that cannot be read
      ExportError(RuntimeError)    the format or path at fault
      AudioError(RuntimeError)     a SoundFont, library or program that sound needs
      JobError(RuntimeError)       a process that shared the work and is gone

The command line prints ``error: ...`` and the hint on standard error and exits 1
(2 for UsageError). A traceback means a bug.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EngineError(Exception):
    """Something a user can mend. ``hint`` says how."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(EngineError, ValueError):
    """A request that cannot be: an unknown name, an absurd tempo, a bad chord."""


class StyleError(EngineError, ValueError):
    """Problems of one style file, every one with its key path."""


class GrammarError(EngineError, ValueError):
    """Problems of one grammar file, every one with line, column and caret."""


class ModelError(EngineError, ValueError):
    """A fitted table that is missing, of another format, or ill-formed."""


class RuleConflict(EngineError, ValueError):
    """Hard rules of a sequence that cannot hold together; names the place."""


class CorpusError(EngineError, ValueError):
    """Training data that is missing or cannot be read."""


class SongFileError(EngineError, ValueError):
    """A song file that cannot be read back."""


class ExportError(EngineError, RuntimeError):
    """A format that is unknown or a path that cannot be written."""


class AudioError(EngineError, RuntimeError):
    """A SoundFont, library or program that sound needs and that is missing or cannot be used."""


class JobError(EngineError, RuntimeError):
    """A process that shared the work and is gone."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x"?`` for the nearest known name, or the list of known ones."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return "known: " + ", ".join(names) if names else ""
