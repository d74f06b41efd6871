"""What a disk holds after a power cut, by the model that the disk is held to: see `Disk`."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename"

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_NAMED = re.compile(r"(?:\d+|AT_FDCWD)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Act:
    """One system call that changes a disk: what it did, to which file, where, and with what."""

    what: str
    file: str
    place: int = 0
    data: bytes = b""


def watched(database: Path, count: int, synchronous: str) -> list[Act]:
    """Let a program save so often, and return what it did to the disk and what it said."""
    log = database.parent.parent / f"{synchronous}.strace"
    watch = ["strace", "-y", "-xx", "-s", "100000", "-e", f"trace={CALLS}", "-o", str(log)]
    work = ["-m", "tests.store.committer", str(database), str(count), synchronous]
    subprocess.run(
        [*watch, sys.executable, *work],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    lines = log.read_text(encoding="ascii").splitlines()
    return [act for line in lines for act in _acts(line, str(database.parent))]


def _acts(line: str, folder: str) -> Iterator[Act]:
    found = _CALL.match(line)
    if not found or int(found[3]) < 0:
        return
    call, said = found[1], found[2]
    strings = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(said)]
    named = _NAMED.match(said)
    file = bytes.fromhex(named[1].replace("\\x", "")).decode() if named else ""
    if call == "write" and strings == [b"saved\n"]:
        yield Act("said", "")
    elif call in ("openat", "unlink", "unlinkat", "rename"):
        paths = [text.decode() for text in strings if text.decode().startswith(folder)]
        if call == "openat" and "O_CREAT" in said:
            yield from (Act("made", Path(path).name) for path in paths)
            if "O_TRUNC" in said:
                yield from (Act("cut", Path(path).name) for path in paths)
        elif call.startswith("unlink"):
            yield from (Act("gone", Path(path).name) for path in paths)
        elif call == "rename" and paths:
            raise AssertionError("a rename: the model has to learn it")
    elif file == folder and call == "fsync":
        yield Act("names", "")
    elif file.startswith(f"{folder}/"):
        yield _written(call, Path(file).name, said, strings)


def _written(call: str, name: str, said: str, strings: list[bytes]) -> Act:
    if call in ("fsync", "fdatasync"):
        return Act("sync", name)
    place = int(said.rpartition(",")[2])
    if call == "ftruncate":
        return Act("cut", name, place)
    if call == "pwrite64":
        return Act("put", name, place, strings[0])
    assert call == "write"
    assert not strings[0], "a write without a place: the model has to learn it"
    return Act("put", name)


@dataclass
class Disk:
    """The files of one folder as they are on the disk, and what is still on its way there.

    What was synced stands. Of the rest, each sector, each cut and each name stands or not, by
    chance and independently of what came before it. A name stands once the file or the folder was
    synced.
    """

    chance: random.Random
    files: dict[str, bytearray]
    waiting: dict[str, list[Act]] = field(default_factory=dict)
    names: list[Act] = field(default_factory=list)

    def take(self, act: Act) -> None:
        """Do one thing, which the disk may do later."""
        if act.what in ("made", "gone"):
            self.names.append(act)
        elif act.what == "names":
            self._names_stand("")
        elif act.what == "sync":
            self._names_stand(act.file)
            for waiting in self.waiting.pop(act.file, []):
                _do(self.files[act.file], waiting)
        elif act.file:
            self.waiting.setdefault(act.file, []).append(act)

    def _names_stand(self, only: str) -> None:
        for act in self.names:
            if act.file == only or not only:
                self._name(act)
        self.names = [act for act in self.names if only and act.file != only]

    def _name(self, act: Act) -> None:
        if act.what == "made":
            self.files.setdefault(act.file, bytearray())
        else:
            self.files.pop(act.file, None)
            self.waiting.pop(act.file, None)

    def after_a_cut(self) -> dict[str, bytes]:
        """What is there when the power comes back."""
        for act in self.names:
            if self._stands():
                self._name(act)
        for name, acts in self.waiting.items():
            if name in self.files:
                for act in acts:
                    self._half(self.files[name], act)
        return {name: bytes(data) for name, data in self.files.items() if name[-4:] != "-shm"}

    def _half(self, data: bytearray, act: Act) -> None:
        if act.what == "cut":
            if self._stands():
                _do(data, act)
            return
        for start in range(0, len(act.data), SECTOR):
            if self._stands():
                part = act.data[start : start + SECTOR]
                _do(data, Act("put", act.file, act.place + start, part))

    def _stands(self) -> bool:
        return self.chance.random() < 1 / 2


def _do(data: bytearray, act: Act) -> None:
    if act.what == "cut":
        data[act.place :] = bytes(max(0, act.place - len(data)))
        return
    if len(data) < act.place:
        data.extend(bytes(act.place - len(data)))
    data[act.place : act.place + len(act.data)] = act.data
