"""A line of progress on the terminal: how much is done, how fast, and how long it will still take."""

from __future__ import annotations

import sys
import time

_WIDTH = 24
_EVERY = 0.2  # seconds


class Progress:
    """A bar on standard error; silent where that is no terminal."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._shown = sys.stderr.isatty()
        self._began = self._last = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, whole: int) -> None:
        """Show that ``done`` of ``whole`` are done."""
        now = time.monotonic()
        if self._first is None:
            self._first, self._began = done, now  # what an earlier run did says nothing of how fast this one is
        if not self._shown or (now - self._last < _EVERY and done < whole):
            return
        self._last = now
        sys.stderr.write("\r" + line(done, whole, done - self._first, now - self._began, self._unit) + "\x1b[K")
        if done == whole:
            sys.stderr.write("\n")
        sys.stderr.flush()


def line(done: int, whole: int, lately: int, seconds: float, unit: str) -> str:
    """Return the bar as text. lately: how many were done in these seconds.

    >>> line(30, 120, 30, 10.0, "files")
    '[######..................] 30/120 files, 3.0 a second, 0:30 left'
    """
    filled = _WIDTH * done // max(whole, 1)
    rate = lately / seconds if seconds > 0 else 0.0
    text = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,}/{whole:,} {unit}"
    if rate:
        left = round((whole - done) / rate)
        hours, minutes = divmod(left // 60, 60)
        clock = f"{hours}:{minutes:02}:{left % 60:02}" if hours else f"{minutes}:{left % 60:02}"
        text += f", {rate:.1f} a second, {clock} left"
    return text
