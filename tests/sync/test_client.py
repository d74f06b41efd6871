"""The client on a real socket: only the office's own words count as an answer."""

import gzip
import hashlib
import json
from collections.abc import Iterator

import pytest

from hah_desktop.domain.changes import canonical, content_hash
from hah_desktop.domain.digest import names
from hah_desktop.domain.exchange import (
    Accepted,
    Enrolled,
    Hello,
    OwnChange,
    Page,
    Reached,
    Receipt,
    SealedRecovery,
    Verdict,
)
from hah_desktop.domain.ids import FileId, LaptopId, RecordId
from hah_desktop.seals.orders import SignedOrder
from hah_desktop.sync.asking import PROGRAM
from hah_desktop.sync.client import Office
from hah_desktop.sync.errors import BrokeOff, Refused, Unreachable
from hah_desktop.sync.pace import wait_of
from hah_desktop.sync.wire.changes import (
    write_own,
    write_page,
    write_receipts,
)
from hah_desktop.sync.wire.form import (
    JSON_LINES,
    MAX_CHANGES,
    PROBLEM,
    PROTOCOL_HEADER,
    SIGNATURE_HEADER,
    NotOurs,
)
from hah_desktop.sync.wire.signed import signed_push, signed_token_request
from tests.central.trust import SECRETS
from tests.faults.made import in_plain_english
from tests.sync.asked import CHANGE, HELLO, calling, said, sign_in, signed
from tests.sync.pushed import read_push
from tests.sync.server import OURS, Answer, Server


@pytest.fixture
def office(server: Server) -> Iterator[Office]:
    with calling(server) as made:
        yield made


def test_the_office_says_who_it_is(office: Office, server: Server) -> None:
    server.answers["/v1/hello"] = said(HELLO)
    assert office.hello() == Hello("o", "e", "Help at Hand", HELLO["now"])  # type: ignore[arg-type]  # a text
    assert server.asked[0].headers[PROTOCOL_HEADER] == "1"


def test_a_laptop_is_enrolled_with_its_code_and_key(office: Office, server: Server) -> None:
    answer = Enrolled(LaptopId("l1"), RecordId("ruth"), "Ruth", "o", "e")
    names = {"laptop": "l1", "adviser": "ruth", "adviser_name": "Ruth", "office": "o", "epoch": "e"}
    server.answers["/v1/enrol"] = said(names)
    sealed = SealedRecovery("0a", "0b", "0c")
    assert office.enrol("CODE", "0f", "Ruth’s laptop", sealed) == answer
    assert json.loads(server.asked[0].body) == {
        "code": "CODE",
        "public_key": "0f",
        "laptop_name": "Ruth’s laptop",
        "recovery": {"id": "0a", "vault": "0b", "sealed": "0c"},
    }


def test_the_offices_keys_are_read(office: Office, server: Server) -> None:
    server.answers["/v1/keys"] = said(SECRETS.public.to_plain())
    assert office.keys() == SECRETS.public


@pytest.mark.parametrize("plain", [[], {}, {"recovery": "00", "orders": "zz"}])
def test_keys_out_of_form_are_not_the_offices(
    office: Office, server: Server, plain: object
) -> None:
    server.answers["/v1/keys"] = said(plain)
    with pytest.raises(NotOurs):
        office.keys()


def test_orders_come_with_the_challenge_that_is_then_signed(office: Office, server: Server) -> None:
    orders = [{"body": "{}", "signature": "00"}]
    server.answers["/v1/challenge"] = said({"challenge": "once", "orders": orders})
    server.answers["/v1/token"] = said(
        {"token": "a-token", "expires_in": 600, "number": 0, "hash": ""}
    )
    assert office.challenge() == [SignedOrder("{}", "00")]
    office.sign_in("o")
    assert [asked.path for asked in server.asked] == ["/v1/challenge", "/v1/token"]
    assert json.loads(server.asked[1].body)["challenge"] == "once"


def test_a_challenge_is_signed_once_only(office: Office, server: Server) -> None:
    sign_in(office, server)
    office.sign_in("o")
    assert [asked.path for asked in server.asked] == ["/v1/challenge", "/v1/token"] * 2


