"""The example at the end of every command's help is one that works."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from engine import bench
from engine.cli.app import COMMANDS, app_for
from engine.export.midi import midi
from engine.pipeline import compose
from engine.request import make_request

ROOT = Path(__file__).resolve().parents[2]
# What has to be done before, and words of the example that take too long for a test.
BEFORE = {
    "unlock": ["lock song.song.json chorus/melody"],
    "undo": ["reroll song.song.json bass"],
    "redo": ["reroll song.song.json bass", "undo song.song.json"],
}
QUICKER = {"200": "2", "20": "2", "../shared/data": "my/surf"}


def commands() -> list[str]:
    found = []
    for name, command in get_command(app_for()).commands.items():  # type: ignore[attr-defined]
        found += [f"{name} {inner}" for inner in getattr(command, "commands", {})] or [name]
    return found


@pytest.fixture(scope="module")
def things(tmp_path_factory) -> Path:
    """A folder with what the examples name: songs, tunes, a style, a folder of music."""
    folder = tmp_path_factory.mktemp("things")
    document = bench.document(compose(make_request(seed=3, form="V C V C", length="1:00")))
    for section in ("verse/2", "chorus/2"):  # short, as sound takes time
        document = bench.remove(document, section)
    bench.save(document, folder / "song.song.json")
    bench.save(bench.reroll(document, "bass"), folder / "other.song.json")
    (folder / "song.mid").write_bytes(midi(document.song))
    (folder / "tune.mid").write_bytes(midi(bench.mute(bench.mute(document, "drums"), "bass").heard()))
    (folder / "melody.mid").write_bytes(midi(bench.solo(document, "melody").heard()))
    (folder / "my.yaml").write_text("extends: rock\ntempo: [100, 110, 120]\n")
    (folder / "my" / "surf").mkdir(parents=True)
    shutil.copy(folder / "song.mid", folder / "my" / "surf")
    shutil.copytree(ROOT / "grammars", folder / "grammars")
    return folder


@pytest.mark.parametrize("command", commands())
def test_the_example_works(command, things, tmp_path, run, monkeypatch):
    if command == "train":
        monkeypatch.setattr("engine.train.run.train_style", lambda *_: [])
    shutil.copytree(things, tmp_path, dirs_exist_ok=True)
    text = CliRunner().invoke(app_for(), [*command.split(), "--help"], prog_name="hookline").stdout
    example = re.search(r"Example: hookline (.*?)\n\n", text, re.S)
    assert example
    words = shlex.split(example[1])
    assert " ".join(words).startswith(command)
    for line in BEFORE.get(command, ()):
        assert run(*line.split())[0] == 0
    code, _, err = run(*(QUICKER.get(word, word) for word in words))
    assert code == 0, err


def test_every_command_is_listed():
    assert {name.split()[0] for name in commands()} == set(COMMANDS)
