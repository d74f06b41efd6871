"""The disk under PostgreSQL is really full: that is said, nothing is half done, and it goes on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import func, select

from hah_central.commands.common import PASSPHRASE_VARIABLE
from hah_central.database.database import Database
from hah_central.database.rows import Change as Row
from hah_central.proof.verify import verify
from hah_desktop.domain.changes import Change
from hah_desktop.sync.wire.changes import write_push
from tests.central.bureau import DRAFT, Bureau, changes
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, good, new_id
from tests.central.trust import PASSPHRASE, publish
from tests.house import postgres
from tests.house.ports import free_port

pytestmark = pytest.mark.postgres

LITTLE = 256 << 10
MOST_PUSHES = 40
AT_ONCE = 20


@contextmanager
def little_disk(size: str) -> Iterator[Path]:
    """A disk of its own, in memory, for whoever runs PostgreSQL."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    with TemporaryDirectory(prefix="hah-little-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", name]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
        try:
            shutil.chown(name, user=postgres.ordinary_user() or "root")
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


@dataclass
class Full:
    """An office on a PostgreSQL that has a small disk for something."""

    cluster: postgres.Cluster
    disk: Path
    desk: Desk

    @property
    def ballast(self) -> Path:
        return self.disk / "ballast"

    def fill(self) -> None:
        """Leave hardly any room."""
        free = os.statvfs(self.disk)
        with self.ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LITTLE)

    def make_room(self) -> None:
        """As somebody does who was told; PostgreSQL may have to be started again."""
        self.ballast.unlink()
        address = self.cluster.address.replace("+psycopg", "") + "postgres"
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            how = ("--log", str(self.cluster.log), "--mode=immediate", "--wait")
            self.cluster.run("pg_ctl", *how, "restart")


@pytest.fixture(params=["tables", "log"])
def full(request: pytest.FixtureRequest) -> Iterator[Full]:
    """All that PostgreSQL writes lies on the small disk, or only what it writes ahead."""
    bin_folder = postgres.programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL is not installed")
    user, port, clock = postgres.ordinary_user(), free_port(), HandClock()
    is_log = request.param == "log"
    with (
        little_disk("48m" if is_log else "160m") as disk,
        TemporaryDirectory(prefix="hah-postgres-") as name,
    ):
        folder = Path(name) if is_log else disk / "cluster"
        folder.mkdir(exist_ok=True)
        shutil.chown(folder, user=user or "root")
        cluster = postgres.Cluster(bin_folder, folder, user, port)
        cluster.make()
        if is_log:
            ahead = cluster.data / "pg_wal"
            subprocess.run(["mv", ahead, disk / "wal"], check=True)
            ahead.symlink_to(disk / "wal")
        cluster.start()
        try:
            with closing(Database(f"{cluster.address}postgres")) as database:
                publish(database, clock())
                with served(database, clock) as client:
                    yield Full(cluster, disk, Desk(database, clock, client))
        finally:
            cluster.stop_at_once()


def much(laptop: Laptop) -> list[Change]:
    """Two megabytes that cannot be made smaller."""
    return [laptop.place(new_id(), name=os.urandom(50_000).hex()) for _ in range(AT_ONCE)]


def pushed_until_refused(laptop: Laptop) -> tuple[int, bytes, tuple[int, str]]:
    """How many changes found room, the batch that did not, and what was answered to it."""
    for number in range(MOST_PUSHES):
        batch = write_push(laptop.enrolled.epoch, much(laptop))
        answer = laptop.push_body(batch)
        if not answer.is_success:
            return number * AT_ONCE, batch, (answer.status_code, answer.json()["type"])
    raise AssertionError("there was room for all")


@pytest.mark.usefixtures("home")
def test_what_finds_no_room_is_told_so_and_comes_whole_once_there_is_some(
    full: Full,
    key_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    desk = full.desk
    bureau = Bureau(desk, key_files, f"{full.cluster.address}postgres")
    ada, ruth = desk.laptop("Ada Example"), desk.laptop("Ruth Aldous")
    stick = tmp_path / "stick"
    on_it = much(ruth)
    stick.write_bytes(bureau.sealed(ruth, changes(*on_it), DRAFT))
    full.fill()
    sent, batch, refusal = pushed_until_refused(ada)
    assert refusal in [(507, "urn:hah:full"), (503, "urn:hah:busy")]
    assert bureau.open(str(stick), tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert said.startswith("The office’s database ")
    assert "nothing is half done" in said or "Nothing was changed" in said
    full.make_room()
    assert len(bureau.journal()) == sent
    good(ada.push_body(batch))
    assert bureau.open(str(stick), tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [DRAFT.name]
    with desk.database.reading() as connection:
        twice = select(Row.id).group_by(Row.id).having(func.count() > 1)
        assert connection.execute(twice).all() == []
        assert verify(connection).faults == []
    assert len(bureau.journal()) == sent + AT_ONCE + len(on_it)
