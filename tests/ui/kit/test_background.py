"""Work off the interface thread: every result comes back, once, in order, on the right thread."""

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from hah_desktop.ui import background as background_module
from hah_desktop.ui.background import Background, Job, Lane

PATIENCE_S = 120.0
"""Only a test that fails waits so long."""


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    assert qtbot is not None
    made = Background()
    yield made
    assert made.shutdown(PATIENCE_S)


def unexpected(error: BaseException) -> None:
    raise error


def test_two_hundred_pieces_of_store_work_come_back_in_order(
    qtbot: QtBot, background: Background
) -> None:
    came: list[int] = []
    for number in range(200):
        background.run(Lane.STORE, lambda n=number: n, came.append, unexpected)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(came) == 200)
    assert came == list(range(200))


def test_two_hundred_pieces_of_slow_work_all_come_back(
    qtbot: QtBot, background: Background
) -> None:
    came: set[int] = set()
    for number in range(200):
        background.run(Lane.SLOW, lambda n=number: n, came.add, unexpected)  # type: ignore[misc]
    qtbot.waitUntil(lambda: came == set(range(200)))


def test_results_arrive_in_the_interface_thread_and_work_runs_outside_it(
    qtbot: QtBot, background: Background
) -> None:
    threads: list[threading.Thread] = []

    def done(worker: threading.Thread) -> None:
        threads.extend([worker, threading.current_thread()])

    background.run(Lane.STORE, threading.current_thread, done, unexpected)
    qtbot.waitUntil(lambda: len(threads) == 2)
    worker, arrival = threads
    assert worker is not threading.main_thread()
    assert arrival is threading.main_thread()


def test_store_work_never_runs_two_at_a_time(qtbot: QtBot, background: Background) -> None:
    threads: list[int] = []
    for _ in range(50):
        background.run(Lane.STORE, threading.get_ident, threads.append, unexpected)
    qtbot.waitUntil(lambda: len(threads) == 50)
    assert len(set(threads)) == 1


def test_an_error_comes_back_as_itself(qtbot: QtBot, background: Background) -> None:
    errors: list[BaseException] = []

    def break_down() -> None:
        raise ValueError("the disk is full")

    background.run(Lane.STORE, break_down, lambda _none: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ValueError)
    assert str(errors[0]) == "the disk is full"


def test_work_that_ended_before_run_returned_is_still_reported(
    qtbot: QtBot, background: Background
) -> None:
    ended = threading.Event()
    came: list[str] = []

    def work() -> str:
        ended.set()
        return "done"

    background.run(Lane.STORE, work, came.append, unexpected)
    assert ended.wait(PATIENCE_S)
    assert came == []
    qtbot.waitUntil(lambda: came == ["done"])


def test_the_last_progress_is_always_shown_before_the_result(
    qtbot: QtBot, background: Background
) -> None:
    seen: list[object] = []
    said = threading.Event()

    def work(report: object) -> str:
        assert callable(report)
        for step in range(1000):
            report(step)
        said.set()
        return "done"

    background.run(Lane.SLOW, work, seen.append, unexpected, progress=seen.append)
    # Until all is said the interface does something else: of what it missed it hears the last.
    assert said.wait(PATIENCE_S)
    qtbot.waitUntil(lambda: "done" in seen)
    assert seen == [999, "done"]


def test_an_interface_with_time_is_told_of_ten_steps_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = (1 + step / 32 for step in range(32))
    monkeypatch.setattr(background_module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    job = Job(print, unexpected, print, threading.Event())
    assert [job.note(step) for step in range(32)] == [step % 4 == 0 for step in range(32)]


def test_cancelled_work_that_had_not_begun_says_so(qtbot: QtBot, background: Background) -> None:
    go_on = threading.Event()
    ends: list[object] = []
    background.run(Lane.STORE, lambda: go_on.wait(PATIENCE_S), ends.append, unexpected)
    waiting = background.run(Lane.STORE, lambda: "never", ends.append, ends.append)
    waiting.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert any(isinstance(end, CancelledError) for end in ends)
    assert "never" not in ends


def test_cancelled_work_under_way_ends_as_it_says(qtbot: QtBot, background: Background) -> None:
    stop, begun = threading.Event(), threading.Event()
    ends: list[str] = []

    def work() -> str:
        begun.set()
        stop.wait(PATIENCE_S)
        return "stopped after 3 of 7"

    job = background.run(Lane.SLOW, work, ends.append, unexpected, cancel=stop)
    assert begun.wait(PATIENCE_S)
    job.cancel()
    qtbot.waitUntil(lambda: ends == ["stopped after 3 of 7"])


def test_shutdown_stops_what_runs_and_calls_nobody(qtbot: QtBot) -> None:
    background, stop, begun = Background(), threading.Event(), threading.Event()
    ends: list[object] = []

    def work() -> bool:
        begun.set()
        return stop.wait(PATIENCE_S)

    background.run(Lane.SLOW, work, ends.append, ends.append, cancel=stop)
    background.run(Lane.STORE, lambda: None, ends.append, ends.append)
    assert begun.wait(PATIENCE_S)
    assert background.shutdown(PATIENCE_S)
    qtbot.wait(20)
    assert ends == []


def test_work_that_had_not_begun_does_not_hold_shutdown_up(qtbot: QtBot) -> None:
    assert qtbot is not None
    background = Background()
    go_on = threading.Event()
    first = background.run(Lane.STORE, go_on.wait, lambda _done: None, lambda _fault: None)
    waiting = background.run(Lane.STORE, lambda: None, lambda _done: None, lambda _fault: None)
    waiting.cancel()
    go_on.set()
    assert background.shutdown(PATIENCE_S)
    assert first is not waiting


def test_no_work_is_taken_after_shutdown() -> None:
    background = Background()
    background.shutdown(PATIENCE_S)
    with pytest.raises(RuntimeError):
        background.run(Lane.STORE, lambda: None, lambda _none: None, unexpected)


def test_shutdown_does_not_wait_for_ever() -> None:
    background, go_on, begun = Background(), threading.Event(), threading.Event()

    def deaf() -> None:
        begun.set()
        go_on.wait(PATIENCE_S)

    background.run(Lane.SLOW, deaf, lambda _none: None, unexpected)
    assert begun.wait(PATIENCE_S)
    assert not background.shutdown(0.05)
    go_on.set()
