"""Contents at the office are known by their bytes: what is altered is said, and healed."""

import hashlib
from pathlib import Path

import pytest

from hah_central.attachments import blobs
from hah_central.attachments.bundles import folder_of
from hah_central.cli import main
from hah_central.people.people import asker
from hah_desktop.domain.chunks import Standing
from hah_desktop.domain.ids import visit_file
from tests.central.conftest import Desk
from tests.central.laptop import Laptop, good, problem
from tests.central.test_blobs import CONTENT, SHA, SIZE, get, letter, send, status, visit_of

ROTTEN = b"rotten" + CONTENT[6:]


@pytest.fixture
def folder(desk: Desk) -> Path:
    return folder_of(desk.database, None).with_name(blobs.FOLDER)


@pytest.fixture
def address(sqlite_address: str) -> str:
    """The embedded database only: nothing here depends on which it is."""
    return sqlite_address


def sent(desk: Desk) -> tuple[Laptop, str]:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    record = letter(ruth, visit)
    send(ruth)
    return ruth, record


def verified(tmp_path: Path) -> int:
    return main(["verify", "--data", str(tmp_path / "office")])


def test_what_lies_altered_is_asked_for_again_and_not_given_out(desk: Desk, folder: Path) -> None:
    ruth, _ = sent(desk)
    (folder / SHA).write_bytes(ROTTEN)

    problem(get(ruth), 404, "no-attachment")
    assert status(ruth, SHA) == [Standing(SHA, SIZE, (0, 1, 2))]
    send(ruth)

    assert (folder / SHA).read_bytes() == CONTENT
    assert good(get(ruth)).content == CONTENT


def test_what_never_came_is_named_as_that_and_not_as_damage(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruth, _ = sent(desk)
    record = letter(ruth, visit_of(ruth), sha256="b" * 64)

    assert verified(tmp_path) == 0

    told = capsys.readouterr().out
    laptop = ruth.enrolled.laptop
    assert f"Not yet arrived: the content {'b' * 64} of attachment {record}, of which" in told
    assert f"laptop {laptop} wrote, received 2026-11-22 10:00 UTC." in told
    assert told.count("Not yet arrived") == 1
    assert "Everything is as it was received." in told


def test_a_colleague_who_has_it_heals_what_lies_altered(desk: Desk, folder: Path) -> None:
    ruth, sam = desk.laptop("Ruth Aldous"), desk.laptop("Sam Birch")
    letter(ruth, visit_of(ruth, sam))
    send(ruth)
    assert status(sam, SHA) == [Standing(SHA, SIZE, ())]
    (folder / SHA).write_bytes(ROTTEN)

    send(sam)

    assert good(get(ruth)).content == CONTENT


def test_a_service_that_starts_anew_believes_no_length(desk: Desk, folder: Path) -> None:
    sent(desk)
    (folder / SHA).write_bytes(ROTTEN)
    anew = blobs.Blobs(desk.database, folder)
    ruth = desk.laptop("Ruth Aldous")
    letter(ruth, visit_of(ruth))
    with desk.database.reading() as connection:
        who = asker(connection, f"Bearer {ruth.token}", desk.clock())

    [standing] = anew.status(who, {SHA}, desk.clock())

    assert standing.missing == (0, 1, 2)


def test_what_would_take_too_long_to_compare_is_told_next_time(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    hashes = []
    for content in (b"one", b"two", b"three"):
        digest = hashlib.sha256(content).hexdigest()
        letter(ruth, visit, digest, len(content))
        send(ruth, content)
        hashes.append(digest)
    monkeypatch.setattr(blobs, "READ_AT_ONCE", 4)
    anew = blobs.Blobs(desk.database, folder)
    with desk.database.reading() as connection:
        who = asker(connection, f"Bearer {ruth.token}", desk.clock())

    told = [len(anew.status(who, frozenset(hashes), desk.clock())) for _ in range(3)]

    assert told == [1, 2, 3]


def test_what_is_missing_at_the_start_is_asked_for_of_those_who_may_have_it(
    desk: Desk, folder: Path
) -> None:
    ruth, sam, eve = (desk.laptop(name) for name in ("Ruth Aldous", "Sam Birch", "Eve Carrow"))
    letter(ruth, visit_of(ruth, sam))
    letter(eve, visit_of(eve))
    send(ruth)
    status(eve, SHA)
    (folder / SHA).unlink()
    anew = blobs.Blobs(desk.database, folder)
    assert not anew.is_lacking

    anew.look()

    told = []
    for each in (ruth, sam, eve):
        with desk.database.reading() as connection:
            who = asker(connection, f"Bearer {each.token}", desk.clock())
        told.append(anew.lacked(who))
    assert told == [[SHA], [SHA], []]


@pytest.mark.parametrize(
    ("data", "how"), [(ROTTEN, "is not what was received"), (None, "is missing")]
)
def test_verify_names_what_is_altered_or_missing(
    desk: Desk,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    data: bytes | None,
    how: str,
) -> None:
    _, record = sent(desk)
    assert verified(tmp_path) == 0
    assert f"Read: 1 attachments in {folder}." in capsys.readouterr().out
    (folder / SHA).unlink()
    if data is not None:
        (folder / SHA).write_bytes(data)

    assert verified(tmp_path) == 1

    told = capsys.readouterr()
    assert f"The content {SHA} of attachment {record} {how}." in told.out
    assert "Everything" not in told.out
    assert "One thing is not as it should be." in told.err


def test_verify_says_where_it_looked_in_vain(
    desk: Desk, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent(desk)
    folder.rename(tmp_path / "elsewhere")

    assert verified(tmp_path) == 1
    assert f"There is no folder {folder} with the 1 attachments" in capsys.readouterr().out

    named = ["--attachments", str(tmp_path / "elsewhere")]
    assert main(["verify", "--data", str(tmp_path / "office"), *named]) == 0


def test_export_says_that_contents_are_not_in_it(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruth = desk.laptop("Ruth Aldous")
    visit = visit_of(ruth)
    letter(ruth, visit)
    out = ["--data", str(tmp_path / "office"), "--out", str(tmp_path / "out")]

    assert main(["export", visit_file(visit), *out]) == 0

    assert "The contents of its attachments are not among it (1 records" in capsys.readouterr().out
