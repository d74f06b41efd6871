"""The description of the service for others, as OpenAPI 3.1: docs/openapi.json is written by this.

`python3 -m hah_central.service.openapi > docs/openapi.json` writes it again. A test holds it to the
routes, and another lets Schemathesis ask the running service at random and compare each answer with
it.
"""

import json
import sys
from collections import defaultdict

from hah_central.service.describing import (
    JSON,
    READ_WHOLE,
    SIGNED_IN,
    Body,
    Operation,
    Schema,
    problem,
    problem_name,
)
from hah_central.service.schemas import SCHEMAS
from hah_desktop.domain.chunks import CHUNK
from hah_desktop.domain.exchange import PROTOCOL
from hah_desktop.sync.wire.blobs import CONTENT
from hah_desktop.sync.wire.form import (
    BUNDLE,
    DIGEST_HEADER,
    JSON_LINES,
    LAPTOP_HEADER,
    MAX_CHANGES,
    PROTOCOL_HEADER,
    SIGNATURE_HEADER,
    SIZE_HEADER,
)

OPERATIONS = (
    Operation("get", "/health", "Whether the service is there.", Body(JSON, ("Health",))),
    Operation(
        "get",
        "/v1/hello",
        "Who the office is; to a laptop that names itself, with what it has to sign.",
        Body(JSON, ("Hello",)),
        may=(LAPTOP_HEADER,),
    ),
    Operation(
        "get",
        "/v1/keys",
        "What laptops seal for the office with, and know its orders by.",
        Body(JSON, ("Keys",)),
        problems=({404: ("no-keys",)},),
    ),
    Operation(
        "post",
        "/v1/enrol",
        "A one-time code against a place among the laptops.",
        Body(JSON, ("Enrolled",)),
        Body(JSON, ("Enrol",)),
        (
            READ_WHOLE,
            {403: ("code",), 404: ("no-keys",), 422: ("no-recovery",), 429: ("too-many-tries",)},
        ),
    ),
    Operation(
        "post",
        "/v1/return",
        "A one-time code against the place that a laptop had before the office was put back.",
        Body(JSON, ("Enrolled",)),
        Body(JSON, ("Return",)),
        (
            READ_WHOLE,
            {
                403: ("code", "another-adviser"),
                404: ("no-keys",),
                409: ("known-laptop",),
                422: ("no-recovery",),
                429: ("too-many-tries",),
            },
        ),
    ),
    Operation(
        "post",
        "/v1/challenge",
        "Words to sign, and what the office orders this laptop to do.",
        Body(JSON, ("Challenged",)),
        Body(JSON, ("Challenge",)),
        (READ_WHOLE, {401: ("unknown-laptop",)}),
    ),
    Operation(
        "post",
        "/v1/token",
        "The signed words against a token for ten minutes.",
        Body(JSON, ("TokenGiven",)),
        Body(JSON, ("Token",)),
        (
            READ_WHOLE,
            {401: ("wrong-signature",), 403: ("revoked",), 429: ("too-many-tries",)},
        ),
    ),
    Operation(
        "post",
        "/v1/push",
        f"Changes, {MAX_CHANGES} at most, against receipts. Packed as it says: zstd or gzip.",
        Body(JSON_LINES, ("Accepted", "ToldOfPush")),
        Body(JSON_LINES, ("PushHeader", "Pushed")),
        (
            READ_WHOLE,
            SIGNED_IN,
            {401: ("wrong-signature",), 409: ("gap", "forked", "chain"), 422: ("wrong-laptop",)},
        ),
        (SIGNATURE_HEADER,),
        token=True,
    ),
    Operation(
        "post",
        "/v1/pull",
        "Cursors against what is new, one page at a time: of each of the “files”, which the answer"
        " names too, or briefly of all, “at” one place “but” for some, “named” by one hash."
        " With “moves” a brief answer names the files that are “given” anew, and tells those that"
        " are “gone” by their places in the laptop’s sorted list.",
        Body(JSON_LINES, ("Page", "Row")),
        Body(JSON, ("Pull",)),
        (READ_WHOLE, SIGNED_IN, {409: ("names",)}),
        token=True,
    ),
    Operation(
        "post",
        "/v1/own",
        "A number against what this laptop itself sent after it.",
        Body(JSON_LINES, ("OwnHeader", "OwnChange")),
        Body(JSON, ("Own",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/cards",
        "The laptop’s own key for what is handed to it, against those of its adviser’s colleagues.",
        Body(JSON_LINES, ("CardsHeader", "Card")),
        Body(JSON, ("Cards",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/carried",
        "Changes from a colleague’s hand against receipts for those that came here too, and what"
        " was given against what is lacking of it.",
        Body(JSON_LINES, ("Heard", "Receipt")),
        Body(JSON, ("Carried",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/seen",
        "What its adviser opened against what others opened since of the records in its files.",
        Body(JSON_LINES, ("SeenHeader", "Seen")),
        Body(JSON_LINES, ("OpenedHeader", "Opened")),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/known",
        "Changes of others against those that are not in force here any more, after a restore.",
        Body(JSON, ("Unknown",)),
        Body(JSON, ("Offered",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/witness",
        "What a laptop holds of others’ changes that were lost: kept for a person to look at.",
        Body(JSON, ("Kept",)),
        Body(JSON_LINES, ("WitnessHeader", "Witness")),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/told",
        "What a laptop told of others’ changes against what waits of it for a person, and what is"
        " lacking since another restore.",
        Body(JSON, ("Waits",)),
        Body(JSON, ("Offered",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "post",
        "/v1/by-hand",
        "What a laptop has of a colleague’s from hand to hand, as that laptop signed for it.",
        Body(JSON, ("Kept",)),
        Body(JSON_LINES, ("ByHandHeader", "Change")),
        (READ_WHOLE, SIGNED_IN, {401: ("wrong-signature",)}),
        token=True,
    ),
    Operation(
        "post",
        "/v1/bundle",
        "What a laptop hands over sealed; its signature over size and digest permits it.",
        Body(JSON, ("Bundle",)),
        Body(BUNDLE),
        (
            {
                401: ("unknown-laptop", "wrong-signature"),
                413: ("too-large",),
                422: ("unreadable", "cut"),
                429: ("too-many-bundles",),
                507: ("no-room",),
            },
        ),
        (LAPTOP_HEADER, DIGEST_HEADER, SIZE_HEADER, SIGNATURE_HEADER),
    ),
    Operation(
        "post",
        "/v1/blobs/status",
        "Hashes of attachments against how far the office has them from this laptop.",
        Body(JSON, ("Standings",)),
        Body(JSON, ("Blobs",)),
        (READ_WHOLE, SIGNED_IN),
        token=True,
    ),
    Operation(
        "put",
        "/v1/blobs/{sha256}/{number}",
        f"One chunk of an attachment, of {CHUNK} bytes but for the last; its hash and the size "
        "of the whole in the headers.",
        Body(JSON, ("Taken",)),
        Body(BUNDLE),
        (
            READ_WHOLE,
            SIGNED_IN,
            {404: ("no-attachment",), 422: ("wrong-chunk", "wrong-content"), 507: ("no-room",)},
        ),
        (DIGEST_HEADER, SIZE_HEADER),
        token=True,
    ),
    Operation(
        "get",
        "/v1/blobs/{sha256}",
        "The content of an attachment, or the part that `Range` names.",
        Body(CONTENT),
        problems=(SIGNED_IN, {404: ("no-attachment",), 416: ("no-range",)}),
        token=True,
        partly=True,
    ),
)


def document() -> Schema:
    """The whole description."""
    paths: defaultdict[str, Schema] = defaultdict(dict)
    problems: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = operation.plain()
        for status, names in operation.refused().items():
            problems[problem_name(status, names)] = problem(status, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The central service of Help at Hand",
            "version": str(PROTOCOL),
            "description": "What laptops ask and the office answers. Every answer carries "
            f"{PROTOCOL_HEADER}; a no is a problem as RFC 9457 has it, in plain English.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "responses": problems,
            "headers": {"Protocol": {"required": True, "schema": {"const": str(PROTOCOL)}}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def written() -> str:
    """The description as it stands in docs/openapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written())
