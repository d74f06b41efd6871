"""The description of the service for others, as OpenAPI 3.1: docs/openapi.json is written by this.

`python3 -m hah_central.openapi > docs/openapi.json` writes it again. A test holds it to the routes,
and another lets Schemathesis ask the running service at random and compare each answer with it.
"""

import json
import sys
from collections import defaultdict

from hah_central.describing import (
    COUNT,
    JSON,
    READ_WHOLE,
    SCALAR,
    SHORT,
    SIGNED_IN,
    TEXT,
    YES_NO,
    Body,
    Operation,
    Schema,
    list_of,
    map_of,
    object_of,
    octets,
    problem,
    problem_name,
    ref,
)
from hah_central.requests import MOST_SECONDS
from hah_desktop.domain.changes import MOST_OFF
from hah_desktop.domain.chunks import CHUNK
from hah_desktop.domain.exchange import PROTOCOL, Verdict
from hah_desktop.domain.unread import NAME as OPAQUE
from hah_desktop.seals.recovery import ID_BYTES, SEALED_BYTES
from hah_desktop.seals.sealing import RECOVERY_BYTES
from hah_desktop.sync.wire.blobs import CONTENT, MOST_ASKED
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

_SEALED = object_of({"id": octets(ID_BYTES), "vault": octets(16), "sealed": octets(SEALED_BYTES)})
_ORDER = object_of({"body": TEXT, "signature": TEXT})
_OFF: Schema = {"type": "integer", "minimum": -MOST_OFF, "maximum": MOST_OFF}
_EDIT = object_of({"value": SCALAR}, {"replaces": list_of(TEXT)}, closed=False)
_CHANGE = object_of(
    {
        "id": TEXT,
        "laptop": TEXT,
        "number": {"type": "integer", "minimum": 1},
        "previous": TEXT,
        "record": TEXT,
        "kind": TEXT,
        "files": {**list_of(TEXT), "minItems": 1, "maxItems": 2},
        "author": TEXT,
        "made_at": TEXT,
        "fields": map_of(_EDIT),
    },
    {"clock_trusted": YES_NO, "clock_off": _OFF},
    closed=False,
)
_SECONDS: Schema = {"type": "integer", "minimum": -MOST_SECONDS, "maximum": MOST_SECONDS}
_VERDICT: Schema = {"enum": [verdict.value for verdict in Verdict]}
SCHEMAS: dict[str, Schema] = {
    "Hello": object_of(
        {
            "office": TEXT,
            "epoch": TEXT,
            "name": TEXT,
            "now": {"type": "string", "format": "date-time"},
            "protocol": {"type": "integer"},
        },
        {
            "oldest": {"type": "integer"},
            "opaque": YES_NO,
            # To a laptop that names itself.
            "challenge": octets(32),
            "orders": list_of(_ORDER),
        },
        closed=False,
    ),
    "Keys": object_of({"recovery": TEXT, "orders": octets(32)}),
    "Enrol": object_of(
        {"code": SHORT, "public_key": octets(32), "laptop_name": SHORT, "recovery": _SEALED},
        closed=False,
    ),
    "Enrolled": object_of(
        dict.fromkeys(("laptop", "adviser", "adviser_name", "office", "epoch"), TEXT)
    ),
    "Challenge": object_of({"laptop": SHORT}, closed=False),
    "Challenged": object_of({"challenge": octets(32), "orders": list_of(_ORDER)}),
    "Token": object_of(
        {"laptop": SHORT, "challenge": SHORT, "signature": SHORT},
        {"waiting": COUNT, "program": SHORT, "ahead": _SECONDS},
        closed=False,
    ),
    # `lacks`: hashes of attachments that the office had whole and has no more.
    "TokenGiven": object_of(
        {"token": TEXT, "expires_in": COUNT, "number": COUNT, "hash": TEXT},
        {"lacks": list_of(octets(32))},
        closed=False,
    ),
    # `runs`: whoever sends it takes a Run in the place of receipts that say the same.
    # `rest`: whether anything else is new behind these cursors, told as a brief pull tells them.
    # `knows`: the files that the laptop knows to be taken back, each with the number of the last
    # change that it made before it knew.
    "PushHeader": object_of(
        {"epoch": TEXT},
        {
            "protocol": {"type": "integer"},
            "runs": YES_NO,
            "rest": object_of(
                {"at": COUNT, "but": map_of(COUNT), "named": octets(32)}, closed=False
            ),
            "knows": map_of(COUNT),
        },
        closed=False,
    ),
    "Change": _CHANGE,
    # A change as its bytes, packed with zlib: for one that could not be read as it was sent.
    "Opaque": object_of(
        {
            "id": TEXT,
            "number": {"type": "integer", "minimum": 1},
            "previous": TEXT,
            OPAQUE: {**TEXT, "contentEncoding": "base64"},
        },
        closed=False,
    ),
    "Pushed": {"anyOf": [ref("Change"), ref("Opaque")]},
    "Accepted": object_of(
        {"epoch": TEXT, "number": COUNT},
        {"seq": COUNT, "files": map_of(COUNT), "rest": ref("Rest")},
        closed=False,
    ),
    # Only where nothing else is new: what a page without a record would say.
    "Rest": object_of(
        {
            "upto": COUNT,
            "whole": octets(32),
            "reached": object_of({"number": COUNT, "hash": TEXT}, closed=False),
        },
        closed=False,
    ),
    "Receipt": object_of(
        {"id": TEXT, "hash": octets(32), "verdict": _VERDICT, "order": COUNT},
        {"heads": map_of(list_of(TEXT)), "problem": TEXT},
        closed=False,
    ),
    "Run": object_of(
        {"first": COUNT, "last": COUNT, "order": COUNT, "hash": octets(32)}, closed=False
    ),
    "ToldOfPush": {"anyOf": [ref("Receipt"), ref("Run")]},
    "Pull": object_of(
        {"epoch": SHORT},
        {
            "files": map_of(COUNT),
            "want": list_of(SHORT),
            "differs": list_of(SHORT),
            "at": COUNT,
            "but": map_of(COUNT),
            "named": octets(32),
            "moves": YES_NO,
            "most": COUNT,
        },
        closed=False,
    ),
    "Page": object_of(
        {"epoch": TEXT, "more": YES_NO},
        {
            "files": map_of(COUNT),
            "digests": map_of(object_of({"count": COUNT, "sum": octets(11)})),
            "upto": COUNT,
            "whole": TEXT,
            "given": list_of(TEXT),
            "gone": list_of(COUNT),
        },
        closed=False,
    ),
    "Row": object_of(
        {
            "record": TEXT,
            "kind": TEXT,
            "files": list_of(TEXT),
            "seq": COUNT,
            "changes": list_of(
                object_of(
                    {"id": TEXT, "order": COUNT},
                    {
                        "own": list_of(TEXT),
                        "laptop": TEXT,
                        "author": TEXT,
                        "made_at": TEXT,
                        "clock_trusted": YES_NO,
                        "clock_off": _OFF,
                        "by_office": YES_NO,
                        "fields": map_of(SCALAR),
                        "replaces": map_of(list_of(TEXT)),
                    },
                )
            ),
        },
        closed=False,
    ),
    "Own": object_of({"after": COUNT, "most": COUNT}, closed=False),
    "OwnHeader": object_of({}, closed=False),
    # As the laptop sent it, whether or not this office can read it.
    "OwnChange": object_of(
        {
            "order": COUNT,
            "verdict": _VERDICT,
            "problem": TEXT,
            "change": object_of({}, closed=False),
        }
    ),
    "Bundle": object_of({"sha256": octets(32), "size": COUNT}),
    "Blobs": object_of({"sha256": {**list_of(octets(32)), "maxItems": MOST_ASKED}}, closed=False),
    "Standings": object_of(
        {
            "blobs": list_of(
                object_of({"sha256": octets(32), "size": COUNT, "missing": list_of(COUNT)})
            )
        }
    ),
    "Taken": object_of({"whole": YES_NO, "missing": list_of(COUNT)}),
    "Cards": object_of({"sealing": octets(RECOVERY_BYTES)}, closed=False),
    "CardsHeader": object_of({}, closed=False),
    "Card": object_of(dict.fromkeys(("laptop", "adviser", "name", "signing", "sealing"), TEXT)),
    "Carried": object_of(
        {"ids": {**list_of(SHORT), "maxItems": MAX_CHANGES}},
        {"given": {**list_of(SHORT), "maxItems": MAX_CHANGES}},
        closed=False,
    ),
    "Heard": object_of(
        {"epoch": TEXT, "number": COUNT, "lacks": list_of(TEXT)},
        {"seq": COUNT, "files": map_of(COUNT)},
        closed=False,
    ),
    "Offered": object_of({"changes": {**list_of(SHORT), "maxItems": MAX_CHANGES}}, closed=False),
    "Unknown": object_of({"unknown": list_of(TEXT)}),
    "WitnessHeader": object_of({}, closed=False),
    "Witness": object_of(
        {
            **dict.fromkeys(("change", "record", "kind", "laptop", "author", "made_at"), TEXT),
            "files": list_of(TEXT),
            "fields": map_of(SCALAR),
        },
        {"clock_trusted": YES_NO, "clock_off": _OFF},
        closed=False,
    ),
    "Kept": object_of({"kept": COUNT}),
    "ByHandHeader": object_of({"signed": TEXT, "signature": octets(64)}, closed=False),
    "OpenedHeader": object_of({"after": COUNT}, closed=False),
    "Opened": object_of({"record": TEXT, "upto": COUNT, "at": TEXT}, closed=False),
    "SeenHeader": object_of({"after": COUNT, "more": YES_NO}, closed=False),
    "Seen": object_of({"record": TEXT, "adviser": TEXT, "upto": COUNT, "at": TEXT}),
    "Health": object_of({"status": {"const": "ok"}}),
}


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
