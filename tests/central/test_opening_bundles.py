"""What was handed over is opened at the desk alone, taken in once, and written over nothing."""

import hashlib
import re
import resource
import signal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hah_central.attachments import bundles
from hah_central.cli import main
from hah_central.commands.common import PASSPHRASE_VARIABLE
from hah_central.people import audit
from hah_central.people.people import Asker
from hah_central.proof.verify import verify
from hah_central.sticks import by_hand
from hah_desktop.domain.changes import canonical
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.ids import visit_file
from hah_desktop.domain.records.base import Json
from hah_desktop.seals.bundle import Kind, Part
from hah_desktop.seals.sealing import OfficeSecrets
from tests.central.bureau import DRAFT, LETTER, Bureau, changes, handed, letter, sealed_by
from tests.central.conftest import Desk
from tests.central.laptop import new_id, verdicts
from tests.central.trust import PASSPHRASE


@pytest.fixture
def bureau(
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


def test_the_office_takes_in_what_it_held_and_says_so(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="Never sent")
    theirs = laptop.change(new_id(), "visit", [visit_file(new_id())], {"impression": "x"})
    data = bureau.sealed(laptop, changes(first, theirs), DRAFT, letter())
    digest = bureau.send(laptop, data)
    out = tmp_path / "out"
    assert bureau.open(digest[:12], out) == 0
    said = capsys.readouterr().out
    assert "Laptop of the test of Ruth Aldous" in said
    assert "Changes: 2. Taken into the records: 1 applied, 1 set aside." in said
    assert "Drafts: 1. Files: 1." in said
    assert sorted(path.name for path in out.iterdir()) == ["0123456789abcdef", "draft-0001.json"]
    assert (out / "0123456789abcdef").read_bytes() == LETTER
    for path in (*out.iterdir(), out):
        assert path.stat().st_mode & 0o077 == 0
    assert bureau.journal() == [("applied", 1), ("set_aside", 2)]
    with bureau.database.reading() as connection:
        [line] = bundles.lines(connection)
        done = [(entry.who, entry.what, entry.laptop) for entry in audit.entries(connection)]
    assert line.opened is not None
    assert ("Ada", "opened a bundle", laptop.enrolled.laptop) in done


def test_a_bundle_on_a_stick_is_taken_in_as_well(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    stick = tmp_path / "for the office.sealed"
    stick.write_bytes(bureau.sealed(laptop, changes(change)))
    assert bureau.open(str(stick), tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "Changes: 1. Taken into the records: 1 applied." in said
    assert "It held no drafts and no files." in said
    assert bureau.journal() == [("applied", 1)]
    # The laptop reaches the office after all.
    assert bureau.send(laptop, stick.read_bytes())
    with bureau.database.reading() as connection:
        assert len(bundles.lines(connection)) == 1


def test_the_same_changes_on_a_stick_and_in_a_bundle_are_proved_by_both(
    bureau: Bureau, tmp_path: Path
) -> None:
    ada, ben = bureau.laptop(revoked=False), bureau.laptop("Ben Example", revoked=False)
    part = changes(ada.visit(new_id(), advisers=[ada.adviser], impression="Never sent"))
    hand, data = handed(ada.key, ada.enrolled.laptop, part), bureau.sealed(ada, part)
    with bureau.database.writing() as connection:
        giver = Asker(ben.enrolled.laptop, ben.adviser, "")
        assert by_hand.keep(connection, giver, hand, bureau.desk.clock()) == 1
    assert bureau.open(bureau.send(ada, data), tmp_path / "out") == 0
    assert bureau.journal() == [("applied", 1)]
    with bureau.database.reading() as connection:
        assert verify(connection).faults == []


def test_what_came_before_is_not_taken_twice(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop(revoked=False)
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="Sent before")
    second = laptop.visit(visit, [first.id], impression="Never sent")
    laptop.sign_in()
    laptop.push(first)
    data = bureau.sealed(laptop, changes(first, second), DRAFT)
    digest = bureau.send(laptop, data)
    assert bureau.open(digest, tmp_path / "out") == 0
    assert "Changes: 2. Taken into the records: 1 applied, 1 known before." in (
        capsys.readouterr().out
    )
    assert bureau.open(digest, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "It was opened before" in said
    assert "Taken into the records: 2 known before." in said
    assert verdicts(laptop.push(first, second)) == [Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert bureau.journal() == [("applied", 1), ("applied", 2)]


def test_many_changes_are_taken_in_batch_by_batch(bureau: Bureau, tmp_path: Path) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    many = [laptop.visit(visit, advisers=[laptop.adviser], impression="0")]
    for number in range(1, 2_050):
        many.append(laptop.visit(visit, [many[-1].id], impression=str(number)))
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(*many)))
    assert bureau.open(digest, tmp_path / "out") == 0
    assert bureau.journal() == [("applied", number) for number in range(1, 2_051)]


def test_nothing_is_written_over(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(change), letter()))
    out = tmp_path / "out"
    out.mkdir()
    for other in (b"somebody's own", bytes(len(LETTER))):
        (out / "0123456789abcdef").write_bytes(other)
        assert bureau.open(digest, out) == 1
        assert "Nothing was taken in" in capsys.readouterr().err
        assert (out / "0123456789abcdef").read_bytes() == other
    (out / "0123456789abcdef").unlink()
    (out / "0123456789abcdef").symlink_to(tmp_path / "elsewhere")
    assert bureau.open(digest, out) == 1
    assert not (tmp_path / "elsewhere").exists()
    assert bureau.journal() == []


def test_a_disk_that_is_full_keeps_what_was_written_and_goes_on_later(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    stick = tmp_path / "stick.sealed"
    out = tmp_path / "out"
    keep = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As large as the database may get meanwhile, and smaller than the letter.
    large = Part("large", Kind.FILE, [bytes(5 << 20)])
    stick.write_bytes(bureau.sealed(laptop, DRAFT, large))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, limits[1]))
    try:
        assert bureau.open(str(stick), out) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, keep)
    assert "run this again" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["draft-0001.json"]
    assert bureau.open(str(stick), out) == 0
    assert "It held no changes." in capsys.readouterr().out
    assert (out / "large").stat().st_size == 5 << 20


