"""A real central service in a process of its own, on a free port, for any test that needs one."""

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Protocol

import httpx

from hah_central import cli
from hah_central.commands.common import PASSPHRASE_VARIABLE
from hah_central.database.database import Database, in_folder
from hah_central.office import keyfiles, keys
from hah_central.people.audit import Deed
from hah_desktop.sync.line import public_trust
from tests.central.trust import PASSPHRASE
from tests.house.ports import free_port

START_SECONDS = 60
PAUSE_SECONDS = 0.05


class Process(Protocol):
    """What is asked of the process in which the service runs."""

    @property
    def pid(self) -> int: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int:
        """How it ended. Raises TimeoutExpired while it has not."""


def begin(words: Sequence[str]) -> Process:
    """Start a command of the office in a process of its own."""
    command = [sys.executable, "-m", "hah_central", *words]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


class Office:
    """A running `hah_central`. Give it a data folder (SQLite) or a database's address.

    `with Office.running(data=tmp_path) as office:` or start() and stop(). It may be stopped and
    started again on the same data and the same port. Its keys lie in `keys`, apart from
    the data, and are gone with this object.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        database: str | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        operations: bool = False,
    ) -> None:
        assert (data is None) != (database is None)
        self._data = data or Path()
        self._address = database or in_folder(self._data)
        apart = tempfile.mkdtemp(prefix="hah-keys-")
        weakref.finalize(self, shutil.rmtree, apart, ignore_errors=True)
        self.keys = Path(apart) / "keys"
        self._where = ["--database", database] if database else ["--data", str(data)]
        self._tls = ["--tls-cert", str(certificate), "--tls-key", str(key)] if certificate else []
        self.port = free_port()
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self.operations_port = free_port() if operations else None
        self.options: list[str] = []
        """What else `serve` is told."""
        self._process: Process | None = None

    @classmethod
    @contextmanager
    def running(
        cls,
        *,
        data: Path | None = None,
        database: str | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        operations: bool = False,
    ) -> Iterator["Office"]:
        """Start a service and stop it at the end."""
        office = cls(
            data=data, database=database, certificate=certificate, key=key, operations=operations
        )
        office.start()
        try:
            yield office
        finally:
            office.stop()

    def start(self) -> None:
        """Start the process and wait until it answers. Raises AssertionError if it does not."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        words = ["serve", *where, *self._tls, *self.options]
        if self.operations_port is not None:
            words += ["--operations-port", str(self.operations_port)]
        self._process = begin([*words, *self._where])
        # Only whether it is up is asked here, so nobody's certificate matters yet.
        trust = False if self._tls else public_trust()
        with httpx.Client(base_url=self.url, trust_env=False, verify=trust) as client:
            for _ in range(round(START_SECONDS / PAUSE_SECONDS)):
                if _healthy(client):
                    return
                self._pause()
        self.stop()
        raise AssertionError(f"the service did not answer within {START_SECONDS} s")

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)
            self._process = None

    def backup(self, to: Path) -> None:
        """Copy its data folder, as a backup does; it does not run meanwhile."""
        self.stop()
        shutil.copytree(self._data, to)
        self.start()

    def put_back(self, kept: Path) -> None:
        """Put a backup in the place of its data, and say so, as the README tells."""
        self.stop()
        shutil.rmtree(self._data)
        shutil.copytree(kept, self._data)
        self.run("restored")
        self.start()

    @property
    def pid(self) -> int:
        """The number of the process; 0 while none runs."""
        return self._process.pid if self._process else 0

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_SECONDS)
            self._process = None

    def run(self, *words: str) -> str:
        """Run a command of the office on the same data, and return what it says.

        It is the command line itself, but in this process: starting another takes seconds.
        """
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(StringIO()) as faults, _passphrase_known():
            code = cli.main([*words, *self._where])
        assert code == 0, faults.getvalue()
        return said.getvalue().strip()

    def make_keys(self) -> None:
        """Make the office's keys, with a passphrase that is quick to try."""
        with closing(Database(self._address)) as database:
            deed = Deed("The test", dt.datetime.now(dt.UTC))
            keys.make(database, self.keys, PASSPHRASE, deed, keyfiles.FLOOR)

    def enrol(self, adviser: str, role: str = "adviser") -> str:
        """What the office reads out to enrol a laptop of this adviser."""
        if not self.keys.exists():
            self.make_keys()
        return self.run("enrol", adviser, "--role", role)

    def revoke(self, laptop: str) -> None:
        """End a laptop's access."""
        self.run("revoke", laptop, "--keys", str(self.keys))

    def rules(self, *, lease_days: int, lock_minutes: int) -> None:
        """Set the rules for every laptop."""
        words = ("--lease-days", str(lease_days), "--lock-minutes", str(lock_minutes))
        self.run("rules", *words, "--keys", str(self.keys))

    def recovery(self, request: str) -> str:
        """The one-use code for what an adviser reads out."""
        return self.run("recovery", request, "--keys", str(self.keys)).splitlines()[-1]

    def said(self, command: str, *, keys: bool = False) -> str:
        """A command as a person types it in the folder of the checkout, before its own words."""
        program = Path(sys.executable).with_name("hah-central")
        here = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
        with_keys = ["--keys", str(self.keys)] if keys else []
        return " ".join([str(here), command, *self._where, *with_keys])

    def _pause(self) -> None:
        """Wait a moment, or until the process ends: then it will never answer."""
        assert self._process is not None
        try:
            code = self._process.wait(PAUSE_SECONDS)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the service ended with {code}")


@contextmanager
def _passphrase_known() -> Iterator[None]:
    before = os.environ.get(PASSPHRASE_VARIABLE)
    os.environ[PASSPHRASE_VARIABLE] = PASSPHRASE
    try:
        yield
    finally:
        if before is None:
            del os.environ[PASSPHRASE_VARIABLE]
        else:
            os.environ[PASSPHRASE_VARIABLE] = before


def _healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False
