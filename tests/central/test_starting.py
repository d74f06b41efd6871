"""The service starts where and with what it was told, or says why not and leaves all as it is."""

import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import create_engine, inspect

from hah_central import cli
from hah_central.service.throttle import SIGN_INS
from tests.central.certificate import certificate
from tests.central.office import Office
from tests.central.refusing import COMMAND, refused
from tests.house.ports import free_port

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """The folder of an office without anything in it."""
    made = tmp_path / "office"
    made.mkdir()
    shutil.copy(migrated_file, made)
    return made


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its key, that key under a passphrase, and another key."""
    folder, other = tmp_path_factory.mktemp("tls"), tmp_path_factory.mktemp("other")
    _, key = certificate(folder)
    shutil.copy(certificate(other)[1], folder / "other.pem")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"of the test"),
    )
    (folder / "locked.pem").write_bytes(locked)
    (folder / "letter.pem").write_text("Dear office")
    return folder


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("none.pem", "key.pem"), "none.pem cannot be read: No such file"),
        (("cert.pem", "none.pem"), "none.pem cannot be read: No such file"),
        ((".", "key.pem"), "cannot be read: Is a directory"),
        (("letter.pem", "key.pem"), "letter.pem holds no certificate in the form PEM."),
        (("key.pem", "key.pem"), "key.pem holds no certificate in the form PEM."),
        (("cert.pem", "letter.pem"), "letter.pem holds no key in the form PEM that can be opened."),
        (("cert.pem", "locked.pem"), "locked.pem holds no key in the form PEM that can be opened."),
        (("cert.pem", ""), "cert.pem holds no key in the form PEM that can be opened."),
        (("cert.pem", "other.pem"), "is not that of the certificate in"),
        (("", "key.pem"), "There is a key for TLS and no certificate."),
    ],
)
def test_the_service_does_not_start_with_what_proves_nothing(
    tls: Path, tmp_path: Path, names: tuple[str, str], says: str, capsys: Capsys
) -> None:
    given = zip(("--tls-cert", "--tls-key"), names, strict=True)
    words = [word for option, name in given if name for word in (option, str(tls / name))]
    said = refused(capsys, "serve", "--data", str(tmp_path / "office"), *words)
    assert says in said
    assert "The service was not started." in said
    assert not (tmp_path / "office").exists()


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as there:
        yield there.getsockname()[1]


def test_the_service_does_not_start_where_another_listens(tmp_path: Path, capsys: Capsys) -> None:
    data = ("--data", str(tmp_path / "office"))
    with taken_port() as port:
        for option in ("--port", "--operations-port"):
            free = ("--port", str(free_port())) if option != "--port" else ()
            said = refused(capsys, "serve", option, str(port), *free, *data)
            assert f"Another program listens on port {port} already" in said
            assert f"name another port with {option}." in said
    one = str(free_port())
    said = refused(capsys, "serve", "--port", one, "--operations-port", one, *data)
    assert f"Another program listens on port {one} already" in said
    assert not (tmp_path / "office").exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid", "a" * 70 + ".invalid"])
def test_the_service_does_not_start_where_this_machine_is_not(
    tmp_path: Path, host: str, capsys: Capsys
) -> None:
    said = refused(capsys, "serve", "--host", host, "--data", str(tmp_path / "office"))
    assert f"“{host}” is no address of this machine. The service was not started." in said


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "http", "", "٣٤", "1" * 5000])
@pytest.mark.parametrize("option", ["--port", "--operations-port"])
def test_what_is_no_port_is_not_taken_for_one(option: str, port: str, capsys: Capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", f"{option}={port}"])
    assert ended.value.code == 2
    assert f"argument {option}: " in capsys.readouterr().err


@pytest.mark.parametrize("proxy", ["proxy.invalid", "", "10.0.0.1/8", "*", "0.0.0.0/0", "::/0"])
def test_what_is_no_address_of_a_proxy_is_not_taken_for_one(proxy: str, capsys: Capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", f"--proxy={proxy}"])
    assert ended.value.code == 2
    assert f"argument --proxy: “{proxy}” is " in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one address for itself")
@pytest.mark.parametrize(
    ("named", "told_apart"), [([], False), (["--proxy", "127.0.0.2"], True)], ids=["none", "named"]
)
def test_a_proxy_on_another_machine_is_believed_where_it_is_named(
    folder: Path, named: list[str], *, told_apart: bool
) -> None:
    office = Office(data=folder)
    office.options += named
    office.start()
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    wrong = {"laptop": "nobody", "challenge": "none", "signature": ""}
    try:
        with httpx.Client(base_url=office.url, transport=elsewhere) as proxy:

            def asked_by(who: str) -> int:
                said = proxy.post("/v1/token", json=wrong, headers={"X-Forwarded-For": who})
                return said.status_code

            for _ in range(SIGN_INS):
                assert asked_by("192.0.2.1") == 401
            assert asked_by("192.0.2.1") == 429
            assert asked_by("192.0.2.2") == (401 if told_apart else 429)
    finally:
        office.stop()


@pytest.mark.parametrize("option", ["--bundles", "--attachments"])
def test_the_service_does_not_start_where_it_can_keep_nothing(
    folder: Path, option: str, capsys: Capsys
) -> None:
    file = folder.parent / "file"
    file.touch()
    words = ("--port", str(free_port()), "--data", str(folder))
    said = refused(capsys, "serve", option, str(file), *words)
    assert f"Nothing can be kept in the folder {file}: File exists." in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_service_listens_where_it_says_until_somebody_stops_it(
    folder: Path, tls: Path, host: str
) -> None:
    port, page = free_port(), free_port()
    words = ["--port", str(port), "--operations-port", str(page), "--host", host]
    cert = str(tls / "cert.pem")
    trust = ["--tls-cert", cert, "--tls-key", str(tls / "key.pem")]
    with subprocess.Popen(
        [*COMMAND, "serve", "--data", str(folder), *words, *trust], stderr=subprocess.PIPE
    ) as serving:
        assert serving.stderr is not None
        said = b""
        while b"laptops: https" not in said:
            said = serving.stderr.readline()
            assert said
        # Whoever comes now waits until it is there.
        with httpx.Client(
            trust_env=False, verify=ssl.create_default_context(cafile=cert)
        ) as client:
            assert client.get(f"https://127.0.0.1:{port}/health").is_success
            assert client.get(f"http://127.0.0.1:{page}/health").json()["database"]
        serving.send_signal(signal.SIGINT)
        _, rest = serving.communicate()
    assert serving.returncode == 0
    assert b"Traceback" not in rest


FOR_AN_OFFICE = ("restored", "backup-made", "verify", "laptops", "set-aside", "log", "enrol Ada")


@pytest.mark.parametrize("command", FOR_AN_OFFICE)
def test_no_command_makes_an_office_to_say_that_all_is_well_in_it(
    command: str, tmp_path: Path, capsys: Capsys
) -> None:
    nowhere = tmp_path / "nowhere"
    said = refused(capsys, *command.split(), "--data", str(nowhere))
    assert f"There is no office in the folder {nowhere}." in said
    assert not nowhere.exists()


@pytest.mark.postgres
def test_an_empty_database_of_postgresql_is_no_office(
    postgres_database: str, capsys: Capsys
) -> None:
    assert "There is no office at that address." in refused(
        capsys, "restored", "--database", postgres_database
    )
    engine = create_engine(postgres_database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