def test_a_bundle_of_a_laptop_that_is_not_known_here_says_so(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stick, stranger = tmp_path / "stick", Ed25519PrivateKey.generate()
    stick.write_bytes(sealed_by(stranger, "a-laptop-of-another-office", letter()))

    assert bureau.open(str(stick), tmp_path / "out") == 1

    said = capsys.readouterr().err
    assert "At this office there is no laptop a-laptop-of-another-office" in said
    assert "Nothing was taken in, and the sealed file was left as it is. Keep the file." in said
    assert not (tmp_path / "out").exists()


def test_bundles_are_kept_where_somebody_said(bureau: Bureau, tmp_path: Path) -> None:
    named = bundles.folder_of(bureau.database, tmp_path / "elsewhere")
    assert named == tmp_path / "elsewhere"


def test_changes_that_do_not_follow_are_written_out_with_the_reason(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    visit = new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="The office lost this")
    second = laptop.visit(visit, [first.id], impression="Never sent")
    digest = bureau.send(laptop, bureau.sealed(laptop, changes(second), DRAFT))
    out = tmp_path / "out"
    assert bureau.open(digest, out) == 0
    assert "were not taken into the records: Changes before this one" in capsys.readouterr().out
    assert (out / "changes").read_bytes() == canonical(second) + b"\n"
    assert (out / "draft-0001.json").exists()
    assert bureau.journal() == []
    with bureau.database.reading() as connection:
        assert [line.opened for line in bundles.lines(connection)] == [None]


@pytest.mark.parametrize("line", [b"{", b"[]", b"[" * 50_000])
def test_changes_that_cannot_be_read_are_written_out(
    bureau: Bureau, tmp_path: Path, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    part = Part("changes", Kind.CHANGES, [canonical(change), b"\n", line])
    digest = bureau.send(laptop, bureau.sealed(laptop, part))
    assert bureau.open(digest, tmp_path / "out") == 0
    assert "A line of its changes cannot be read." in capsys.readouterr().out
    assert bureau.journal() == []


def test_a_bundle_that_is_not_ours_or_was_changed_is_refused(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    stranger = Ed25519PrivateKey.generate()
    other = OfficeSecrets.generate().public.recovery
    good = bureau.sealed(laptop, letter())
    for number, data in enumerate(
        [
            sealed_by(stranger, laptop.enrolled.laptop, letter()),
            bureau.sealed(laptop, letter(), to=other),
            good[:-1],
            good[:-1] + b"!",
        ]
    ):
        stick = tmp_path / f"stick{number}"
        stick.write_bytes(data)
        assert bureau.open(str(stick), tmp_path / "out") == 1
        assert re.search("damaged, changed|not signed by whom", capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_the_bundles_are_listed(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    assert bureau.run("bundle") == 0
    said = capsys.readouterr().out
    assert digest[:16] in said
    assert laptop.enrolled.laptop in said
    assert "opened: not yet" in said


@pytest.mark.parametrize("name", ["nothing", "0123", "%%%%%%%%", "abcdef012345"])
def test_a_bundle_that_is_not_there_is_said(
    bureau: Bureau, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bureau.open(name, tmp_path / "out") == 1
    assert "no single bundle" in capsys.readouterr().err


def test_opening_needs_keys(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    assert bureau.run("bundle", "abcdef") == 1
    assert "Add --keys FOLDER." in capsys.readouterr().err


def test_a_stick_needs_no_folder_where_nothing_is_written_out(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop, visit = bureau.laptop(), new_id()
    first = laptop.visit(visit, advisers=[laptop.adviser], impression="Never sent")
    named: dict[str, Json] = {
        "visit": visit,
        "hash": hashlib.sha256(LETTER).hexdigest(),
        "size": len(LETTER),
        "content": "0" * 32,
    }
    about = laptop.change(new_id(), "attachment", [visit_file(visit)], named)
    stick = tmp_path / "for the office.sealed"
    stick.write_bytes(bureau.sealed(laptop, changes(first, about), letter()))
    assert bureau.open(str(stick)) == 0
    said = capsys.readouterr()
    assert "Changes: 2. Taken into the records: 2 applied." in said.out
    assert "Files kept with the records that name them: 1." in said.out
    assert not said.err


def test_what_has_no_place_stays_in_the_bundle_until_a_folder_is_named(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    change = laptop.visit(new_id(), advisers=[laptop.adviser], impression="Never sent")
    stick = tmp_path / "for the office.sealed"
    stick.write_bytes(bureau.sealed(laptop, changes(change), DRAFT, letter()))
    assert bureau.open(str(stick)) == 1
    said = capsys.readouterr()
    assert "Drafts: 1. Files: 1. Not written out." in said.out
    assert "2 parts of it have no place here" in said.err
    assert "Run this again with --out FOLDER" in said.err
    assert bureau.journal() == [("applied", 1)]
    assert bureau.open(str(stick), tmp_path / "out") == 0
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert bureau.journal() == [("applied", 1)]


def test_the_help_speaks_of_the_stick(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["bundle", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "stick" in capsys.readouterr().out


def test_a_bundle_whose_file_is_gone_is_said(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    (bureau.folder / f"{digest}.bundle").unlink()
    assert bureau.open(digest, tmp_path / "out") == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_said(
    bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = bureau.laptop()
    digest = bureau.send(laptop, bureau.sealed(laptop, letter()))
    (tmp_path / "out").write_bytes(b"a file")
    assert bureau.open(digest, tmp_path / "out") == 1
    assert "cannot be written" in capsys.readouterr().err
