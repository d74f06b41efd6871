"""Runs slow work off the interface thread and brings the result back into it.

Two lanes: `store` does all work on the database, one piece after another; `slow` does the rest.
Workers are plain functions that know nothing of Qt. Work in the slow lane may start work in the
store lane but must never wait for it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from enum import StrEnum
from typing import Any, TypeVar, overload

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")
P = TypeVar("P")
Failed = Callable[[BaseException], None]
_PAUSE_S = 0.1


class Lane(StrEnum):
    """Where work runs."""

    STORE = "store"
    SLOW = "slow"


class Job:
    """One piece of work under way; ends in exactly one call, of done or of failed."""

    def __init__(
        self,
        done: Callable[[Any], None],
        failed: Failed,
        progress: Callable[[Any], None] | None,
        cancel: threading.Event,
    ) -> None:
        self._done = done
        self._failed = failed
        self._progress = progress
        self._cancel = cancel
        self._future: Future[Any] | None = None
        self._unseen: deque[Any] = deque(maxlen=1)
        self._told_at = 0.0

    def cancel(self) -> None:
        """Ask the work to stop. Work that had not begun fails with CancelledError.

        Work under way stops where it looks at its event, and ends as it then says: what was
        already saved is reported as done.
        """
        self._cancel.set()
        if self._future is not None:
            self._future.cancel()

    def begin(self, future: Future[Any]) -> None:
        """Bind the job to its future; Background calls this once."""
        self._future = future

    def note(self, step: Any) -> bool:
        """Keep the newest progress; say whether it is time to show it. Runs in the worker."""
        self._unseen.append(step)
        now = time.monotonic()
        due = now - self._told_at >= _PAUSE_S
        if due:
            self._told_at = now
        return due

    def show_progress(self) -> None:
        """Hand the newest unseen progress to its callback."""
        if self._progress is not None and self._unseen:
            self._progress(self._unseen.popleft())

    def finish(self, future: Future[Any]) -> None:
        """Call done or failed."""
        self.show_progress()
        if future.cancelled():
            self._failed(CancelledError())
            return
        error = future.exception()
        if error is not None:
            self._failed(error)
        else:
            self._done(future.result())


class Background(QObject):
    """The two lanes. Lives in the interface thread, and calls all callbacks there."""

    # One queued signal to an object of the interface thread: signals of short-lived objects and
    # connections made after the start lose results.
    _arrived = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {
            Lane.STORE: ThreadPoolExecutor(1, thread_name_prefix="store"),
            Lane.SLOW: ThreadPoolExecutor(2, thread_name_prefix="slow"),
        }
        self._running: dict[Job, Future[Any]] = {}
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @overload
    def run(
        self,
        lane: Lane,
        fn: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed,
        *,
        cancel: threading.Event | None = None,
    ) -> Job: ...

    @overload
    def run(
        self,
        lane: Lane,
        fn: Callable[[Callable[[P], None]], T],
        done: Callable[[T], None],
        failed: Failed,
        *,
        progress: Callable[[P], None],
        cancel: threading.Event | None = None,
    ) -> Job: ...

    def run(
        self,
        lane: Lane,
        fn: Callable[..., Any],
        done: Callable[[Any], None],
        failed: Failed,
        *,
        progress: Callable[[Any], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Job:
        """Run fn in a lane; later call done(result) or failed(error) in the interface thread.

        With `progress`, fn is given a function to report with; at most ten reports a second are
        shown, the last one always. `cancel` is the event fn looks at; Job.cancel() sets it.
        RuntimeError after shutdown.
        """
        if self._closed:
            raise RuntimeError("no work is taken after shutdown")
        job = Job(done, failed, progress, cancel or threading.Event())
        arguments = () if progress is None else (self._reporter(job),)
        future = self._lanes[lane].submit(fn, *arguments)
        job.begin(future)
        self._running[job] = future
        future.add_done_callback(lambda finished: self._arrived.emit(job, finished))
        return job

    def _reporter(self, job: Job) -> Callable[[Any], None]:
        def report(step: Any) -> None:
            if job.note(step):
                self._arrived.emit(job, None)

        return report

    @Slot(object, object)
    def _deliver(self, job: Job, finished: Future[Any] | None) -> None:
        if self._closed:
            return
        if finished is None:
            job.show_progress()
            return
        self._running.pop(job, None)
        job.finish(finished)

    def shutdown(self, wait_s: float) -> bool:
        """Take no more work, ask all work to stop, wait at most that many seconds for it.

        No callback is called afterwards. Gives False if work was still running: its thread goes
        on to its end, and what it guards must not be closed under it.
        """
        self._closed = True
        futures = list(self._running.values())
        for job in self._running:
            job.cancel()
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        # A future that was cancelled before it began is never "done" to those who wait for it.
        begun = [future for future in futures if not future.cancelled()]
        unfinished = wait(begun, timeout=wait_s).not_done
        self._running.clear()
        return not unfinished
