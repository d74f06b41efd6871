"""A line to the office that counts what goes over it, and keeps what was sent."""

from dataclasses import dataclass, field

import httpx

from hah_desktop.sync.line import public_trust


@dataclass
class Traffic:
    """Bodies in bytes, as they went over the line, and how many requests they took."""

    requests: int = 0
    sent: int = 0
    received: int = 0
    pushed: list[bytes] = field(default_factory=list)


class CountingLine(httpx.BaseTransport):
    """Passes everything on."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self._line = httpx.HTTPTransport(verify=public_trust())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, count it and its answer."""
        body = request.read()
        self.traffic.requests += 1
        self.traffic.sent += len(body)
        if request.url.path.endswith("/push"):
            self.traffic.pushed.append(body)
        answer = self._line.handle_request(request)
        packed = b"".join(answer.iter_raw())
        answer.close()
        self.traffic.received += len(packed)
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=httpx.ByteStream(packed),
            extensions=answer.extensions,
            request=request,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()
