"""How answers travel: packed as whoever asked takes it, if they are large enough to gain by it."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.gzip import IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from hah_desktop.sync.wire import packing

_SMALLEST = 500
"""Bytes: below it packing gains nothing."""
_LARGE = 128 * 1024
"""Bytes: from there on it is packed in a thread, so that nobody else waits for it."""


class Packed:
    """Packs what is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, packed in the best way that it takes."""
        app = self._app
        if scope["type"] == "http":
            how = packing.best(Headers(scope=scope).get("Accept-Encoding", ""))
            app = IdentityResponder(app, _SMALLEST) if how == packing.PLAIN else _Packing(app, how)
        await app(scope, receive, send)


class _Packing(IdentityResponder):
    """One answer, packed piece by piece."""

    def __init__(self, app: ASGIApp, how: str) -> None:
        super().__init__(app, _SMALLEST)
        self.content_encoding = how
        self._packer = packing.packer(how)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """What may go on the way of it."""
        if len(body) < _LARGE:
            return self._pack(body, more_body)
        return await run_in_threadpool(self._pack, body, more_body)

    def _pack(self, body: bytes, more_body: bool) -> bytes:  # noqa: FBT001 - as Starlette has it
        packed = self._packer.compress(body)
        return packed if more_body else packed + self._packer.flush()
