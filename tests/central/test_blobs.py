"""Attachments at the office: whole or not at all, and for nobody who may not see them."""

import datetime as dt
import hashlib
import os
import random
import shutil
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, select, update

from hah_central.attachments import blobs
from hah_central.attachments.blobs import KEPT_UNFINISHED, Blobs
from hah_central.attachments.bundles import folder_of
from hah_central.database.rows import Blob, BlobOffer, Grant
from hah_central.database.rows import Laptop as Row
from hah_central.service.app import create_app
from hah_desktop.domain.chunks import CHUNK, LARGEST, Standing, Taken, length_of
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.sync.wire.blobs import read_status, read_taken
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, new_id, problem, verdicts

SIZE = 2 * CHUNK + 345
CONTENT = random.Random(4).randbytes(SIZE)  # noqa: S311 - invented content
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Let no test keep a file at home."""


@pytest.fixture
def folder(desk: Desk) -> Path:
    return folder_of(desk.database, None).with_name(blobs.FOLDER)


def letter(
    laptop: Laptop, visit: str, sha256: str = SHA, size: object = SIZE, record: str = ""
) -> str:
    """A record about a letter, pushed; its content is elsewhere."""
    record = record or new_id()
    fields = {"visit": visit, "hash": sha256, "size": size, "content": "0" * 32}
    change = laptop.change(record, "attachment", [visit_file(visit)], fields)  # type: ignore[arg-type]  # also wrong ones
    assert verdicts(laptop.push(change)) == [Verdict.APPLIED]
    return record


def visit_of(laptop: Laptop, *named: Laptop) -> str:
    visit = new_id()
    laptop.push(laptop.visit(visit, advisers=[other.adviser for other in named]))
    return visit


def signed(laptop: Laptop) -> dict[str, str]:
    return {"Authorization": f"Bearer {laptop.token}"}


def asked(laptop: Laptop, *hashes: object) -> httpx.Response:
    sent = {"sha256": list(hashes)}
    return laptop.client.post("/v1/blobs/status", json=sent, headers=signed(laptop))


def status(laptop: Laptop, *hashes: str) -> list[Standing]:
    return read_status(good(asked(laptop, *hashes)).json())


def put(
    laptop: Laptop,
    number: int,
    data: bytes | None = None,
    *,
    content: bytes = CONTENT,
    sha256: str = "",
    told: dict[str, str] | None = None,
) -> httpx.Response:
    chunk = content[number * CHUNK : (number + 1) * CHUNK] if data is None else data
    usual = {
        "Hah-Sha256": hashlib.sha256(chunk).hexdigest(),
        "Hah-Size": str(len(content)),
    }
    named = sha256 or hashlib.sha256(content).hexdigest()
    return laptop.client.put(
        f"/v1/blobs/{named}/{number}",
        content=chunk,
        headers={**signed(laptop), **usual, **(told or {})},
    )


def send(laptop: Laptop, content: bytes = CONTENT) -> None:
    [standing] = status(laptop, hashlib.sha256(content).hexdigest())
    taken = Taken(whole=not standing.missing)
    for number in standing.missing:
        taken = read_taken(good(put(laptop, number, content=content)).json())
    assert taken == Taken(whole=True)


def get(laptop: Laptop, sha256: str = SHA, **headers: str) -> httpx.Response:
    return laptop.client.get(f"/v1/blobs/{sha256}", headers={**signed(laptop), **headers})


def lying(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_what_is_sent_in_any_order_is_kept_whole_and_given_back(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    assert status(ruth, SHA) == [Standing(SHA, SIZE, (0, 1, 2))]
    assert read_taken(good(put(ruth, 2)).json()) == Taken(whole=False, missing=(0, 1))
    assert read_taken(good(put(ruth, 0)).json()) == Taken(whole=False, missing=(1,))
    assert status(ruth, SHA) == [Standing(SHA, SIZE, (1,))]
    problem(get(ruth), 404, "no-attachment")
    assert read_taken(good(put(ruth, 1)).json()) == Taken(whole=True)
    assert status(ruth, SHA) == [Standing(SHA, SIZE, ())]
    assert lying(folder) == [SHA]
    assert (folder / SHA).stat().st_mode & 0o077 == 0
    assert good(get(ruth)).content == CONTENT
    with desk.database.reading() as connection:
        assert connection.execute(select(Blob.size, Blob.first_by)).one() == (
            SIZE,
            ruth.enrolled.laptop,
        )


def test_the_same_chunk_twice_is_one_also_after_the_end(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    assert good(put(ruth, 0)).json() == good(put(ruth, 0)).json()
    send(ruth)
    assert read_taken(good(put(ruth, 0)).json()) == Taken(whole=True)
    assert lying(folder) == [SHA]


@pytest.mark.parametrize(
    ("asked", "first", "after"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-1048580", 5, 1048581),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=7-{SIZE * 3}", 7, SIZE),
        (f"bytes={CHUNK}-", CHUNK, SIZE),
    ],
)
def test_any_part_is_given(desk: Desk, asked: str, first: int, after: int) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    send(ruth)
    answer = good(get(ruth, Range=asked))
    assert (answer.status_code, answer.content) == (206, CONTENT[first:after])
    assert answer.headers["Content-Range"] == f"bytes {first}-{after - 1}/{SIZE}"
    if after - first <= CHUNK:
        assert answer.headers["Hah-Sha256"] == hashlib.sha256(answer.content).hexdigest()


def test_a_part_beyond_the_end_is_refused_and_a_strange_range_is_all_of_it(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    send(ruth)
    problem(get(ruth, Range=f"bytes={SIZE}-"), 416, "no-range")
    problem(get(ruth, Range="bytes=9-3"), 416, "no-range")
    assert good(get(ruth, Range="bytes=0-1,5-6")).content == CONTENT


def test_a_colleague_on_the_visit_is_given_it_and_need_not_send_it(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(ruth, visit_of(ruth, sam))
    send(ruth)
    assert good(get(sam)).content == CONTENT
    assert status(sam, SHA) == [Standing(SHA, SIZE, ())]


def test_nobody_can_tell_what_is_not_theirs_from_what_there_is_not(desk: Desk) -> None:
    ruth, eve = desk.laptop("Ruth Aldous"), desk.laptop("Eve Carrow")
    letter(ruth, visit_of(ruth))
    send(ruth)
    nothing = "0" * 64
    assert get(eve).json() == get(eve, nothing).json()
    problem(get(eve), 404, "no-attachment")
    problem(get(eve, "no-hash"), 404, "no-attachment")
    assert status(eve, SHA, nothing) == []
    assert put(eve, 0).json() == put(eve, 0, sha256=nothing).json()
    problem(put(eve, 0), 404, "no-attachment")


def test_who_only_knows_the_hash_is_not_told_that_the_office_has_it(desk: Desk) -> None:
    ruth, eve = desk.laptop("Ruth Aldous"), desk.laptop("Eve Carrow")
    letter(ruth, visit_of(ruth))
    send(ruth)
    letter(eve, visit_of(eve))
    assert status(eve, SHA) == [Standing(SHA, SIZE, (0, 1, 2))]
    problem(get(eve), 404, "no-attachment")
    # Who really has it sends it, and nobody is the worse for it.
    send(eve)
    assert good(get(eve)).content == CONTENT


def test_what_another_laptop_is_sending_is_not_seen(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(ruth, visit_of(ruth, sam))
    status(ruth, SHA)
    good(put(ruth, 0))
    assert status(sam, SHA) == [Standing(SHA, SIZE, (0, 1, 2))]


def test_once_withdrawn_it_is_no_longer_given(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    visit = visit_of(ruth, sam)
    letter(ruth, visit)
    send(ruth)
    good(get(sam, Range="bytes=0-9"))
    with desk.database.writing() as connection:
        connection.execute(delete(Grant).where(Grant.adviser == sam.adviser))
    problem(get(sam, Range="bytes=10-19"), 404, "no-attachment")
    assert status(sam, SHA) == []


def test_what_was_begun_before_access_ended_may_be_sent_to_its_end(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(sam, visit_of(ruth, sam))
    status(sam, SHA)
    good(put(sam, 0))
    with desk.database.writing() as connection:
        connection.execute(delete(Grant).where(Grant.adviser == sam.adviser))
    good(put(sam, 1))
    assert read_taken(good(put(sam, 2)).json()) == Taken(whole=True)
    assert good(get(ruth)).content == CONTENT
    problem(get(sam), 404, "no-attachment")


def test_what_was_written_before_access_ended_may_be_sent_afterwards(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(sam, visit_of(ruth, sam))
    with desk.database.writing() as connection:
        connection.execute(delete(Grant).where(Grant.adviser == sam.adviser))
    send(sam)
    assert good(get(ruth)).content == CONTENT
    problem(get(sam), 404, "no-attachment")


def test_a_name_that_was_taken_back_opens_nothing(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    record = letter(ruth, visit)
    send(ruth)
    seen = {change for name in ("hash", "size") for change in _heads(ruth, record, name)}
    ruth.push(ruth.change(record, "attachment", [visit_file(visit)], {"hash": "1" * 64}, seen))
    problem(get(ruth), 404, "no-attachment")


def _heads(laptop: Laptop, record: str, name: str) -> set[str]:
    laptop.pull_all()
    return laptop.heads[record, name]


def test_a_laptop_whose_access_has_ended_sends_and_gets_nothing(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    send(ruth)
    with desk.database.writing() as connection:
        connection.execute(update(Row).values(revoked=desk.clock()))
    for answer in (get(ruth), asked(ruth, SHA), put(ruth, 0)):
        problem(answer, 403, "revoked")
    ruth.token = "none"
    for answer in (get(ruth), asked(ruth, SHA), put(ruth, 0)):
        problem(answer, 401, "sign-in")


# What is refused


def test_a_chunk_that_was_changed_on_the_way_is_not_kept(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    told = {"Hah-Sha256": hashlib.sha256(CONTENT[:CHUNK]).hexdigest()}
    problem(put(ruth, 0, b"!" + CONTENT[1:CHUNK], told=told), 422, "wrong-chunk")
    problem(put(ruth, 0, CONTENT[: CHUNK - 1]), 422, "wrong-chunk")
    problem(put(ruth, 0, CONTENT[: CHUNK + 1]), 422, "wrong-chunk")
    assert lying(folder) == []


def test_parts_that_do_not_make_the_whole_are_thrown_away(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    good(put(ruth, 0, b"!" * CHUNK))
    good(put(ruth, 1))
    problem(put(ruth, 2), 422, "wrong-content")
    assert lying(folder) == []
    with desk.database.reading() as connection:
        assert connection.execute(select(Blob)).all() == []
    send(ruth)
    assert good(get(ruth)).content == CONTENT


@pytest.mark.parametrize(
    ("number", "headers"),
    [
        (3, {}),
        (10**8, {}),
        (0, {"Hah-Size": str(SIZE + 1)}),
        (0, {"Hah-Size": "-1"}),
        (0, {"Hah-Size": ""}),
        (0, {"Hah-Sha256": "none"}),
    ],
)
def test_what_is_no_part_of_it_is_refused(
    desk: Desk, folder: Path, number: int, headers: dict[str, str]
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    problem(put(ruth, number, b"x", told=headers), 422, "unreadable")
    assert lying(folder) == []


def test_only_what_a_record_names_with_a_size_is_waited_for(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    for size in (None, 0, -5, LARGEST + 1, "5"):
        letter(ruth, visit, size=size)
    assert status(ruth, SHA) == []
    problem(put(ruth, 0), 404, "no-attachment")


@pytest.mark.parametrize("hashes", [["x"], [1], [SHA[:-1]], [SHA.upper()], ["0" * 64] * 501])
def test_what_is_no_hash_is_not_looked_for(desk: Desk, hashes: list[object]) -> None:
    problem(asked(desk.laptop("Ruth Aldous"), *hashes), 422, "unreadable")


def test_a_question_without_hashes_is_not_understood(desk: Desk) -> None:
    ruth = desk.laptop("Ruth Aldous")
    answer = ruth.client.post("/v1/blobs/status", json={"sha256": SHA}, headers=signed(ruth))
    problem(answer, 422, "unreadable")


def test_an_office_without_room_says_so_before_it_takes_a_byte(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    monkeypatch.setattr(blobs, "SPARE", 1 << 60)
    said = problem(put(ruth, 0), 507, "no-room")
    assert "no room" in said
    assert lying(folder) == []


# After a crash and after a long time


def test_a_crash_before_it_was_noted_costs_one_chunk(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    good(put(ruth, 0))
    good(put(ruth, 1))
    parts = folder / f"{SHA}.{ruth.enrolled.laptop}.part"
    # As the disk is when the power goes after the last part was written.
    (parts / "2").write_bytes(CONTENT[2 * CHUNK :])
    (parts / "whole").write_bytes(CONTENT[:77])
    assert status(ruth, SHA) == [Standing(SHA, SIZE, (2,))]
    send(ruth)
    assert lying(folder) == [SHA]


def test_content_that_the_office_lost_is_asked_for_again(desk: Desk, folder: Path) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    send(ruth)
    (folder / SHA).unlink()
    problem(get(ruth), 404, "no-attachment")
    assert status(ruth, SHA) == [Standing(SHA, SIZE, (0, 1, 2))]
    send(ruth)
    assert good(get(ruth)).content == CONTENT


def test_a_second_record_about_the_same_content_needs_no_second_sending(desk: Desk) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(ruth, visit_of(ruth))
    send(ruth)
    letter(ruth, visit_of(ruth, sam))
    problem(get(sam), 404, "no-attachment")
    assert status(ruth, SHA) == [Standing(SHA, SIZE, ())]
    assert good(get(sam)).content == CONTENT


def test_what_lies_unfinished_or_unknown_too_long_is_swept_at_the_start(
    desk: Desk, folder: Path
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    send(ruth)
    letter(ruth, visit_of(ruth), hashlib.sha256(b"other").hexdigest(), 5)
    old, young = folder / ("a" * 64), folder / ("b" * 64)
    half = folder / f"{'c' * 64}.{ruth.enrolled.laptop}.part"
    half_young = folder / f"{'d' * 64}.{ruth.enrolled.laptop}.part"
    foreign = folder / "readme.txt"
    half.mkdir()
    half_young.mkdir()
    files = [old, young, half / "0", half_young / "0", foreign, folder / SHA]
    for path in files:
        path.touch()
    long_ago = (desk.clock() - KEPT_UNFINISHED - dt.timedelta(days=1)).timestamp()
    now = desk.clock().timestamp()
    for path in (*files, half, half_young):
        os.utime(path, (now, now if path in (young, half_young / "0") else long_ago))
    create_app(desk.database, clock=desk.clock)
    assert lying(folder) == sorted([SHA, young.name, f"{half_young.name}/0", foreign.name])


def test_a_disk_that_fills_while_it_is_joined_keeps_the_parts_alone(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    status(ruth, SHA)
    good(put(ruth, 0))
    good(put(ruth, 1))
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _full)
        problem(put(ruth, 2), 507, "no-room")
    assert not (folder / SHA).exists()
    assert {Path(name).name for name in lying(folder)} == {"0", "1", "2"}
    send(ruth)
    assert lying(folder) == [SHA]


def _full(_file: int) -> None:
    raise OSError(28, "No space left on device")


def test_parts_in_any_order_and_half_ones_end_in_the_same_bytes(desk: Desk, folder: Path) -> None:
    # The line itself is cut in tests/faults; here the office alone, at every chunk and order.
    ruth = desk.laptop("Ruth Aldous")
    chance = random.Random(7)  # noqa: S311 - an order to run again
    visit = visit_of(ruth)
    for size in (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK):
        content = chance.randbytes(size)
        sha256 = hashlib.sha256(content).hexdigest()
        letter(ruth, visit, sha256, size)
        while (standing := status(ruth, sha256)[0]).missing:
            number = chance.choice(standing.missing)
            cut = chance.randrange(length_of(size, number)) if chance.random() < 1 / 3 else None
            if cut is not None:
                piece = content[number * CHUNK : (number + 1) * CHUNK]
                told = {"Hah-Sha256": hashlib.sha256(piece).hexdigest()}
                problem(
                    put(ruth, number, piece[:cut], content=content, told=told), 422, "wrong-chunk"
                )
            else:
                good(put(ruth, number, content=content))
        assert good(get(ruth, sha256)).content == content
    assert all("." not in name for name in lying(folder))
    assert len(list(folder.iterdir())) == 5
    shutil.rmtree(folder)
    assert Blobs(desk.database, folder).sweep(desk.clock()) == 0
    with desk.database.reading() as connection:
        assert len(connection.execute(select(BlobOffer)).all()) == 5
