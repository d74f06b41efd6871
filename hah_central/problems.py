"""What the office says when it cannot do what a laptop asks: RFC 9457, in plain English."""

from typing import Any

from starlette.responses import JSONResponse

from hah_desktop.domain.errors import KnownError
from hah_desktop.sync.wire.form import PROBLEM

KEPT = "Everything is still saved on the laptop."
_CODE_IS_GOOD = "Nothing was enrolled, and the code is still good."


class Problem(KnownError):
    """A no with its reason. Nothing of the request was stored.

    `name` stands in the type, `urn:hah:name`; `members` are more members of the answer, such as
    the number that was expected; `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        name: str,
        what: str,
        *,
        do: str = "",
        kept: str = KEPT,
        members: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(what, kept, do)
        self.status = status
        self.name = name
        self.members = members or {}
        self.retry_after = retry_after

    def answer(self) -> JSONResponse:
        """The problem as it is sent."""
        content = {
            "type": f"urn:hah:{self.name}",
            "title": self.what,
            "status": self.status,
            "detail": str(self),
            **self.members,
        }
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return JSONResponse(content, self.status, headers, media_type=PROBLEM)


def unreadable(why: str) -> Problem:
    """The request is not of the agreed form, and would not be at any other time either."""
    return Problem(
        422, "unreadable", f"The request cannot be read: {why}.", do="Update the program."
    )


def cut() -> Problem:
    """The request ended too early: sent again it may be whole."""
    return Problem(422, "cut", "The request was cut off on the way.", do="Send it again.")


def too_large() -> Problem:
    """The request is larger than agreed."""
    return Problem(
        413, "too-large", "This is too much to send at once.", do="Send it in smaller parts."
    )


def gap(expected: int) -> Problem:
    """Changes are missing before the first one sent."""
    return Problem(
        409,
        "gap",
        f"Changes before this one are missing at the office: it expects number {expected}.",
        do=f"Send again from number {expected}.",
        members={"expected": expected},
    )


def ahead(expected: int) -> Problem:
    """The laptop has read what is not here any more: it tells that before it goes on."""
    return Problem(
        409,
        "gap",
        "This laptop has read what this office has lost: it was put back from a backup.",
        do=f"Tell what was lost, and send everything again, from number {expected}.",
        members={"expected": expected},
    )


def names() -> Problem:
    """A pull left files unnamed, and means others than are given, or other times than these."""
    return Problem(
        409,
        "names",
        "The office has to be told which files are on the laptop.",
        do="Name each of them.",
    )


def forked(laptop: str, number: int) -> Problem:
    """The laptop's history is not the one that the office holds. `laptop` is what it is called."""
    return Problem(
        409,
        "forked",
        f"The office holds another change with the number {number} from {laptop}.",
        do="This laptop was copied or set back to an older state: call the office.",
        members={"number": number},
    )


def chain(laptop: str, number: int) -> Problem:
    """A change does not name the one before it. `laptop` is what it is called."""
    return Problem(
        409,
        "chain",
        f"Change {number} from {laptop} does not follow from the change before it.",
        do="This laptop was copied or set back to an older state: call the office.",
        members={"number": number},
    )


def wrong_laptop() -> Problem:
    """A laptop sent changes under another laptop's name."""
    return Problem(
        422,
        "wrong-laptop",
        "These changes were made on another laptop than the one that sends them.",
        do="Call the office.",
    )


def sign_in() -> Problem:
    """No token, or one that has run out."""
    return Problem(401, "sign-in", "This laptop is not signed in.", do="Sign in again.")


def unknown_laptop() -> Problem:
    """No such laptop was ever enrolled here."""
    return Problem(
        401, "unknown-laptop", "The office does not know this laptop.", do="Call the office."
    )


def not_proved() -> Problem:
    """The signature is not by the laptop's key."""
    return Problem(
        401,
        "wrong-signature",
        "The office could not make sure that this came from the laptop it names.",
        do="Try again. If it happens again, call the office.",
    )


def wrong_code() -> Problem:
    """A code that is wrong, used or too old; which of these is nobody's business."""
    return Problem(
        403,
        "code",
        "This code is not valid: it is mistyped, was used before, or is more than 7 days old.",
        do="Check it, or ask the office for a new one.",
        kept="",
    )


