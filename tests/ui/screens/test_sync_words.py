"""What is said about syncs: three words for three things, and plain sentences for the rest."""

import datetime as dt

import pytest

from hah_desktop.domain.ids import RecordId
from hah_desktop.domain.records.child import Conversation, Permission, Statement
from hah_desktop.domain.records.visit import Action
from hah_desktop.resources import code_list
from hah_desktop.store.exchange.outbox import SyncRun
from hah_desktop.store.exchange.waiting import NOTHING_DUE, Due
from hah_desktop.sync.steps import Doing, Progress
from hah_desktop.ui.parts.sync_words import in_few, in_full, in_short, progress_of, state_of, whole
from hah_desktop.ui.parts.words import called_by, record_name
from tests.store.hand import NOON

AT_NOON = NOON.isoformat()
ALL_THREE = (
    "1 change and 4 files only on this laptop; "
    "2 changes from a colleague’s stick not yet received by the office; "
    "3 changes set aside by the office"
)


def test_a_conversation_is_named_once() -> None:
    talk = Conversation(id=RecordId("talk"), visit="visit", started=dt.time(17, 8))
    assert record_name(talk, code_list) == "Conversation at 17:08"
    statement = Statement(id=RecordId("said"), visit="visit", text="Just look in.")
    assert record_name(statement, code_list) == "Statement: Just look in."


def test_a_conversation_is_named_by_the_child_and_a_permission_in_words() -> None:
    talk = Conversation(id=RecordId("talk"), visit="visit", child="kai", started=dt.time(17, 8))
    assert called_by(talk) == "kai"
    assert record_name(talk, code_list, "Kai M.") == "Conversation with Kai M. at 17:08"
    given = Permission(id=RecordId("given"), visit="visit", reader="place", answer="ANON")
    words = "Permission: The place. You can tell them, but not my name"
    assert record_name(given, code_list) == words


def test_the_first_words_of_a_long_statement_end_with_a_word() -> None:
    said = "I like my key worker, she listens. But at night it’s really loud and nobody comes."
    statement = Statement(id=RecordId("said"), visit="visit", text=said)
    words = "Statement: I like my key worker, she listens. But at night it’s …"
    assert record_name(statement, code_list) == words
    what = "Ask the manager for the call bell log of the last four weeks"
    action = Action(id=RecordId("todo"), visit="visit", what=what)
    assert record_name(action, code_list) == f"Action: {what}"


def test_saved_received_and_seen_are_three_words() -> None:
    assert state_of(Due(2)) == "Saved on this laptop"
    assert state_of(NOTHING_DUE) == "Received by the office"
    seen = state_of(NOTHING_DUE, ("Seen by Ruth Amadi today 14:05",))
    assert seen == "Received by the office · Seen by Ruth Amadi today 14:05"


def test_what_the_office_never_heard_or_does_not_use_is_not_called_received() -> None:
    by_hand = "From a colleague’s stick; not yet received by the office"
    assert state_of(Due(by_hand=1, aside=1), ("Seen by Ruth",)) == by_hand
    assert state_of(Due(own=1, by_hand=1)) == "Saved on this laptop"
    assert state_of(Due(aside=2), ("Seen by Ruth",)) == "2 changes set aside by the office"


def test_everything_together_is_counted_or_received_at_a_time() -> None:
    assert whole(Due(1), 0, AT_NOON, NOON) == "1 change only on this laptop"
    assert whole(Due(3000), 0, "", NOON) == "3,000 changes only on this laptop"
    assert whole(NOTHING_DUE, 1, AT_NOON, NOON) == "1 file only on this laptop"
    assert whole(Due(2), 3, AT_NOON, NOON) == "2 changes and 3 files only on this laptop"
    assert whole(NOTHING_DUE, 0, AT_NOON, NOON) == "All received by the office 12:00"
    later = NOON + dt.timedelta(days=1)
    assert whole(NOTHING_DUE, 0, AT_NOON, later) == "All received by the office yesterday 12:00"
    assert whole(NOTHING_DUE, 0, "", NOON) == "Nothing is only on this laptop"


@pytest.mark.parametrize(
    ("due", "files", "said", "short"),
    [
        (
            Due(by_hand=1),
            0,
            "1 change from a colleague’s stick not yet received by the office",
            "1 not received",
        ),
        (Due(aside=2), 0, "2 changes set aside by the office", "2 set aside"),
        (
            Due(1, 2, 3),
            4,
            ALL_THREE,
            "5 only here",
        ),
        (NOTHING_DUE, 0, "All received by the office 12:00", "All received"),
    ],
)
def test_all_is_said_that_the_office_does_not_have_or_use(
    due: Due, files: int, said: str, short: str
) -> None:
    assert whole(due, files, AT_NOON, NOON) == said
    assert in_few(due, files) == short


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Progress(), (0, 0, "Asking whether the office is there")),
        (Progress(40, 0, Doing.SENDING, 230), (40, 230, "Sending 40 of 230 changes")),
        (Progress(0, 0, Doing.SENDING), (0, 0, "Sending")),
        (Progress(1, 9, Doing.FETCHING, 1), (0, 0, "Fetching what is new: 9 records so far")),
        (Progress(1, 9, Doing.COMPARING, 1), (0, 0, "Comparing what both sides hold")),
    ],
)
def test_a_bar_only_shows_where_the_total_is_known(
    now: Progress, said: tuple[int, int, str]
) -> None:
    assert progress_of(now) == said


@pytest.mark.parametrize(
    ("seconds", "took"),
    [(0, "Less than a second"), (1, "1 second"), (60, "1 minute"), (150, "2 minutes 30 seconds")],
)
def test_how_long_a_sync_took_is_said_in_words(seconds: int, took: str) -> None:
    ended = (NOON + dt.timedelta(seconds=seconds)).isoformat()
    run = SyncRun(AT_NOON, ended, 0, 0)
    assert ("Took", took) in in_full(run, NOON)
    assert in_short(run) == "All went well; there was nothing new"


def test_a_sync_of_which_little_is_known_says_no_more() -> None:
    run = SyncRun("?", "?", 0, 0, "The office cannot be reached.")
    assert dict(in_full(run, NOON))["Took"] == "Not known"
    assert dict(in_full(run, NOON))["Both sides hold the same"] == "Not compared"
    assert in_short(run) == "The office cannot be reached."


def test_a_difference_between_both_sides_is_never_hidden() -> None:
    run = SyncRun(AT_NOON, AT_NOON, 1, 1, "They differ.", 1, 1, agrees=False, sent_bytes=2_000_000)
    said = dict(in_full(run, NOON))
    assert said["Both sides hold the same"] == "No. Compared were 1 record in 1 file"
    assert said["Sent"] == "1 change, 2.0 MB"
