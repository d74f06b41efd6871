"""The description of the service says what it does: held to the routes, and asked at random."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import validator_for
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hah_central.database.database import Database
from hah_central.service.app import create_app
from hah_central.service.openapi import OPERATIONS, document, written
from hah_desktop.domain.changes import canonical
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.sync.wire.changes import write_spelled_push
from hah_desktop.sync.wire.form import (
    DIGEST_HEADER,
    JSON_LINES,
    LAPTOP_HEADER,
    MAX_CHANGES,
    PROTOCOL_HEADER,
    SIGNATURE_HEADER,
    SIZE_HEADER,
    lines,
    read_lines,
)
from hah_desktop.sync.wire.hand import write_by_hand
from hah_desktop.sync.wire.opaque import write_opaque
from hah_desktop.sync.wire.seen import write_opened
from hah_desktop.sync.wire.signed import read_code, signed_push
from hah_desktop.sync.wire.witness import write_witness
from tests.central.bureau import Bureau, changes, handed
from tests.central.conftest import Desk, HandClock, served
from tests.central.laptop import Laptop, new_id
from tests.central.test_rights import addresses
from tests.central.trust import SECRETS, enrolment, publish
from tests.conftest import ROOT
from tests.house.in_turn import InTurn

EXAMPLES = 10
IN_LINES_EXAMPLES = 25
"""What is said in lines is what databases are given."""
LETTER = b"An invented letter."
LETTER_SHA = hashlib.sha256(LETTER).hexdigest()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
pytestmark = pytest.mark.usefixtures("home")

SCHEMA = schemathesis.openapi.from_dict(document())


def operations(schema: Any) -> list[Any]:
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def line_by_line() -> dict[str, Any]:
    """The description with what `x-lines` says in words that Schemathesis can draw from."""
    described = document()
    for path in described["paths"].values():
        for operation in path.values():
            media = operation.get("requestBody", {}).get("content", {}).get(JSON_LINES)
            if media is not None:
                drawn = {
                    "header": media["x-lines"]["header"],
                    "items": {"type": "array", "items": media["x-lines"]["items"]},
                }
                media["schema"] = {"type": "object", "required": [*drawn], "properties": drawn}
    return described


ASKED = operations(SCHEMA)
IN_LINES = [
    operation
    for operation in operations(schemathesis.openapi.from_dict(line_by_line()))
    if any(body.media_type == JSON_LINES for body in operation.body)
]


def as_it_is(_context: object, value: Any) -> bytes:
    """JSON lines, or whatever is sent in their place."""
    if isinstance(value, dict) and value.keys() == {"header", "items"}:
        try:
            return lines(value["header"], value["items"])
        except (AttributeError, TypeError, ValueError):
            pass  # Drawn to be wrong, and so wrong that it has no lines.
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


schemathesis.serializer(JSON_LINES)(as_it_is)


@pytest.fixture
def address(sqlite_address: str) -> str:
    """The embedded database only, but where both are asked at random."""
    return sqlite_address


@pytest.fixture
def offices(
    sqlite_address: str, migrated_in_turn: InTurn, clock: HandClock
) -> Iterator[list[Desk]]:
    """One on each database: to think up what to ask takes longer than to answer it."""
    with ExitStack() as opened:
        made = []
        for address in (sqlite_address, migrated_in_turn.fresh()):
            database = opened.enter_context(closing(Database(address)))
            publish(database, clock())
            made.append(Desk(database, clock, opened.enter_context(served(database, clock))))
        yield made


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_the_description_in_the_docs_is_the_one_in_the_code() -> None:
    # If this fails: python3 -m hah_central.service.openapi > docs/openapi.json
    assert (ROOT / "docs" / "openapi.json").read_text("utf-8") == written()


def test_every_route_is_described_and_nothing_else(database: Database, clock: HandClock) -> None:
    served = {(path, method) for method, path in addresses(create_app(database, clock=clock))}

    assert {(each.path, each.method.upper()) for each in OPERATIONS} == served


def test_the_description_is_openapi() -> None:
    SCHEMA.validate()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(
    ("operation", "examples"),
    [
        *(pytest.param(each, EXAMPLES, id=each.label) for each in ASKED),
        *(
            pytest.param(each, IN_LINES_EXAMPLES, id=f"{each.label} line by line")
            for each in IN_LINES
        ),
    ],
)
def test_whatever_is_asked_both_databases_give_the_same_described_answer(
    offices: list[Desk],
    session: requests.Session,
    operation: Any,
    examples: int,
    mode: GenerationMode,
) -> None:
    laptops = [desk.laptop("Ada Example") for desk in offices]
    if mode is GenerationMode.NEGATIVE and operation.method == "get":
        pytest.skip("nothing is said there that could be said wrongly")

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answers = []
        for laptop in laptops:
            headers = {"Authorization": f"Bearer {laptop.token}"}
            if operation.path == "/v1/push":
                # Signed rightly, so that what is in it is looked at too.
                digest = hashlib.sha256(as_it_is(None, case.body)).hexdigest()
                headers[SIGNATURE_HEADER] = laptop.key.sign(signed_push(digest)).hex()
            url = str(laptop.client.base_url)
            answers.append(case.call(base_url=url, session=session, headers=headers))
            case.validate_response(answers[-1], checks=CHECKS)
        assert len({answer.status_code for answer in answers}) == 1

    ask()


def good_answers(bureau: Bureau) -> dict[str, httpx.Response]:
    """The answer of every address to a laptop that does all as it should."""
    heard: dict[str, httpx.Response] = {}

    def listen(answer: httpx.Response) -> None:
        answer.read()
        heard[
            answer.request.url.path.replace(LETTER_SHA, "{sha256}").replace("/0", "/{number}")
        ] = answer

    desk = bureau.desk
    desk.client.event_hooks["response"].append(listen)
    ada, ben = desk.laptop("Ada Example"), desk.laptop("Ben Example")
    lost = enrolment(read_code(desk.return_code("Ada Example"))[0], "00" * 32)
    was = {"laptop": new_id(), "adviser": ada.enrolled.adviser}
    desk.client.post("/v1/return", json={**lost, **was})
    place = new_id()
    first = ada.place(place, name="Invented House")
    ada.push(first)
    ben.push(ben.place(place, name="Invented Lodge"), ben.visit(new_id(), impression="Quiet."))
    ask(ben, "/v1/own", {"after": 0, "most": MAX_CHANGES})
    ask(ben, "/v1/cards", {"sealing": SECRETS.public.recovery.hex()})
    ask(ben, "/v1/carried", {"ids": [first.id], "given": ["a digest"]})
    ask(ben, "/v1/known", {"changes": [first.id, new_id()]})
    ask(ben, "/v1/told", {"changes": [first.id, new_id()]})
    headers = {"Authorization": f"Bearer {ben.token}"}
    desk.client.post("/v1/seen", content=write_opened(0, []), headers=headers)
    desk.client.post("/v1/witness", content=write_witness([]), headers=headers)
    ben.pull_all()
    desk.client.get("/health")
    desk.client.get("/v1/hello")
    letter(ada)
    send(bureau, ada)
    hand = handed(ada.key, ada.enrolled.laptop, changes(ada.place(new_id(), name="Late House")))
    desk.client.post("/v1/by-hand", content=write_by_hand(hand), headers=headers)
    return heard


def letter(laptop: Laptop) -> None:
    """A letter whose content is sent and fetched again."""
    visit = new_id()
    fields: dict[str, Json] = {
        "visit": visit,
        "hash": LETTER_SHA,
        "size": len(LETTER),
        "content": "0" * 32,
    }
    visited = laptop.visit(visit, impression="Quiet.")
    laptop.push(visited, laptop.change(new_id(), "attachment", [visit_file(visit)], fields))
    ask(laptop, "/v1/blobs/status", {"sha256": [LETTER_SHA]})
    headers = {
        "Authorization": f"Bearer {laptop.token}",
        DIGEST_HEADER: LETTER_SHA,
        SIZE_HEADER: str(len(LETTER)),
    }
    laptop.client.put(f"/v1/blobs/{LETTER_SHA}/0", content=LETTER, headers=headers)
    laptop.client.get(f"/v1/blobs/{LETTER_SHA}", headers=headers)


def ask(laptop: Laptop, path: str, sent: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {laptop.token}"}
    return laptop.client.post(path, json=sent, headers=headers)


def send(bureau: Bureau, laptop: Laptop) -> httpx.Response:
    data = bureau.sealed(laptop, changes(laptop.place(new_id(), name="Other House")))
    permitted = bureau.permitted(laptop, data)
    headers = {
        LAPTOP_HEADER: permitted.laptop,
        DIGEST_HEADER: permitted.sha256,
        SIZE_HEADER: str(permitted.size),
        SIGNATURE_HEADER: permitted.signature,
        "Content-Type": "application/octet-stream",
    }
    return laptop.client.post("/v1/bundle", content=data, headers=headers)


def test_every_good_answer_is_as_described(desk: Desk, tmp_path: Path, address: str) -> None:
    heard = good_answers(Bureau(desk, tmp_path, address))

    for operation in ASKED:
        answer = heard[operation.path]
        assert answer.status_code == 200, (operation.label, answer.text)
        operation.validate_response(answer)


@pytest.mark.parametrize("path", ["/v1/push", "/v1/pull", "/v1/own", "/v1/carried"])
def test_every_line_of_an_answer_is_as_described(
    desk: Desk, tmp_path: Path, address: str, path: str
) -> None:
    answer = good_answers(Bureau(desk, tmp_path, address))[path]
    described = document()
    media = described["paths"][path]["post"]["responses"]["200"]["content"][JSON_LINES]
    header, items = read_lines(answer.content)

    for name, told in (("header", [header]), ("items", items)):
        schema = {**media["x-lines"][name], "components": described["components"]}
        assert told
        for line in told:
            validator_for(schema).validate(line)
    assert answer.headers[PROTOCOL_HEADER] == "1"


def test_what_a_laptop_sends_to_be_enrolled_is_as_described() -> None:
    described = document()
    schema = {"$ref": "#/components/schemas/Enrol", "components": described["components"]}

    validator_for(schema).validate(json.loads(json.dumps(enrolment("A" * 12, "00" * 32))))


def test_what_a_laptop_pushes_is_as_described(desk: Desk) -> None:
    change = canonical(desk.laptop("Ada Example").visit(new_id(), impression="Quiet.")).decode()
    described = document()
    pushed = described["paths"]["/v1/push"]["post"]["requestBody"]["content"][JSON_LINES]["x-lines"]
    schema = validator_for({**pushed["items"], "components": described["components"]})

    _, (as_words,) = read_lines(write_spelled_push("epoch", [change]))
    _, (as_bytes,) = read_lines(write_opaque("epoch", change))
    schema.validate(as_words)
    schema.validate(as_bytes)
    # As its bytes, and not as a change that lacks what it needs.
    assert not schema.is_valid({**as_bytes, "opaque": None})