def test_signing_in_answers_the_offices_challenge(office: Office, server: Server) -> None:
    sign_in(office, server)
    proof = signed(signed_token_request("once", "o")).hex()
    answered = {"laptop": "l1", "challenge": "once", "signature": proof, "program": PROGRAM}
    assert json.loads(server.asked[1].body) == answered
    assert "Authorization" not in server.asked[1].headers


@pytest.mark.parametrize("answer", [{}, {"token": 5}, []])
def test_a_token_out_of_form_is_none(office: Office, server: Server, answer: object) -> None:
    server.answers["/v1/challenge"] = said({"challenge": "once"})
    server.answers["/v1/token"] = said(answer)
    with pytest.raises(NotOurs):
        office.sign_in("o")


def test_a_push_is_sent_before_anybody_waits_for_its_answer(office: Office, server: Server) -> None:
    server.answers["/v1/push"] = Answer(write_receipts(Accepted("e", 0), []), headers=OURS)
    push = office.pack("e", [])
    push.give_up()  # Not sent yet: there is nothing to give up.
    assert server.asked == []
    push.begin()
    push.begin()
    assert push.answer() == (Accepted("e", 0), [])
    assert [asked.path for asked in server.asked] == ["/v1/push"]


def test_a_push_that_is_given_up_leaves_the_line_to_the_next_question(
    office: Office, server: Server
) -> None:
    server.answers["/v1/hello"] = said(HELLO)
    server.answers["/v1/push"] = Answer(write_receipts(Accepted("e", 0), []), headers=OURS)
    push = office.pack("e", [])
    push.begin()
    push.give_up()
    assert office.hello().office == "o"


def test_a_push_is_packed_and_signed_and_its_receipts_are_read(
    office: Office, server: Server
) -> None:
    sign_in(office, server)
    receipt = Receipt(CHANGE.id, content_hash(CHANGE), Verdict.APPLIED, 5)
    body = write_receipts(Accepted("e", 1), [receipt])
    server.answers["/v1/push"] = Answer(body, headers=OURS)
    assert office.pack("e", [canonical(CHANGE).decode()]).answer() == (Accepted("e", 1), [receipt])
    asked = server.asked[-1]
    plain = gzip.decompress(asked.body)
    assert read_push(plain) == ("e", [CHANGE])
    assert asked.headers["Authorization"] == "Bearer a-token"
    assert asked.headers["Content-Type"] == JSON_LINES
    proof = signed(signed_push(hashlib.sha256(plain).hexdigest())).hex()
    assert asked.headers[SIGNATURE_HEADER] == proof


def test_a_pull_says_how_far_the_laptop_has_read(office: Office, server: Server) -> None:
    page = Page("e", {FileId("ref"): 9}, more=False)
    server.answers["/v1/pull"] = Answer(write_page(page, []), headers=OURS)
    coming = office.begin_pull("e", {FileId("ref"): 4}, [RecordId("v1")])
    assert coming.answer() == (page, [])
    asked = {"epoch": "e", "files": {"ref": 4}, "want": ["v1"]}
    assert json.loads(server.asked[0].body) == asked


def test_a_brief_pull_names_no_file_and_its_answer_moves_each(
    office: Office, server: Server
) -> None:
    read_up_to = {FileId("ref"): 4, FileId("visit:v1"): 4}
    page = Page("e", dict.fromkeys(read_up_to, 9), more=False, upto=9, whole="0f")
    server.answers["/v1/pull"] = Answer(write_page(page, [], brief=True), headers=OURS)
    assert office.begin_pull("e", read_up_to, [], brief=True).answer() == (page, [])
    asked = {"epoch": "e", "at": 4, "but": {}, "named": names(read_up_to), "moves": True}
    assert json.loads(server.asked[0].body) == asked | {"want": []}
    office.begin_pull("e", read_up_to, [], brief=True, most=7).answer()
    assert json.loads(server.asked[1].body) == asked | {"want": [], "most": 7}


def test_after_a_page_that_nobody_wants_the_office_is_asked_all_the_same(
    office: Office, server: Server
) -> None:
    page = Page("e", {}, more=False)
    server.answers["/v1/pull"] = Answer(write_page(page, []), headers=OURS)
    office.begin_pull("e", {}, []).give_up()
    assert office.begin_pull("e", {}, []).answer() == (page, [])


