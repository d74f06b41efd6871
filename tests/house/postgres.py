"""A throw-away PostgreSQL server on the loopback address, run by an ordinary user."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

from tests.house.ports import free_port

SUPERUSER = "tester"
NEW_CLUSTER = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
# Debian keeps the server's programs out of the PATH, one folder a version.
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, the newest there is, or None."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    installed = [initdb.parent for initdb in DEBIAN_PROGRAMS.glob("*/bin/initdb")]
    return max(installed, key=lambda folder: float(folder.parent.name), default=None)


def ordinary_user() -> str | None:
    """Return whom to become, because PostgreSQL refuses to run as root; None: stay as we are."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return "nobody" if is_root else None


@dataclass(frozen=True)
class Cluster:
    """One server's files, and the programs that work on them as an ordinary user."""

    programs: Path
    folder: Path
    user: str | None
    port: int

    @property
    def address(self) -> str:
        """Where it is reached: `postgresql+psycopg://…/`, without a database."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; raise AssertionError with its words if it fails."""
        words = self.folder / "words"
        # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
        with words.open("w") as output:
            done = subprocess.run(
                [self.programs / program, "--pgdata", self.data, *arguments],
                user=self.user,
                extra_groups=() if self.user else None,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        details = self.log.read_text(errors="replace") if self.log.exists() else ""
        assert done.returncode == 0, f"{program} failed:\n{words.read_text()}\n{details}"

    def make(self) -> None:
        """Make its files. It takes connections over the loopback address only, no socket file."""
        self.run("initdb", f"--username={SUPERUSER}", *NEW_CLUSTER)
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"\nlisten_addresses = '127.0.0.1'\nport = {self.port}\n"
                "unix_socket_directories = ''\n"
            )

    def hurry(self) -> None:
        """Wait for no disk: whoever cuts the power of this machine loses it all.

        Nor does it tidy up by itself: what a test finds, and in which order, would hang on when it
        did, and on what the tests before have left.
        """
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write("\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
            settings.write("autovacuum = off\n")

    def start(self) -> None:
        """Run it, and wait until it takes connections."""
        self.run("pg_ctl", "--log", str(self.log), "--wait", "start")

    def stop_at_once(self) -> None:
        """End it as a power cut would: whoever is at work in it is thrown out."""
        self.run("pg_ctl", "--mode=immediate", "--wait", "stop")


@contextmanager
def cluster(bin_folder: Path, port: int = 0, *, hurried: bool = False) -> Iterator[Cluster]:
    """Run a new, empty server, which may be stopped and started again meanwhile on its port.

    Raises AssertionError with the server's log when it does not start.
    """
    # Not pytest's tmp_path: its parents are closed to everyone but the user who runs the tests.
    with TemporaryDirectory(prefix="hah-postgres-", ignore_cleanup_errors=True) as name:
        made = Cluster(bin_folder, Path(name), ordinary_user(), port or free_port())
        if made.user:
            shutil.chown(made.folder, user=made.user)
        made.make()
        if hurried:
            made.hurry()
        made.start()
        try:
            yield made
        finally:
            made.stop_at_once()


@contextmanager
def server(bin_folder: Path, *, hurried: bool = False) -> Iterator[str]:
    """Run a new, empty server and yield its address, `postgresql+psycopg://…/`, without a database.

    Hurried, it waits for no disk: for tests that kill programs but never a machine. Raises
    AssertionError with the server's log when it does not start.
    """
    with cluster(bin_folder, hurried=hurried) as made:
        yield made.address


@contextmanager
def database(address: str, name: str, *, like: str = "template1") -> Iterator[str]:
    """Make a database on the server, yield its address, and drop it at the end.

    It is empty, or as the one that it is to be like, which nobody may be using.
    """
    admin = address.replace("+psycopg", "") + "postgres"
    identifier = sql.Identifier(name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, sql.Identifier(like))
        )
    try:
        yield address + name
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            # FORCE: a test that failed may still hold a connection.
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
