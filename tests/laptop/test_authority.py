"""Whom a laptop believes to be its office: kept from the day on which it was set up."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.authority import NOT_FOLLOWED, NoAuthority, read
from hah_desktop.laptop.first_look import REPORT
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.revoking import Sealed, Sent, state
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.store.tables import meta
from hah_desktop.sync.errors import Revoked, Unreachable, Untrusted
from hah_desktop.vault.kdf import FLOOR
from tests.central.authority import Authority
from tests.central.office import Office
from tests.faults.made import in_plain_english
from tests.faults.plain import real_now
from tests.laptop.conftest import PASSPHRASE, save_visit, silent
from tests.laptop.syncing import sync_now

Write = Callable[[str], Path]

OURS, ANOTHER = Authority("The office’s"), Authority("Another")


@dataclass
class Secured:
    """An office with an authority of its own, and the folder of the certificate that it shows."""

    office: Office
    folder: Path

    def certify(self, authority: Authority = OURS, more: str = "") -> None:
        """Show a certificate of this authority from now on."""
        certificate, _ = authority.certify(self.folder)
        certificate.write_text(certificate.read_text() + more)
        self.office.stop()
        self.office.start()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    certificate, key = OURS.certify(folder)
    with Office.running(data=folder / "office", certificate=certificate, key=key) as office:
        office.make_keys()
        yield Secured(office, folder)


@pytest.fixture
def secured(started: Secured) -> Iterator[Secured]:
    before = {path: path.read_bytes() for path in started.folder.glob("*.pem")}
    yield started
    if before != {path: path.read_bytes() for path in before}:
        for path, content in before.items():
            path.write_bytes(content)
        started.office.stop()
        started.office.start()


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Write the file that a start of the program names."""

    def write(certificates: str) -> Path:
        path = tmp_path / "authority.pem"
        path.write_text(certificates)
        return path

    return write


@pytest.fixture
def laptop(tmp_path: Path, file: Write) -> Laptop:
    """A laptop that is started with the file of the office's own authority."""
    return Laptop(tmp_path / "laptop", real_now, file(OURS.certificate), cost=FLOOR)


@contextmanager
def opened(laptop: Laptop) -> Iterator[Unlocked]:
    unlocked = laptop.unlock(PASSPHRASE)
    try:
        yield unlocked
    finally:
        unlocked.lock()


def set_up(laptop: Laptop, office: Office, numbers: Iterator[int]) -> None:
    code = office.enrol(f"Adviser {next(numbers)}")
    laptop.set_up(office.url, code, PASSPHRASE, silent).lock()


def problem(laptop: Laptop) -> KnownError | None:
    """What stops a sync of this laptop."""
    with opened(laptop) as unlocked:
        return sync_now(laptop, unlocked).problem


def kept(laptop: Laptop) -> str | None:
    with opened(laptop) as unlocked:
        return unlocked.who.authority


def as_an_older_version_left_it(laptop: Laptop) -> None:
    with opened(laptop) as unlocked, unlocked.store.writing() as connection:
        known = asdict(unlocked.who)
        del known["authority"]
        meta.write(connection, "identity", known)


# Set up under an authority of the office's own