def known_laptop() -> Problem:
    """A laptop asks to be let in again that is known here, by this or another key."""
    return Problem(
        409,
        "known-laptop",
        "The office knows this laptop, so it cannot be let in once more.",
        do="Sync. If the office still does not know it then, call the office.",
        kept=_CODE_IS_GOOD,
    )


def another_adviser() -> Problem:
    """A laptop asks to be let in again as somebody else than whom the code was made for."""
    return Problem(
        403,
        "another-adviser",
        "The office made this code for somebody else than this laptop belongs to.",
        do="Ask for a code for the name that stands on this laptop. If the office knows that name "
        "as somebody new, ask for one for a name that it does not know yet.",
        kept=_CODE_IS_GOOD,
    )


def no_keys() -> Problem:
    """Nobody can be enrolled before the office has made its keys."""
    return Problem(
        404,
        "no-keys",
        "This office has not made its keys yet, so no laptop can be enrolled.",
        do="Call the office.",
        kept="",
    )


def no_recovery(why: str) -> Problem:
    """A laptop that could not be helped when its passphrase is forgotten is not let in."""
    return Problem(
        422,
        "no-recovery",
        f"The office could not help if this laptop’s passphrase were forgotten: {why}.",
        do="Update the program and enrol again.",
        kept=_CODE_IS_GOOD,
    )


def revoked() -> Problem:
    """The laptop's access was ended for good."""
    return Problem(
        403,
        "revoked",
        "The office has ended this laptop’s access.",
        do="Call the office.",
    )


def too_many_tries(wait: int, what: str = "Too many codes were tried.") -> Problem:
    """Somebody may be guessing."""
    return Problem(
        429,
        "too-many-tries",
        what,
        do=f"Wait {wait} seconds and try again.",
        kept="",
        retry_after=wait,
    )


def too_many_requests(wait: int) -> Problem:
    """A program runs wild, or somebody means harm."""
    return Problem(
        429,
        "too-many-requests",
        "This laptop, or another at its address, asks too much of the office at once.",
        do=f"Wait {wait} seconds. The program tries again by itself.",
        retry_after=wait,
    )


def wrong_version() -> Problem:
    """The laptop speaks another version of the protocol."""
    return Problem(
        426,
        "protocol",
        "This version of the program and the office do not understand each other.",
        do="Update the program.",
    )


def no_attachment() -> Problem:
    """Nobody knows it, or it is not the asker's: which of these is nobody's business."""
    return Problem(
        404, "no-attachment", "The office has no such file for this laptop.", do="Sync first."
    )


def wrong_chunk() -> Problem:
    """A part of an attachment is not what it was said to be."""
    return Problem(
        422,
        "wrong-chunk",
        "A part of this file was changed on the way.",
        do="The program sends it again.",
    )


def wrong_content() -> Problem:
    """The parts of an attachment do not make what its record says."""
    return Problem(
        422,
        "wrong-content",
        "This file is not the one that was written about.",
        do="Nothing of it was kept at the office. The program sends it again.",
    )


def no_range() -> Problem:
    """A part of a file beyond its end."""
    return Problem(416, "no-range", "The file is not so long.", do="Fetch it from its beginning.")


def no_room() -> Problem:
    """The disk is full."""
    return Problem(
        507,
        "no-room",
        "The office has no room for this file at the moment.",
        do="The program tries again by itself.",
        retry_after=3600,
    )


def full() -> Problem:
    """There is no room left where the office's database lies."""
    return Problem(
        507,
        "full",
        "The office’s disk is full, so nothing new can be taken in there.",
        do="Tell the office. The program tries again by itself.",
        retry_after=600,
    )


def busy() -> Problem:
    """The database did not answer in time."""
    return Problem(
        503,
        "busy",
        "The office is busy at the moment.",
        do="The program tries again by itself.",
        retry_after=5,
    )


def our_fault() -> Problem:
    """A bug of ours, without its traces."""
    return Problem(
        500,
        "fault",
        "Something went wrong at the office. It has been noted there.",
        do="The program tries again by itself.",
        retry_after=60,
    )


def no_such_page(status: int) -> Problem:
    """A path or method that does not exist."""
    if status == 405:  # noqa: PLR2004 - HTTP
        return Problem(405, "wrong-method", "This cannot be asked in this way.", kept="")
    return Problem(status, "unknown-path", "There is nothing at this address.", kept="")
