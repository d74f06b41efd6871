"""Whatever a person, an office and a colleague do in any order: the store equals its journal."""

import dataclasses as dc
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hah_desktop.domain.changes import Change, Edit
from hah_desktop.domain.ids import ChangeId, FileId, LaptopId, RecordId
from hah_desktop.domain.records.base import Json
from hah_desktop.domain.records.visit import Visit
from hah_desktop.store.exchange import outbox
from hah_desktop.store.journal import drafts, reading
from hah_desktop.store.journal.drafts import Draft
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import NOTHING, Edited
from hah_desktop.store.store import Store
from hah_desktop.store.tables.meta import Identity
from tests.store.hand import HandClock, raw_key
from tests.store.sound import faults
from tests.sync.office import MemoryOffice

records = st.sampled_from([RecordId("v1"), RecordId("v2")])
names = st.sampled_from(["met_by", "impression", "exit_with"])
words = st.sampled_from(["", "Calm", "Loud – and cold", "Zoë"])


class Work(RuleBasedStateMachine):
    """One laptop, one office, one colleague."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.path = self.folder / "records.db"
        shutil.copyfile(self.folder / "empty.db", self.path)
        self.store = Store.open(self.path, raw_key, HandClock())
        self.store.keep_identity(Identity("00", laptop="laptop-one", adviser="ruth"))
        self.office = MemoryOffice(page=2)
        self.unsent = 0
        self.numbers = 0
        self.drafts: dict[str, Draft] = {}
        self.form = Held(Visit(id=RecordId("v1")), NOTHING, {})

    def teardown(self) -> None:
        self.store.close()
        for file in self.folder.glob("records.db*"):
            file.unlink()

    def held(self, record: RecordId) -> Held:
        with self.store.reading() as connection:
            found = reading.get(connection, record)
        return found or Held(Visit(id=record), NOTHING, {})

    def save(self, held: Held, name: str, text: str) -> None:
        changed = dc.replace(held.record, **{name: text})  # type: ignore[arg-type]  # a text of a visit
        saved = self.store.save(Edited(changed, held.seen)).records
        self.unsent += len(saved)
        self.drafts.pop(held.record.id, None)

    @rule(record=records)
    def open_a_form(self, record: RecordId) -> None:
        self.form = self.held(record)

    @rule(name=names, text=words)
    def save_the_form_that_was_opened_before(self, name: str, text: str) -> None:
        self.save(self.form, name, text)

    @rule(record=records, name=names, text=words)
    def save_what_is_shown(self, record: RecordId, name: str, text: str) -> None:
        self.save(self.held(record), name, text)

    @rule(record=records, text=words)
    def draft(self, record: RecordId, text: str) -> None:
        typed: dict[str, Json] = {"impression": text}
        draft = Draft(
            record, "visit", "", typed, self.held(record).seen, {"left_at": "16:"}, {"cursor": 3}
        )
        self.drafts[record] = draft
        with self.store.writing() as connection:
            drafts.keep(connection, draft)

    @rule(lost=st.booleans())
    def send(self, *, lost: bool) -> None:
        with self.store.writing() as connection:
            batch = outbox.unsent(connection, 3)
            if batch:
                _, receipts = self.office.push(LaptopId("laptop-one"), batch)
                self.unsent -= 0 if lost else outbox.take_receipts(connection, receipts)

    @rule()
    def fetch(self) -> None:
        with self.store.writing() as connection:
            cursors = outbox.cursors(connection)
            page, rows = self.office.pull(LaptopId("laptop-one"), cursors, [])
            assert outbox.take_page(connection, page, rows) == []

    @rule(record=records, name=names, text=words.filter(bool), seen=st.booleans())
    def a_colleague_writes(self, record: RecordId, name: str, text: str, *, seen: bool) -> None:
        self.numbers += 1
        known = (record, name) in self.office.journal.heads
        replaced = self.office.journal.heads_of(record, name) if seen and known else ()
        self.office.journal.keep(
            Change(
                ChangeId(f"colleagues-{self.numbers}"),
                LaptopId("laptop-two"),
                self.numbers,
                "",
                record,
                "visit",
                (FileId(f"visit:{record}"),),
                "sam",
                "2026-03-02T12:00:00+00:00",
                {name: Edit(text, replaced)},
            )
        )

    @rule()
    def close_and_open_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.path, raw_key, HandClock())

    @rule()
    def the_office_was_restored(self) -> None:
        with self.store.writing() as connection:
            outbox.start_again(connection, "epoch-2")
            self.unsent = outbox.unsent_count(connection)

    @invariant()
    def the_store_equals_its_journal(self) -> None:
        assert faults(self.store) == []

    @invariant()
    def what_is_unsent_is_counted(self) -> None:
        with self.store.reading() as connection:
            # What the office named as a head in a pull counts as received without a receipt.
            assert outbox.unsent_count(connection) <= self.unsent
            self.unsent = outbox.unsent_count(connection)

    @invariant()
    def every_draft_is_as_it_was_typed(self) -> None:
        with self.store.reading() as connection:
            for record in ("v1", "v2"):
                assert drafts.get(connection, record) == self.drafts.get(record)


@pytest.fixture
def machine(tmp_path: Path) -> type[Work]:
    Store.create(tmp_path / "empty.db", raw_key, HandClock()).close()

    class Here(Work):
        folder = tmp_path

    return Here


def test_the_store_equals_its_journal_after_any_work(machine: type[Work]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
