"""What the service counts of itself, in the text form that Prometheus reads. No name of anybody."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hah_central.office.standing import Standing

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_UNKNOWN = "unknown"


class Metrics:
    """Counts requests by address and status, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = Counter[tuple[str, str, int]]()
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(BUCKETS))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._count = Counter[str]()

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[route, method, status] += 1
            self._seconds[route] += seconds
            self._count[route] += 1
            for place, most in enumerate(BUCKETS):
                self._buckets[route][place] += seconds <= most

    def text(self, standing: Standing) -> str:
        """Everything, as it is read."""
        with self._lock:
            return "\n".join((*self._counted(), *_figures(standing))) + "\n"

    def _counted(self) -> Iterator[str]:
        yield "# TYPE hah_requests_total counter"
        for (route, method, status), many in sorted(self._requests.items()):
            labels = f'route="{route}",method="{method}",status="{status}"'
            yield f"hah_requests_total{{{labels}}} {many}"
        yield "# TYPE hah_request_seconds histogram"
        for route, many in sorted(self._count.items()):
            for most, below in zip(BUCKETS, self._buckets[route], strict=True):
                yield f'hah_request_seconds_bucket{{route="{route}",le="{most}"}} {below}'
            yield f'hah_request_seconds_bucket{{route="{route}",le="+Inf"}} {many}'
            yield f'hah_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'hah_request_seconds_count{{route="{route}"}} {many}'


def _figures(standing: Standing) -> Iterator[str]:
    working = [line for line in standing.laptops if line.revoked is None]
    for name, value in (
        ("hah_journal_seq", standing.seq),
        ("hah_pushes", standing.batches),
        ("hah_conflicts_open", standing.conflicts),
        ("hah_set_aside", standing.verdicts["set_aside"]),
        ("hah_waiting_changes", standing.waiting),
        ("hah_waiting_attachments", standing.attachments),
        ("hah_laptops", len(working)),
        ("hah_laptops_overdue", len(standing.overdue)),
    ):
        yield f"# TYPE {name} gauge"
        yield f"{name} {value}"
    if standing.backup is not None:
        yield "# TYPE hah_backup_age_seconds gauge"
        yield f"hah_backup_age_seconds {(standing.now - standing.backup).total_seconds():.0f}"
    yield "# TYPE hah_changes gauge"
    for verdict, many in sorted(standing.verdicts.items()):
        yield f'hah_changes{{verdict="{verdict}"}} {many}'


class Measure:
    """Counts each request on its way through, by the address as it is written in the routes."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = time.perf_counter() - started
            # Another method is whatever somebody typed: it must not make a line of its own.
            known = "endpoint" in scope and status != 405  # noqa: PLR2004 - HTTP
            method = scope["method"] if known else _UNKNOWN
            self._metrics.note(_route(scope) if known else _UNKNOWN, method, status, took)


def _route(scope: Scope) -> str:
    parts = scope["path"].split("/")
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in parts)