def test_signing_in_tells_how_far_the_office_is(office: Office, server: Server) -> None:
    server.answers["/v1/challenge"] = said({"challenge": "once"})
    server.answers["/v1/token"] = said({"token": "a-token", "number": 7, "hash": "a" * 64})
    assert office.sign_in("o") == Reached(7, "a" * 64)


def test_a_laptop_asks_for_its_own_changes_behind_a_number(office: Office, server: Server) -> None:
    sign_in(office, server)
    own = [OwnChange(CHANGE, 5, Verdict.APPLIED)]
    server.answers["/v1/own"] = Answer(write_own(own), headers=OURS)
    assert office.own(3) == own
    assert json.loads(server.asked[-1].body) == {"after": 3, "most": MAX_CHANGES}
    assert server.asked[-1].headers["Authorization"] == "Bearer a-token"


WHOLE = json.dumps(HELLO).encode()
NOT_OURS = {
    "the sign-in page of a hotel": Answer(b"<html>Welcome</html>"),
    "our words without our mark": Answer(WHOLE),
    "a redirect": Answer(status=302, headers={"Location": "/login"}),
    "a refusal by a proxy": Answer(b"<html>No</html>", 403),
    "a page that is packed wrongly": Answer(WHOLE, headers={"Content-Encoding": "gzip"}),
}
UNREAD = {
    "a page under our mark": Answer(b"<html>Welcome</html>", headers=OURS),
    "another service under our mark": said({"status": "ok"}),
    "a redirect under our mark": Answer(status=302, headers=OURS | {"Location": "/login"}),
    "a refusal in other words": Answer(b"No", 403, OURS),
    "a refusal that is no JSON": Answer(b"No", 403, OURS | {"Content-Type": PROBLEM}),
    "an introduction with half a challenge": said({**HELLO, "challenge": 7}),
    "a refusal that is a list": Answer(b"[]", 403, OURS | {"Content-Type": PROBLEM}),
    "packed wrongly": Answer(WHOLE, headers=OURS | {"Content-Encoding": "gzip"}),
    "packed wrongly another way": Answer(WHOLE, headers=OURS | {"Content-Encoding": "zstd"}),
}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        *((answer, "Something other than the office answered") for answer in NOT_OURS.values()),
        *((answer, "this program cannot read it") for answer in UNREAD.values()),
    ],
    ids=[*NOT_OURS, *UNREAD],
)
def test_an_answer_of_somebody_else_or_that_cannot_be_read_is_no_answer(
    office: Office, server: Server, answer: Answer, said: str
) -> None:
    server.answers["/v1/hello"] = answer
    with pytest.raises(NotOurs, match=said) as fault:
        office.hello()
    assert in_plain_english(fault.value)
    assert [asked.path for asked in server.asked] == ["/v1/hello"]


@pytest.mark.parametrize("missing", [{}, {"challenge": 5}, []])
def test_a_challenge_out_of_form_is_not_signed(
    office: Office, server: Server, missing: object
) -> None:
    server.answers["/v1/challenge"] = said(missing)
    with pytest.raises(NotOurs):
        office.sign_in("o")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [Answer(b"", 502), Answer(b"<html>Busy</html>", 503)],
    ids=["a gateway", "a busy page"],
)
def test_an_answer_that_does_not_arrive_means_that_the_office_is_out_of_reach(
    office: Office, server: Server, answer: Answer
) -> None:
    server.answers["/v1/hello"] = answer
    with pytest.raises(Unreachable, match=r"cannot be reached.*saved on this laptop"):
        office.hello()


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [(503, "120", 120.0), (429, "20", 20.0), (503, "86400", 300.0), (502, "soon", 0.0)],
)
def test_a_proxy_before_the_office_is_left_alone_as_it_asks(
    office: Office, server: Server, status: int, asked: str, seconds: float
) -> None:
    page = Answer(b"<html>Busy</html>", status, {"Retry-After": asked})
    server.answers["/v1/hello"] = page
    with pytest.raises(Unreachable, match=r"cannot be reached") as fault:
        office.hello()
    assert wait_of(fault.value) == seconds


