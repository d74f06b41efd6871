"""The messages of the service as JSON Schema: what laptops and the office send each other."""

from hah_central.service.describing import (
    COUNT,
    SCALAR,
    SHORT,
    TEXT,
    YES_NO,
    Schema,
    list_of,
    map_of,
    object_of,
    octets,
    ref,
)
from hah_central.service.requests import MOST_SECONDS
from hah_desktop.domain.changes import MOST_OFF
from hah_desktop.domain.exchange import Verdict
from hah_desktop.domain.unread import NAME as OPAQUE
from hah_desktop.seals.recovery import ID_BYTES, SEALED_BYTES
from hah_desktop.seals.sealing import RECOVERY_BYTES
from hah_desktop.sync.wire.blobs import MOST_ASKED
from hah_desktop.sync.wire.form import (
    MAX_CHANGES,
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
_MADE_ID: Schema = {"type": "string", "format": "uuid"}
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
    "Return": object_of(
        {
            "code": SHORT,
            "public_key": octets(32),
            "laptop_name": SHORT,
            "recovery": _SEALED,
            "laptop": _MADE_ID,
            "adviser": _MADE_ID,
        },
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
        {
            "given": {**list_of(SHORT), "maxItems": MAX_CHANGES},
            "words": {**map_of(SHORT), "maxProperties": MAX_CHANGES},
        },
        closed=False,
    ),
    "Heard": object_of(
        {"epoch": TEXT, "number": COUNT, "lacks": list_of(TEXT)},
        {"seq": COUNT, "files": map_of(COUNT)},
        closed=False,
    ),
    "Offered": object_of({"changes": {**list_of(SHORT), "maxItems": MAX_CHANGES}}, closed=False),
    "Unknown": object_of({"unknown": list_of(TEXT)}),
    "Waits": object_of({"waiting": list_of(TEXT), "lacking": list_of(TEXT)}),
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
    "OpenedHeader": object_of({"after": COUNT}, {"epoch": TEXT}, closed=False),
    "Opened": object_of({"record": TEXT, "upto": COUNT, "at": TEXT}, closed=False),
    "SeenHeader": object_of({"after": COUNT, "more": YES_NO}, {"epoch": TEXT}, closed=False),
    "Seen": object_of({"record": TEXT, "adviser": TEXT, "upto": COUNT, "at": TEXT}),
    "Health": object_of({"status": {"const": "ok"}}),
}
