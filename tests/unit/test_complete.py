"""What the shell fills in, asked for as bash asks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import small_song

from engine import bench


@pytest.fixture
def asked(run, monkeypatch, tmp_path):
    """Ask for the ways in which a line may go on; its last word has begun."""
    bench.save(bench.document(small_song()), tmp_path / "x.song.json")

    def asked(line: str) -> list[str]:
        words = ["hookline", *line.split(" ")]
        monkeypatch.setenv("_HOOKLINE_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        return run()[1].decode().split()

    return asked


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("un", ["undo", "unlock"]),
        ("reroll x.song.json me", ["melody"]),
        ("reroll x.song.json verse/m", ["verse/melody"]),
        ("lock x.song.json bass verse/1/d", ["verse/1/drums"]),
        ("compose --style pu", ["punk"]),
        ("styles show ba", ["ballad"]),
        ("edit x.song.json --off verse/m", ["verse/melody"]),
        ("edit x.song.json --chords v", ["verse/1=", "verse="]),
        ("edit x.song.json --remove v", ["verse/1"]),
        ("schema s", ["song", "style"]),
        ("reroll none.song.json me", []),
    ],
)
def test_a_line_is_gone_on_with(asked, line, found):
    assert sorted(asked(line)) == found


def test_the_shell_is_told_how_to_ask(run):
    code, out, _ = run("--show-completion", "bash")
    assert code == 0
    assert b"_HOOKLINE_COMPLETE=complete_bash" in out


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_completes_by_what_it_is_told(run, tmp_path):
    script = run("--show-completion", "bash")[1].decode()
    program = tmp_path / "hookline"
    root = Path(__file__).resolve().parents[2]
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{root / "cli.py"}" "$@"\n')
    program.chmod(0o755)
    line = (
        f'{script}\nCOMP_WORDS=(hookline com); COMP_CWORD=1; _hookline_completion "{program}"; echo "${{COMPREPLY[*]}}"'
    )
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == "compose\n"