def test_what_a_proxy_does_not_let_through_is_refused_for_its_size(
    office: Office, server: Server
) -> None:
    server.answers["/v1/push"] = Answer(b"<html>Request Entity Too Large</html>", 413)
    with pytest.raises(Refused, match=r"Something on the way .* as large as this") as refusal:
        office.pack("e", []).answer()
    assert (refusal.value.status, refusal.value.retry_after) == (413, 0.0)


def test_a_proxy_that_says_too_large_to_a_question_without_a_body_is_not_the_office(
    office: Office, server: Server
) -> None:
    server.answers["/v1/hello"] = Answer(b"<html>Request Entity Too Large</html>", 413)
    with pytest.raises(NotOurs):
        office.hello()


def test_an_answer_that_is_cut_means_that_the_line_broke_off(
    office: Office, server: Server
) -> None:
    server.answers["/v1/hello"] = Answer(WHOLE, headers=OURS, cut=1)
    with pytest.raises(BrokeOff, match=r"broke off.*saved on this laptop"):
        office.hello()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://", "nowhere", "http://office.invalid"]
)
def test_an_address_where_nobody_answers_is_out_of_reach(url: str) -> None:
    office = Office(url)
    with pytest.raises(Unreachable, match="The office cannot be reached"):
        office.hello()
    office.close()


def refused(office: Office, server: Server, status: int, **headers: str) -> Refused:
    problem = {"type": "urn:hah:busy", "title": "Busy", "detail": "Try again at noon."}
    kind = {"Content-Type": f"{PROBLEM}; charset=utf-8"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    server.answers["/v1/hello"] = Answer(json.dumps(problem).encode(), status, OURS | kind | named)
    with pytest.raises(Refused) as refusal:
        office.hello()
    return refusal.value


def test_a_refusal_of_the_office_is_given_in_its_words(office: Office, server: Server) -> None:
    refusal = refused(office, server, 403)
    assert (refusal.type, refusal.what, refusal.status) == (
        "urn:hah:busy",
        "Try again at noon.",
        403,
    )
    assert refusal.do == "Call the office."


def test_a_busy_office_is_tried_again_when_it_says(office: Office, server: Server) -> None:
    refusal = refused(office, server, 503, Retry_After="30")
    asks = "The office asks to wait 30 seconds; then the program tries again by itself."
    assert (refusal.retry_after, refusal.do) == (30.0, asks)


@pytest.mark.parametrize(
    ("said", "seconds"), [("soon", 0.0), ("-4", 0.0), ("nan", 0.0), ("inf", 0.0), ("1e9", 3600.0)]
)
def test_a_wait_that_makes_no_sense_keeps_nobody_for_ever(
    office: Office, server: Server, said: str, seconds: float
) -> None:
    refusal = refused(office, server, 429, Retry_After=said)
    assert refusal.retry_after == seconds


def test_a_laptop_that_is_not_set_up_is_not_told_that_something_happens_by_itself(
    server: Server,
) -> None:
    newcomer = Office(server.url)
    refusal = refused(newcomer, server, 429, Retry_After="40")
    assert str(refusal) == (
        "Try again at noon. Nothing was changed. Wait 40 seconds, then try again."
    )
    assert refused(newcomer, server, 503).do == "Try again in a minute."
    newcomer.close()


def test_a_token_that_has_run_out_is_renewed_once_in_the_middle(
    office: Office, server: Server
) -> None:
    sign_in(office, server)
    problem = {"type": "urn:hah:not-signed-in", "title": "You are not signed in."}
    server.answers["/v1/pull"] = Answer(
        json.dumps(problem).encode(), 401, OURS | {"Content-Type": PROBLEM}
    )
    with pytest.raises(Refused, match="not signed in"):
        office.begin_pull("e", {}, []).answer()
    again = ["/v1/pull", "/v1/challenge", "/v1/token", "/v1/pull"]
    assert [asked.path for asked in server.asked[2:]] == again
    assert "Authorization" not in server.asked[3].headers
    assert server.asked[5].headers["Authorization"] == "Bearer a-token"


def test_a_laptop_that_is_not_enrolled_signs_nothing(server: Server) -> None:
    office = Office(server.url)
    with pytest.raises(RuntimeError, match="only an enrolled laptop signs"):
        office.sign_in("o")
    office.close()
    assert server.asked == []
