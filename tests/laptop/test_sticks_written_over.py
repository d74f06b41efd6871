"""Yesterday's file stays on the stick until today's lies there whole."""

import errno
import os
from pathlib import Path

import pytest

from hah_desktop.laptop import sticks
from hah_desktop.laptop.sticks import NotWritten
from tests.laptop.team import EDITED, Team


def write(team: Team, stick: Path) -> None:
    sticks.for_office(team.ruth.unlocked.store, team.ruth.unlocked.who, stick)


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_stick_without_room_keeps_what_was_written_before(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write(team, stick)
    yesterdays = stick.read_bytes()
    team.ruth.edit(team.visit, impression=EDITED)
    with monkeypatch.context() as patched:
        patched.setattr(os, at, full)
        with pytest.raises(NotWritten, match=r"no room left on it.*Nothing was written over"):
            write(team, stick)
    assert stick.read_bytes() == yesterdays
    assert list(stick.parent.iterdir()) == [stick]
    write(team, stick)
    assert stick.read_bytes() != yesterdays
    assert list(stick.parent.iterdir()) == [stick]
    team.ruth.sync()


def test_what_is_read_back_wrong_takes_nothing_s_place(
    team: Team, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(team, stick)
    yesterdays = stick.read_bytes()
    real = os.fsync

    def spoilt(descriptor: int) -> None:
        os.pwrite(descriptor, b"\x00" * 8, 1_500)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spoilt)
    with pytest.raises(NotWritten, match="reads back wrong"):
        write(team, stick)
    assert list(stick.parent.iterdir()) == [stick]
    assert stick.read_bytes() == yesterdays
