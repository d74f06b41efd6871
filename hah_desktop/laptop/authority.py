"""The certificate authority of an office that has one of its own, as a file names it."""

import re
import ssl
from pathlib import Path

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.line import trust_in

NOT_FOLLOWED = (
    "The program was started with a certificate for the office that this laptop was not set up "
    "with. It is not used. Tell the office, unless you know of it from them."
)

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class NoAuthority(KnownError):
    """A file that was to name the office's certificate authority does not."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(
            f"The file {file}, which should hold the office’s certificate, {what}.",
            "Nothing was sent and nothing was changed.",
            "Ask the office for the file, and start the program with it.",
        )


def read(file: Path | None) -> str:
    """The certificates in a file, as PEM, and nothing else that is in it; "" without a file.

    The same ones give the same text, however they are written down. Raises NoAuthority.
    """
    if file is None:
        return ""
    try:
        found = _CERTIFICATE.findall(file.read_bytes())
    except OSError as fault:
        raise NoAuthority(file, f"cannot be read: {fault.strerror or fault}") from fault
    if not found:
        raise NoAuthority(file, "holds none that this program can read (PEM)")
    try:
        plain = {ssl.PEM_cert_to_DER_cert(one.decode()) for one in found}
        authority = "".join(map(ssl.DER_cert_to_PEM_cert, sorted(plain)))
        trust_in(authority)
    except (ValueError, ssl.SSLError) as fault:
        raise NoAuthority(file, "is damaged") from fault
    return authority


def not_followed(kept: str | None, file: Path | None) -> str:
    """What to say where a start names another authority than the one that is kept; or nothing."""
    if kept is None or file is None:
        return ""
    try:
        named = read(file)
    except NoAuthority:
        # What is not used need not be there.
        return ""
    return "" if named == kept else NOT_FOLLOWED