def test_the_authority_is_kept_from_setting_up_on_and_no_start_has_to_name_it(
    laptop: Laptop, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    later = replace(laptop, certificate=None)
    assert problem(later) is None
    assert kept(later) == OURS.certificate


def test_another_authority_that_a_start_names_is_told_and_not_followed(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    with opened(laptop) as unlocked:
        assert unlocked.note == ""
    file(OURS.certificate + ANOTHER.certificate)
    with opened(laptop) as unlocked:
        assert unlocked.note == NOT_FOLLOWED
        assert sync_now(laptop, unlocked).problem is None
    secured.certify(ANOTHER)
    assert isinstance(problem(laptop), Untrusted)
    assert kept(laptop) == OURS.certificate


def test_a_file_that_is_gone_keeps_nobody_from_work_once_the_authority_is_kept(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    file("").unlink()
    with opened(laptop) as unlocked:
        assert unlocked.note == ""
        assert sync_now(laptop, unlocked).problem is None


def test_an_office_of_another_authority_gets_neither_code_nor_words(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    file(ANOTHER.certificate)
    code = secured.office.enrol(f"Adviser {next(numbers)}")
    with pytest.raises(Untrusted, match=r"cannot prove that it is the office") as fault:
        laptop.set_up(secured.office.url, code, PASSPHRASE, silent)
    assert in_plain_english(fault.value)
    assert "by itself" not in str(fault.value)
    assert "start the program with its file" in str(fault.value)
    assert not laptop.folder.exists()
    file(OURS.certificate)
    laptop.set_up(secured.office.url, code, PASSPHRASE, silent).lock()


# An office that changes its authority


def test_the_office_moves_to_a_spare_authority_that_its_laptops_were_given(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    file(f"Ours, and the spare one:\n{ANOTHER.certificate}\n{OURS.certificate}")
    set_up(laptop, secured.office, numbers)
    secured.certify(ANOTHER)
    assert problem(replace(laptop, certificate=None)) is None


def test_the_office_moves_to_an_authority_that_the_old_one_vouches_for(
    laptop: Laptop, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    secured.certify(ANOTHER, more=OURS.vouches_for(ANOTHER))
    assert problem(laptop) is None
    newer = replace(laptop, folder=laptop.folder.with_name("newer"))
    newer.certificate.write_text(ANOTHER.certificate)  # type: ignore[union-attr]  # one is named
    set_up(newer, secured.office, numbers)
    assert problem(newer) is None


# Set up under the public authorities


def test_a_laptop_of_an_office_without_one_of_its_own_is_given_none_by_a_later_start(
    laptop: Laptop, secured: Secured, served: Office, numbers: Iterator[int]
) -> None:
    set_up(replace(laptop, certificate=None), served, numbers)
    with opened(laptop) as unlocked:
        assert unlocked.who.authority == ""
        assert unlocked.note == NOT_FOLLOWED
        # Whoever stands where its office stood, with a certificate of the authority that is named.
        unlocked.store.keep_identity(replace(unlocked.who, office_url=secured.office.url))
    assert isinstance(problem(laptop), Untrusted)
    assert kept(laptop) == ""


# Set up by a version that did not keep it


def test_an_older_laptop_keeps_the_authority_of_its_next_sync_that_goes_well(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    as_an_older_version_left_it(laptop)
    file(ANOTHER.certificate)
    assert isinstance(problem(laptop), Untrusted)
    assert kept(laptop) is None
    file(OURS.certificate)
    assert problem(laptop) is None
    assert kept(laptop) == OURS.certificate
    file(ANOTHER.certificate)
    assert problem(laptop) is None


def test_an_older_laptop_keeps_the_public_authorities_where_its_start_names_none(
    laptop: Laptop, served: Office, numbers: Iterator[int]
) -> None:
    public = replace(laptop, certificate=None)
    set_up(public, served, numbers)
    as_an_older_version_left_it(public)
    assert problem(public) is None
    assert kept(laptop) == ""


def test_an_older_laptop_believes_nobody_where_the_file_cannot_be_read(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    as_an_older_version_left_it(laptop)
    file("").unlink()
    with pytest.raises(NoAuthority):
        problem(laptop)
    assert kept(laptop) is None


# Ended by the office


def ended(laptop: Laptop, office: Office) -> None:
    """Let the office end its access, and the laptop seal what it has not sent, with no line."""
    with opened(laptop) as unlocked:
        save_visit(unlocked, "What the food is like")
        office.revoke(unlocked.who.laptop)
        order = sync_now(laptop, unlocked).problem
        assert isinstance(order, Revoked)
        laptop.revoke(unlocked, order, silent)


def test_what_a_laptop_that_was_ended_sealed_goes_to_its_own_office_alone(
    laptop: Laptop, file: Write, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    ended(laptop, secured.office)
    file(ANOTHER.certificate)
    secured.certify(ANOTHER)
    with pytest.raises(Untrusted) as fault:
        laptop.send_revoked(silent)
    assert fault.value.kept == "What was sealed for the office is still on this laptop."
    assert "by itself" not in str(fault.value)
    assert isinstance(state(laptop.folder), Sealed)
    secured.certify(OURS)
    laptop.send_revoked(silent)
    assert isinstance(state(laptop.folder), Sent)


def test_what_an_older_version_sealed_goes_to_the_office_that_the_start_names(
    laptop: Laptop, secured: Secured, numbers: Iterator[int]
) -> None:
    set_up(laptop, secured.office, numbers)
    ended(laptop, secured.office)
    report = laptop.folder / REPORT
    plain = json.loads(report.read_bytes())
    del plain["authority"]
    report.write_text(json.dumps(plain))
    with pytest.raises(Unreachable):
        replace(laptop, certificate=None).send_revoked(silent)
    laptop.send_revoked(silent)
    assert isinstance(state(laptop.folder), Sent)


# The file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("", "holds none"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds none"),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "is damaged"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is damaged"),
        ("-----BEGIN CERTIFICATE-----\né\n-----END CERTIFICATE-----\n", "is damaged"),
    ],
)
def test_a_file_that_names_no_authority_is_refused_before_anybody_is_asked(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    laptop = Laptop(tmp_path / "laptop", real_now, path, cost=FLOOR)
    with pytest.raises(NoAuthority, match=said) as fault:
        laptop.set_up("https://office.invalid", "ABC", PASSPHRASE, silent)
    assert in_plain_english(fault.value)
    assert not laptop.folder.exists()


def test_only_certificates_are_kept_of_a_file_each_once_and_in_one_order(tmp_path: Path) -> None:
    path = tmp_path / "authority.pem"
    secret = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    path.write_text(secret + OURS.certificate + ANOTHER.certificate)
    one = read(path)
    windows = (ANOTHER.certificate + OURS.certificate * 2).replace("\n", "\r\n")
    path.write_bytes(windows.encode())
    assert one == read(path)
    assert one.count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE" not in one
