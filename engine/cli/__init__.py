"""The command line: words in, words out. Standard output carries results, standard error the rest.

Nothing here is slow to import: each command imports what it needs when it runs, so that ``--help``
needs no numpy and a song does not pay for what it does not use.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

from engine.errors import EngineError, UsageError


def main() -> None:
    """Run the program: exit 0 when done, 1 for a failure, 2 for wrong usage, always with one line why."""
    # Starting OpenBLAS's threads is half the cost of importing numpy, and nothing here multiplies matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A song is over before there is garbage to speak of, yet looking for it took a fifth of the time: look rarely,
    # and not at all on the way out.
    gc.set_threshold(100_000, 50)
    atexit.register(gc.freeze)
    try:
        from engine.cli.app import app_for

        app_for(sys.argv[1:])(prog_name="hookline")
    except EngineError as error:
        tell(f"error: {error}" + (f"\nhint: {error.hint}" if error.hint else ""))
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        # The reader has gone (`hookline ... | head`); give the last flush somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)


def tell(text: str) -> None:
    """Write a line for people to standard error."""
    sys.stderr.buffer.write(f"{text}\n".encode(errors="replace"))
    sys.stderr.buffer.flush()


def show(text: str) -> None:
    """Write a result to standard output, in UTF-8 whatever the locale."""
    sys.stdout.buffer.write(f"{text}\n".encode(errors="replace"))
    sys.stdout.buffer.flush()
