"""What is cut, broken, too large or asked in a wrong way is refused, and nothing of it is kept."""

import datetime as dt
import logging
import socket
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import func, select, text

from hah_central.database.database import Database
from hah_central.database.rows import Change
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.changes import write_push
from hah_desktop.sync.wire.form import MAX_BYTES, MAX_CHANGES
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, good, new_id, problem

Laptops = Callable[[str], Laptop]
WORDS = "the words of an invented child"


@pytest.fixture
def address(sqlite_address: str) -> str:
    """The embedded database only: what is tested here ends before any database."""
    return sqlite_address


def nothing_stored(desk: Desk) -> bool:
    with desk.database.reading() as connection:
        counted = select(func.count()).select_from(Change).where(Change.laptop != "office")
        return connection.execute(counted).scalar_one() == 0


def batch(ada: Laptop, count: int = 3) -> bytes:
    changes = [ada.place(new_id(), name="Invented House") for _ in range(count)]
    return write_push(ada.enrolled.epoch, changes)


def test_a_batch_without_its_end_is_not_stored(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)

    answer = ada.push_body(body[: body.rindex(b"\n")])

    assert "cut off" in problem(answer, 422, "cut")
    assert nothing_stored(desk)


WAYS = pytest.mark.parametrize("how", [packing.GZIP, packing.ZSTD])


@WAYS
def test_a_body_is_taken_however_it_is_packed(desk: Desk, laptop: Laptops, how: str) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)

    good(ada.push_body(body, packed=packing.pack(body, how), how=how))

    assert not nothing_stored(desk)


@WAYS
@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_a_packed_body_that_was_cut_is_not_stored(
    desk: Desk, laptop: Laptops, part: float, how: str
) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)
    packed = packing.pack(body, how)

    problem(ada.push_body(body, packed=packed[: int(len(packed) * part)], how=how), 422, "cut")

    assert nothing_stored(desk)


def test_a_line_that_breaks_in_the_middle_of_a_push_leaves_nothing(
    desk: Desk, laptop: Laptops
) -> None:
    ada = laptop("Ada Example")
    whole = ada.push_body(batch(ada), signature="").request
    host, port = desk.client.base_url.host, desk.client.base_url.port
    assert port is not None
    head = "".join(f"{name}: {value}\r\n" for name, value in whole.headers.items())
    with socket.create_connection((host, port)) as line:
        line.sendall(f"POST /v1/push HTTP/1.1\r\n{head}\r\n".encode() + whole.content[:40])

    assert good(desk.client.get("/health")).json() == {"status": "ok"}
    assert nothing_stored(desk)


@WAYS
def test_a_body_that_is_not_packed_as_it_says_is_refused(laptop: Laptops, how: str) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)

    problem(ada.push_body(body, packed=body, how=how), 422, "unreadable")


@WAYS
def test_what_follows_a_packed_body_is_refused(laptop: Laptops, how: str) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)
    more = packing.pack(body, how) + b"more"

    assert "follows its end" in problem(
        ada.push_body(body, packed=more, how=how), 422, "unreadable"
    )


@WAYS
def test_a_small_body_that_unpacks_to_gigabytes_is_refused(laptop: Laptops, how: str) -> None:
    ada = laptop("Ada Example")
    bomb = packing.pack(bytes(MAX_BYTES + 1), how)
    assert len(bomb) < MAX_BYTES / 100

    assert "smaller parts" in problem(ada.push_body(b"", packed=bomb, how=how), 413, "too-large")


def test_a_body_that_is_larger_than_agreed_is_refused(desk: Desk) -> None:
    problem(desk.client.post("/v1/pull", content=bytes(MAX_BYTES + 1)), 413, "too-large")


def test_more_changes_than_agreed_are_refused(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")

    problem(ada.push_body(batch(ada, MAX_CHANGES + 1)), 413, "too-large")

    assert nothing_stored(desk)


def test_a_body_that_is_not_packed_at_all_is_fine(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    body = batch(ada)
    whole = ada.push_body(body, packed=packing.pack(body, packing.GZIP)).request
    headers = {k: v for k, v in whole.headers.items() if k.startswith(("auth", "hah"))}

    good(desk.client.post("/v1/push", content=body, headers=headers))


def test_an_unknown_way_of_packing_is_refused(desk: Desk) -> None:
    answer = desk.client.post("/v1/pull", content=b"{}", headers={"Content-Encoding": "br"})

    problem(answer, 422, "unreadable")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not JSON",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"laptop": 1}',
        b'{"laptop": "\\u0000"}',
        b'{"laptop": "\\ud800"}',
        b'{"laptop": "' + b"a" * 1000 + b'"}',
    ],
)
def test_what_is_not_the_agreed_json_is_refused(desk: Desk, body: bytes) -> None:
    problem(desk.client.post("/v1/challenge", content=body), 422, "unreadable")


