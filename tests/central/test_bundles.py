"""What a laptop hands over sealed is taken whole or not at all, and only if the laptop signed."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import httpx
import pytest

from hah_central.attachments import bundles
from hah_central.commands.common import PASSPHRASE_VARIABLE
from hah_central.problems import Problem
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.sync.client import Permission
from hah_desktop.sync.errors import Refused
from tests.central.bureau import DRAFT, Bureau, letter
from tests.central.conftest import Desk
from tests.central.laptop import problem
from tests.central.trust import PASSPHRASE

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def tidy(tmp_path: Path) -> Iterator[None]:
    """See that nothing which was begun and cut is left once the service has ended."""
    yield
    assert not list(tmp_path.rglob("*.part"))


@pytest.fixture
def bureau(
    tidy: None,  # noqa: ARG001 - first, so that it ends after the service
    home: Path,
    desk: Desk,
    key_files: Path,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Bureau:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    made = Bureau(desk, key_files, address)
    assert made.folder.is_relative_to(home.parent)
    return made


def test_a_revoked_laptop_hands_over_without_a_token(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, DRAFT, letter())
    digest = hashlib.sha256(data).hexdigest()
    assert bureau.send(laptop, data) == digest
    assert bureau.kept() == [f"{digest}.bundle"]
    assert (bureau.folder / f"{digest}.bundle").read_bytes() == data
    assert (bureau.folder / f"{digest}.bundle").stat().st_mode & 0o077 == 0
    with bureau.database.reading() as connection:
        [line] = bundles.lines(connection)
    assert (line.sha256, line.laptop) == (digest, laptop.enrolled.laptop)
    assert (line.size, line.received, line.opened) == (len(data), bureau.desk.clock(), None)


def test_the_same_bundle_twice_is_one(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    assert bureau.send(laptop, data) == bureau.send(laptop, data)
    assert len(bureau.kept()) == 1
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def _post(bureau: Bureau, permission: Permission, data: bytes) -> httpx.Response:
    return bureau.client.post("/v1/bundle", content=data, headers=_headers(permission))


def _headers(permission: Permission) -> dict[str, str]:
    return {
        "Hah-Laptop": permission.laptop,
        "Hah-Sha256": permission.sha256,
        "Hah-Size": str(permission.size),
        "Hah-Signature": permission.signature,
    }


@dataclass
class Wrong:
    """What somebody else might say."""

    change: Callable[[Permission, Bureau], Permission]
    status: int
    name: str


def _with(**fields: object) -> Callable[[Permission, Bureau], Permission]:
    def changed(permission: Permission, _bureau: Bureau) -> Permission:
        told = {
            "laptop": permission.laptop,
            "sha256": permission.sha256,
            "size": permission.size,
            "signature": permission.signature,
            **fields,
        }
        return Permission(**told)  # type: ignore[arg-type]  # as wrong as the test wants it

    return changed


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Wrong(_with(laptop=NOBODY), 401, "unknown-laptop"), id="unknown laptop"),
        pytest.param(Wrong(_with(laptop="office"), 401, "unknown-laptop"), id="the office itself"),
        pytest.param(Wrong(_with(signature="00" * 64), 401, "wrong-signature"), id="unsigned"),
        pytest.param(Wrong(_with(signature=""), 401, "wrong-signature"), id="no signature"),
        pytest.param(Wrong(_with(size=7), 401, "wrong-signature"), id="another size"),
        pytest.param(Wrong(_with(sha256="00" * 32), 401, "wrong-signature"), id="another hash"),
        pytest.param(Wrong(_with(sha256="../x"), 422, "unreadable"), id="no hash"),
        pytest.param(Wrong(_with(size="many"), 422, "unreadable"), id="no size"),
        pytest.param(Wrong(_with(size=5 << 30), 413, "too-large"), id="too large"),
    ],
)
def test_what_is_not_permitted_is_refused_before_it_is_kept(bureau: Bureau, wrong: Wrong) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    permission = wrong.change(bureau.permitted(laptop, data), bureau)
    problem(_post(bureau, permission, data), wrong.status, wrong.name)
    assert bureau.kept() == []


def test_a_permission_for_another_office_is_none(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    answer = _post(bureau, bureau.permitted(laptop, data, office="another"), data)
    problem(answer, 401, "wrong-signature")
    assert bureau.kept() == []


def test_another_file_than_was_permitted_is_not_kept(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    permission = bureau.permitted(laptop, data)
    problem(_post(bureau, permission, data[:-1] + b"!"), 422, "unreadable")
    problem(_post(bureau, permission, data + b"!"), 422, "unreadable")
    problem(_post(bureau, permission, data[:-1]), 422, "cut")
    assert bureau.kept() == []


def test_a_body_that_is_cut_is_not_kept(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, Part("large", Kind.FILE, [bytes(1 << 20)] * 5))
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {
            "Host": "office",
            "Content-Length": str(len(data)),
            **_headers(bureau.permitted(laptop, data)),
        }.items()
    )
    url = bureau.client.base_url
    assert url.port is not None
    with create_connection((url.host, url.port)) as line:
        line.sendall(f"POST /v1/bundle HTTP/1.1\r\n{head}\r\n".encode() + data[: 3 << 20])
    # The office answers the next one only after it has noticed that nobody waits for this one.
    assert bureau.send(laptop, data)
    assert [name for name in bureau.kept() if name.endswith(".bundle")] == [
        f"{hashlib.sha256(data).hexdigest()}.bundle"
    ]
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def test_one_laptop_cannot_fill_the_office_s_disk(bureau: Bureau) -> None:
    laptop = bureau.laptop()
    sent = [bureau.sealed(laptop, letter()) for _ in range(bundles.WAITING)]
    for data in sent:
        bureau.send(laptop, data)
    with pytest.raises(Refused) as refusal:
        bureau.send(laptop, bureau.sealed(laptop, letter()))
    assert refusal.value.type == "urn:hah:too-many-bundles"
    assert bureau.send(laptop, sent[0])
    other = bureau.laptop()
    assert bureau.send(other, bureau.sealed(other, letter()))


def test_an_office_without_room_says_so_before_it_takes_a_byte(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = bureau.laptop()
    data = bureau.sealed(laptop, letter())
    monkeypatch.setattr(bundles, "SPARE", 1 << 60)
    with pytest.raises(Refused, match="no room") as refused:
        bureau.send(laptop, data)
    assert (refused.value.type, bureau.kept()) == ("urn:hah:no-room", [])


def test_one_laptop_cannot_send_without_end_at_once(bureau: Bureau) -> None:
    desk = bundles.Bundles(bureau.database, bureau.folder)
    with ExitStack() as sending:
        for _ in range(bundles.WAITING):
            sending.enter_context(desk._one_more("one"))
        with pytest.raises(Problem, match="several bundles"):
            sending.enter_context(desk._one_more("one"))
        sending.enter_context(desk._one_more("another"))
    with desk._one_more("one"):
        pass
