"""The office's command line, as a program and where it refuses something."""

import io
import sys

import pytest

from hah_central import cli

Capsys = pytest.CaptureFixture[str]

COMMAND = [sys.executable, "-m", "hah_central"]


def refused(capsys: Capsys, *words: str) -> str:
    """What a command says that came to nothing."""
    capsys.readouterr()
    assert cli.main(words) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "fault" not in said.err
    return said.err


class Terminal(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True