@pytest.mark.parametrize(
    "asked",
    [
        {"epoch": ""},
        {"epoch": "", "files": []},
        {"epoch": "", "files": {"ref": "1"}},
        {"epoch": "", "files": {"ref": -1}},
        {"epoch": "", "files": {"ref": True}},
        {"epoch": "", "files": {}, "want": "x"},
        {"epoch": "", "files": {}, "want": [1]},
        {"files": {}},
    ],
)
def test_a_pull_of_another_form_is_refused(desk: Desk, asked: dict[str, object]) -> None:
    problem(desk.client.post("/v1/pull", json=asked), 422, "unreadable")


def test_an_unknown_address_is_a_problem_of_ours(desk: Desk) -> None:
    assert "nothing at this address" in problem(desk.client.get("/admin"), 404, "unknown-path")


@pytest.mark.parametrize("path", ["/v1/push/", "/v1/hello/", "/health/"])
def test_an_address_with_a_slash_behind_it_leads_nowhere(desk: Desk, path: str) -> None:
    answer = desk.client.post(path, headers={"Host": "elsewhere.invalid"})

    problem(answer, 404, "unknown-path")
    assert "Location" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_wrong_method_is_a_problem_of_ours_and_names_the_right_one(
    desk: Desk, method: str
) -> None:
    answer = desk.client.request(method, "/v1/push")

    problem(answer, 405, "wrong-method")
    assert answer.headers["Allow"] == "POST"


def test_another_version_of_the_protocol_is_told_so(desk: Desk) -> None:
    answer = desk.client.post("/v1/pull", json={}, headers={"Hah-Protocol": "2"})

    assert "Update the program" in problem(answer, 426, "protocol")


@pytest.mark.parametrize(("asked", "how"), {packing.TAKEN: "zstd", "gzip, br": "gzip"}.items())
@pytest.mark.parametrize("count", [20, 600])
def test_an_answer_is_packed_in_the_best_way_that_was_asked_for(
    laptop: Laptops, asked: str, how: str, count: int
) -> None:
    ada, ben = laptop("Ada Example"), laptop("Ben Example")
    good(ada.push_body(batch(ada, count)))
    ask = {"epoch": ben.enrolled.epoch, "files": {}}

    def pulled(accepted: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {ben.token}", "Accept-Encoding": accepted}
        with ben.client.stream("POST", "/v1/pull", json=ask, headers=headers) as answer:
            answer.extensions["raw"] = b"".join(answer.iter_raw())
        return good(answer)

    packed, plain = pulled(asked), pulled("identity")

    assert packed.headers["Content-Encoding"] == how
    assert "Content-Encoding" not in plain.headers
    assert packing.unpacked(packed.extensions["raw"]) == plain.extensions["raw"]


def test_each_answer_says_what_may_be_packed_and_how(desk: Desk) -> None:
    refused = desk.client.post("/v1/pull", content=b"{}", headers={"Content-Encoding": "br"})
    for answer in (desk.client.get("/v1/hello"), desk.client.get("/nowhere"), refused):
        assert answer.headers["Accept-Encoding"] == packing.TAKEN


class BrokenClock(HandClock):
    """A clock that breaks, and whose fault quotes what must never leave the office."""

    broken = False

    def __call__(self) -> dt.datetime:
        if self.broken:
            raise RuntimeError(WORDS)
        return super().__call__()


def test_a_fault_of_ours_leaves_no_trace_in_the_answer_or_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock = BrokenClock()
    with caplog.at_level(logging.DEBUG), served(database, clock) as client:
        clock.broken = True
        answer = client.get("/v1/hello")

    problem(answer, 500, "fault")
    assert answer.headers["Retry-After"]
    assert WORDS not in answer.text + caplog.text
    assert "RuntimeError" not in answer.text
    assert "RuntimeError" in caplog.text


def test_a_database_that_does_not_answer_is_said_to_be_busy(desk: Desk, laptop: Laptops) -> None:
    ada = laptop("Ada Example")
    with desk.database.writing() as connection:
        connection.execute(text("DROP TABLE token"))

    answer = ada.push_body(batch(ada))

    assert "busy" in problem(answer, 503, "busy")
    assert answer.headers["Retry-After"] == "5"


def test_the_log_tells_ids_and_counts_but_no_word(
    desk: Desk, laptop: Laptops, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "hah_central"):
        ada = laptop("Ada Example")
        ada.push(ada.visit(new_id(), impression="Quiet as a mouse."))
        ada.pull_all()

    assert f"push laptop={ada.enrolled.laptop} changes=1" in caplog.text
    assert "mouse" not in caplog.text
    assert "Ada" not in caplog.text
    assert desk.client.is_closed is False


def test_hello_and_health_ask_for_no_token(desk: Desk) -> None:
    assert good(httpx.get(desk.client.base_url.join("/health"))).json() == {"status": "ok"}
    assert good(desk.client.get("/v1/hello")).json()["protocol"] == 1
