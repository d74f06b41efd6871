"""How an office, older or of today, is asked: packed as it takes it, no oftener than needed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import pytest

from hah_desktop.domain.changes import canonical
from hah_desktop.domain.exchange import (
    Accepted,
    Admission,
    Page,
)
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.asking import Laptop
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import Refused
from hah_desktop.sync.wire import packing
from hah_desktop.sync.wire.changes import (
    write_page,
    write_receipts,
)
from hah_desktop.sync.wire.form import (
    LAPTOP_HEADER,
    PROBLEM,
    SIGNATURE_HEADER,
    NotOurs,
)
from hah_desktop.sync.wire.joining import write_challenge
from tests.sync.asked import CHANGE, HELLO, calling, said, sign_in, signed
from tests.sync.server import OURS, Answer, Asked, Server


@pytest.fixture
def office(server: Server) -> Iterator[Office]:
    with calling(server) as made:
        yield made


TAKES_BOTH = {**OURS, "Accept-Encoding": packing.TAKEN}
NOT_READ = Answer(
    json.dumps({"type": "unreadable", "title": "The office could not read this."}).encode(),
    status=422,
    headers=OURS | {"Content-Type": PROBLEM},
)
RECEIPTS = write_receipts(Accepted("e", 0), [])


def how_packed(server: Server) -> list[str | None]:
    pushes = (asked for asked in server.asked if asked.path == "/v1/push")
    return [push.headers.get("Content-Encoding") for push in pushes]


def test_what_is_sent_is_packed_as_the_office_said_that_it_takes_it(
    office: Office, server: Server
) -> None:
    server.answers["/v1/push"] = Answer(RECEIPTS, headers=OURS)
    office.pack("e", []).answer()
    server.answers["/v1/push"] = Answer(RECEIPTS, headers=TAKES_BOTH)
    office.pack("e", []).answer()
    office.pack("e", []).answer()
    server.answers["/v1/push"] = Answer(RECEIPTS, headers=OURS)
    office.pack("e", []).answer()
    office.pack("e", []).answer()
    assert how_packed(server) == ["gzip", "gzip", "zstd", "zstd", "gzip"]
    assert len({packing.unpacked(asked.body) for asked in server.asked}) == 1
    assert {asked.headers["Accept-Encoding"] for asked in server.asked} == {packing.TAKEN}


def test_what_the_office_takes_is_known_as_long_as_it_lets_the_laptop_in(
    office: Office, server: Server
) -> None:
    sign_in(office, server, headers=TAKES_BOTH)
    admission = office.admission
    assert admission == Admission("a-token", packing.ZSTD)
    later = Office(server.url, Laptop("l1", signed))
    assert later.resume(admission)
    server.answers["/v1/push"] = Answer(RECEIPTS, headers=TAKES_BOTH)
    later.pack("e", []).answer()
    later.close()
    assert how_packed(server) == ["zstd"]


def test_an_office_that_became_an_older_one_is_sent_the_same_as_it_can_read_it(
    office: Office, server: Server
) -> None:
    def older(asked: Asked) -> Answer:
        is_read = asked.headers["Content-Encoding"] == "gzip"
        return Answer(RECEIPTS, headers=OURS) if is_read else NOT_READ

    office.resume(Admission("a-token", packing.ZSTD))
    server.answers["/v1/push"] = older
    assert office.pack("e", [canonical(CHANGE).decode()]).answer() == (Accepted("e", 0), [])
    office.pack("e", [canonical(CHANGE).decode()]).answer()
    assert how_packed(server) == ["zstd", "gzip", "gzip"]
    assert len({packing.unpacked(asked.body) for asked in server.asked}) == 1
    assert len({asked.headers[SIGNATURE_HEADER] for asked in server.asked}) == 1


def test_what_an_office_of_today_refuses_is_not_sent_again(office: Office, server: Server) -> None:
    office.resume(Admission("a-token", packing.ZSTD))
    headers = {**NOT_READ.headers, **TAKES_BOTH}
    server.answers["/v1/push"] = replace(NOT_READ, headers=headers)
    with pytest.raises(Refused):
        office.pack("e", []).answer()
    assert how_packed(server) == ["zstd"]


def test_what_stands_on_the_way_and_knows_gzip_alone_stops_nothing(
    office: Office, server: Server
) -> None:
    def proxy(asked: Asked) -> Answer:
        passes = asked.headers["Content-Encoding"] == "gzip"
        return Answer(RECEIPTS, headers=TAKES_BOTH) if passes else Answer(b"What is that?", 415)

    sign_in(office, server, headers=TAKES_BOTH)
    server.answers["/v1/push"] = proxy
    for _ in range(3):
        assert office.pack("e", []).answer() == (Accepted("e", 0), [])
    assert how_packed(server) == ["zstd", "gzip", "gzip", "gzip"]


def test_the_sign_in_page_of_a_hotel_is_asked_once_more_and_no_oftener(
    office: Office, server: Server
) -> None:
    sign_in(office, server, headers=TAKES_BOTH)
    server.answers["/v1/push"] = Answer(b"<html>Welcome</html>")
    with pytest.raises(NotOurs):
        office.pack("e", []).answer()
    assert how_packed(server) == ["zstd", "gzip"]


def test_whoever_refuses_every_packing_is_not_asked_for_ever(
    office: Office, server: Server
) -> None:
    answers = cycle([NOT_READ, replace(NOT_READ, headers={**NOT_READ.headers, **TAKES_BOTH})])
    server.answers["/v1/push"] = lambda _: next(answers)
    office.resume(Admission("a-token", packing.ZSTD))
    with pytest.raises(Refused):
        office.pack("e", []).answer()
    assert how_packed(server) == ["zstd", "gzip"]


def test_an_office_that_told_its_challenge_with_its_introduction_is_not_asked_for_it(
    office: Office, server: Server
) -> None:
    order = SignedOrder("an order", "its signature")
    told = write_challenge("twice", [order])
    sign_in(office, server)
    server.answers["/v1/hello"] = said({**HELLO, **told})
    server.asked.clear()
    office.hello()
    assert office.challenge() == [order]
    office.sign_in("o")
    assert [asked.path for asked in server.asked] == ["/v1/hello", "/v1/token"]
    assert server.asked[0].headers[LAPTOP_HEADER] == "l1"
    assert json.loads(server.asked[1].body)["challenge"] == "twice"
    # Each is good for one try.
    office.sign_in("o")
    assert json.loads(server.asked[-1].body)["challenge"] == "once"


def test_an_older_office_is_asked_for_its_challenge(office: Office, server: Server) -> None:
    sign_in(office, server)
    server.answers["/v1/hello"] = said({**HELLO, **write_challenge("twice", [])})
    office.hello()
    server.answers["/v1/hello"] = said(HELLO)
    office.hello()
    assert office.challenge() == []
    assert server.asked[-1].path == "/v1/challenge"


def test_whoever_is_not_enrolled_yet_names_no_laptop(server: Server) -> None:
    server.answers["/v1/hello"] = said(HELLO)
    newcomer = Office(server.url)
    newcomer.hello()
    newcomer.close()
    assert LAPTOP_HEADER not in server.asked[0].headers


@pytest.mark.parametrize("how", [packing.GZIP, packing.ZSTD])
def test_a_packed_answer_is_unpacked(office: Office, server: Server, how: str) -> None:
    page = Page("e", {}, more=False)
    packed = packing.pack(write_page(page, []), how)
    server.answers["/v1/pull"] = Answer(packed, headers=OURS | {"Content-Encoding": how})
    assert office.begin_pull("e", {}, []).answer() == (page, [])
