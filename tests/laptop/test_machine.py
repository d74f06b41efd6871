"""Is the disk encrypted, does the computer hibernate: read from invented computers."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from hah_desktop.laptop.machine import HIBERNATES, NOT_ENCRYPTED, Machine, ask, warnings

SWAPS = "Filename\tType\tSize\tUsed\tPriority\n"


class Linux:
    """An invented /sys and /proc."""

    def __init__(self, root: Path) -> None:
        self.sys, self.proc = root / "sys", root / "proc"
        self.folder = root / "home" / "ruth" / "help-at-hand"
        self._devices = self.sys / "devices"
        self._mounts: list[str] = []
        self._swaps: list[str] = []
        for made in ("dev/block", "class/block", "power"):
            (self.sys / made).mkdir(parents=True)
        (self.proc / "self").mkdir(parents=True)
        self.folder.mkdir(parents=True)
        self.may("mem")

    def may(self, *states: str) -> None:
        (self.sys / "power" / "state").write_text(" ".join(("freeze", *states)) + "\n")

    def device(self, name: str, number: str, *below: str, uuid: str = "", label: str = "") -> None:
        place = self._devices / name
        place.mkdir(parents=True)
        if uuid:
            (place / "dm").mkdir()
            (place / "dm" / "uuid").write_text(f"{uuid}\n")
            (place / "dm" / "name").write_text(f"{label}\n")
        (place / "slaves").mkdir()
        for one in below:
            (place / "slaves" / one).symlink_to(self._devices / one)
        (self.sys / "dev" / "block" / number).symlink_to(place)
        (self.sys / "class" / "block" / name).symlink_to(place)

    def mount(
        self, number: str, place: Path, kind: str = "ext4", source: str = "/dev/sda2"
    ) -> None:
        shown = os.fspath(place.resolve()).replace(" ", r"\040")
        self._mounts.append(f"27 1 {number} / {shown} rw,relatime shared:1 - {kind} {source} rw")
        (self.proc / "self" / "mountinfo").write_text("\n".join(self._mounts) + "\n")

    def swap(self, name: str, kind: str = "partition") -> None:
        self._swaps.append(f"{name}\t{kind}\t8388604\t0\t-2")
        (self.proc / "swaps").write_text(SWAPS + "\n".join(self._swaps) + "\n")

    def warnings(self) -> list[str]:
        return warnings(self.folder, Machine("linux", self.sys, self.proc, nobody))


def nobody(_command: Sequence[str]) -> str:
    return ""


@pytest.fixture
def linux(tmp_path: Path) -> Linux:
    return Linux(tmp_path)


def test_a_bare_partition_is_said_to_be_not_encrypted(linux: Linux) -> None:
    linux.device("sda2", "8:2")
    linux.mount("8:2", Path("/"))
    assert linux.warnings() == [NOT_ENCRYPTED]


def test_a_volume_on_an_encrypted_disk_is_well(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.device("dm-0", "253:0", "sda3", uuid="CRYPT-LUKS2-5a", label="sda3_crypt")
    linux.device("dm-1", "253:1", "dm-0", uuid="LVM-c3", label="vg-root")
    linux.mount("253:1", Path("/"))
    assert linux.warnings() == []


def test_a_volume_that_lies_partly_on_a_bare_disk_is_not_encrypted(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.device("sdb1", "8:17")
    linux.device("dm-0", "253:0", "sda3", uuid="CRYPT-LUKS2-5a", label="sda3_crypt")
    linux.device("dm-1", "253:1", "dm-0", "sdb1", uuid="LVM-c3", label="vg-root")
    linux.mount("253:1", Path("/"))
    assert linux.warnings() == [NOT_ENCRYPTED]


def test_a_disk_that_is_only_guarded_against_changes_is_not_encrypted(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.device("dm-0", "253:0", "sda3", uuid="CRYPT-VERITY-5a", label="root")
    linux.mount("253:0", Path("/"))
    assert linux.warnings() == [NOT_ENCRYPTED]


def test_the_mount_nearest_to_the_folder_counts(linux: Linux) -> None:
    linux.device("sda2", "8:2")
    linux.device("dm-0", "253:0", "sda2", uuid="CRYPT-LUKS1-5a", label="home")
    linux.mount("253:0", linux.folder.parent.parent)
    linux.mount("8:2", Path("/"))
    assert linux.warnings() == []


def test_a_name_with_a_space_is_found(tmp_path: Path) -> None:
    linux = Linux(tmp_path / "my disks")
    linux.device("sda2", "8:2")
    linux.device("dm-0", "253:0", "sda2", uuid="CRYPT-LUKS1-5a", label="home")
    linux.mount("8:2", Path("/"))
    linux.mount("253:0", linux.folder.parent.parent)
    assert linux.warnings() == []


def test_btrfs_is_followed_by_the_name_of_its_device(linux: Linux) -> None:
    linux.device("sda2", "8:2")
    linux.device("dm-0", "253:0", "sda2", uuid="CRYPT-LUKS2-5a", label="luks-home")
    linux.mount("0:31", Path("/"), "btrfs", "/dev/mapper/luks-home")
    assert linux.warnings() == []
    linux.mount("0:32", linux.folder.parent.parent, "btrfs", "/dev/sda2")
    assert linux.warnings() == [NOT_ENCRYPTED]


@pytest.mark.parametrize(
    ("number", "kind", "source"),
    [
        ("0:40", "nfs4", "server:/home"),
        ("0:41", "zfs", "pool/home"),
        ("0:42", "btrfs", "/dev/mapper/gone"),
        ("8:99", "ext4", "/dev/sdz9"),
        ("7:0", "ext4", "/dev/loop0"),
    ],
    ids=["network", "zfs", "device unknown", "number unknown", "loop"],
)
def test_what_cannot_be_found_out_is_not_said(
    linux: Linux, number: str, kind: str, source: str
) -> None:
    linux.device("loop0", "7:0")
    linux.mount(number, Path("/"), kind, source)
    assert linux.warnings() == []


def test_a_computer_that_tells_nothing_is_not_warned_of(tmp_path: Path) -> None:
    empty = Machine("linux", tmp_path / "sys", tmp_path / "proc", nobody)
    assert warnings(tmp_path, empty) == []
    assert warnings(tmp_path, Machine("plan9", tmp_path, tmp_path, nobody)) == []


def test_hibernating_onto_a_bare_partition_is_said(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.may("mem", "disk")
    linux.swap("/dev/sda3")
    assert linux.warnings() == [HIBERNATES]


def test_hibernating_is_no_danger_where_the_swap_is_encrypted_or_in_memory(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.device("zram0", "251:0")
    linux.device("dm-0", "253:0", "sda3", uuid="CRYPT-LUKS2-5a", label="swap")
    linux.may("mem", "disk")
    linux.swap("/dev/dm-0")
    linux.swap("/dev/zram0")
    assert linux.warnings() == []


def test_a_swap_that_cannot_be_hibernated_to_is_not_said(linux: Linux) -> None:
    linux.device("sda3", "8:3")
    linux.swap("/dev/sda3")
    assert linux.warnings() == []
    linux.may("mem", "disk")
    (linux.sys / "power" / "disk").write_text("[disabled]\n")
    assert linux.warnings() == []


def test_a_swap_file_is_as_safe_as_the_disk_it_lies_on(linux: Linux) -> None:
    linux.device("sda2", "8:2")
    linux.mount("8:2", Path("/"))
    linux.may("disk")
    linux.swap("/swapfile", "file")
    assert linux.warnings() == [NOT_ENCRYPTED, HIBERNATES]


class Answers:
    """A system that answers by the name of the program that is asked."""

    def __init__(self, **answers: str) -> None:
        self._answers = answers

    def __call__(self, command: Sequence[str]) -> str:
        name = command[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")
        return self._answers.get(name, "")


HIBERNATE_ON = "\r\n    HibernateEnabled    REG_DWORD    0x1\r\n"
HIBERNATE_OFF = "\r\n    HibernateEnabled    REG_DWORD    0x0\r\n"


@pytest.mark.parametrize(
    ("bitlocker", "hibernate", "said"),
    [
        ("1\r\n", HIBERNATE_ON, []),
        ("2\r\n", HIBERNATE_OFF, [NOT_ENCRYPTED]),
        ("5\r\n", HIBERNATE_ON, [NOT_ENCRYPTED, HIBERNATES]),
        ("", HIBERNATE_ON, [HIBERNATES]),
        ("", "", []),
        ("0\r\n", HIBERNATE_OFF, []),
    ],
    ids=["on", "off", "suspended", "unknown", "no answer", "cannot be"],
)
def test_windows_is_asked_for_bitlocker_and_hibernation(
    bitlocker: str, hibernate: str, said: list[str]
) -> None:
    windows = Machine("win32", ask=Answers(powershell=bitlocker, reg=hibernate))
    assert warnings(Path("D:/laptop/help-at-hand"), windows) == said


def test_a_folder_on_the_network_is_no_drive_of_windows() -> None:
    windows = Machine("win32", ask=Answers(powershell="2", reg=HIBERNATE_OFF))
    assert warnings(Path("//server/share"), windows) == []


@pytest.mark.parametrize(
    ("vault", "power", "said"),
    [
        ("FileVault is On.\n", " hibernatemode        3\n", []),
        ("FileVault is Off.\n", " hibernatemode        3\n", [NOT_ENCRYPTED, HIBERNATES]),
        ("FileVault is Off.\n", " hibernatemode        0\n", [NOT_ENCRYPTED]),
        ("", "", []),
    ],
    ids=["on", "off", "off without hibernation", "no answer"],
)
def test_macos_is_asked_for_filevault_and_hibernation(
    vault: str, power: str, said: list[str]
) -> None:
    macos = Machine("darwin", ask=Answers(fdesetup=vault, pmset=power))
    assert warnings(Path("/Volumes/ruth"), macos) == said


def test_this_computer_can_be_asked_without_a_fault(tmp_path: Path) -> None:
    assert set(warnings(tmp_path)) <= {NOT_ENCRYPTED, HIBERNATES}


def test_a_program_that_is_missing_or_fails_says_nothing(tmp_path: Path) -> None:
    assert ask((str(tmp_path / "no-such-program"),)) == ""
    assert ask(("false",)) == ""
