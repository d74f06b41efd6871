"""The description of the service for others, as OpenAPI 3.1: docs/openapi.json is written by this.

`python3 -m hah_central.openapi > docs/openapi.json` writes it again. A test holds it to the routes,
and another lets Schemathesis ask the running service at random and compare each answer with it.
OpenAPI 3.1 has no word for JSON lines: `x-lines` names the schemas of their header and items.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hah_desktop.domain.exchange import PROTOCOL, Verdict
from hah_desktop.seals.recovery import ID_BYTES, SEALED_BYTES
from hah_desktop.sync.wire.form import (
    BUNDLE,
    DIGEST_HEADER,
    JSON_LINES,
    LAPTOP_HEADER,
    MAX_CHANGES,
    PROBLEM,
    PROTOCOL_HEADER,
    SIGNATURE_HEADER,
    SIZE_HEADER,
)

Schema = dict[str, Any]

JSON = "application/json"
ALWAYS = {500: ("fault",), 503: ("busy",)}
READ_WHOLE = {413: ("too-large",), 422: ("unreadable",), 426: ("protocol",)}
SIGNED_IN = {401: ("sign-in",), 403: ("revoked",)}
_TEXT: Schema = {"type": "string"}
_SHORT: Schema = {"type": "string", "maxLength": 500}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**62}
_YES_NO: Schema = {"type": "boolean"}
_SCALAR: Schema = {"type": ["string", "integer", "boolean", "null"]}


def _hex(octets: int) -> Schema:
    return {"type": "string", "pattern": f"^[0-9a-f]{{{2 * octets}}}$"}


def _object(
    needed: Mapping[str, Schema], may: Mapping[str, Schema] | None = None, *, closed: bool = True
) -> Schema:
    made = {"type": "object", "required": list(needed), "properties": {**needed, **(may or {})}}
    return {**made, "additionalProperties": False} if closed else made


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_SEALED = _object({"id": _hex(ID_BYTES), "vault": _hex(16), "sealed": _hex(SEALED_BYTES)})
_ORDER = _object({"body": _TEXT, "signature": _TEXT})
_EDIT = _object({"value": _SCALAR}, {"replaces": _list(_TEXT)}, closed=False)
_CHANGE = _object(
    {
        "id": _TEXT,
        "laptop": _TEXT,
        "number": {"type": "integer", "minimum": 1},
        "previous": _TEXT,
        "record": _TEXT,
        "kind": _TEXT,
        "files": {**_list(_TEXT), "minItems": 1, "maxItems": 2},
        "author": _TEXT,
        "made_at": _TEXT,
        "fields": _map(_EDIT),
    },
    {"clock_trusted": _YES_NO},
    closed=False,
)
_VERDICT: Schema = {"enum": [verdict.value for verdict in Verdict]}
SCHEMAS: dict[str, Schema] = {
    "Hello": _object(
        {
            "office": _TEXT,
            "epoch": _TEXT,
            "name": _TEXT,
            "now": {"type": "string", "format": "date-time"},
            "protocol": {"type": "integer"},
        },
        closed=False,
    ),
    "Keys": _object({"recovery": _TEXT, "orders": _hex(32)}),
    "Enrol": _object(
        {"code": _SHORT, "public_key": _hex(32), "laptop_name": _SHORT, "recovery": _SEALED},
        closed=False,
    ),
    "Enrolled": _object(
        dict.fromkeys(("laptop", "adviser", "adviser_name", "office", "epoch"), _TEXT)
    ),
    "Challenge": _object({"laptop": _SHORT}, closed=False),
    "Challenged": _object({"challenge": _hex(32), "orders": _list(_ORDER)}),
    "Token": _object(
        {"laptop": _SHORT, "challenge": _SHORT, "signature": _SHORT},
        closed=False,
    ),
    "TokenGiven": _object(
        {"token": _TEXT, "expires_in": _COUNT, "number": _COUNT, "hash": _TEXT}, closed=False
    ),
    "PushHeader": _object({"epoch": _TEXT}, {"protocol": {"type": "integer"}}, closed=False),
    "Change": _CHANGE,
    "Accepted": _object(
        {"epoch": _TEXT, "number": _COUNT}, {"seq": _COUNT, "files": _map(_COUNT)}, closed=False
    ),
    "Receipt": _object(
        {"id": _TEXT, "hash": _hex(32), "verdict": _VERDICT, "order": _COUNT},
        {"heads": _map(_list(_TEXT)), "problem": _TEXT},
        closed=False,
    ),
    "Pull": _object(
        {"epoch": _SHORT, "files": _map(_COUNT)}, {"want": _list(_SHORT)}, closed=False
    ),
    "Page": _object({"epoch": _TEXT, "files": _map(_COUNT), "more": _YES_NO}, closed=False),
    "Row": _object(
        {
            "record": _TEXT,
            "kind": _TEXT,
            "files": _list(_TEXT),
            "seq": _COUNT,
            "changes": _list(
                _object(
                    {"id": _TEXT, "order": _COUNT},
                    {
                        "own": _list(_TEXT),
                        "laptop": _TEXT,
                        "author": _TEXT,
                        "made_at": _TEXT,
                        "clock_trusted": _YES_NO,
                        "by_office": _YES_NO,
                        "fields": _map(_SCALAR),
                    },
                )
            ),
        },
        closed=False,
    ),
    "Own": _object({"after": _COUNT, "most": _COUNT}, closed=False),
    "OwnHeader": _object({}, closed=False),
    "OwnChange": _object(
        {"order": _COUNT, "verdict": _VERDICT, "problem": _TEXT, "change": _CHANGE}
    ),
    "Bundle": _object({"sha256": _hex(32), "size": _COUNT}),
    "Health": _object({"status": {"const": "ok"}}),
}


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered: one JSON object, JSON lines (header and items), or bytes."""

    media: str
    schemas: tuple[str, ...] = ()

    def plain(self) -> Schema:
        """As OpenAPI has it."""
        if self.media == JSON:
            return {JSON: {"schema": _ref(self.schemas[0])}}
        described: Schema = {"schema": _TEXT if self.media == JSON_LINES else {}}
        if self.schemas:
            described["x-lines"] = dict(
                zip(("header", "items"), map(_ref, self.schemas), strict=True)
            )
        return {self.media: described}


@dataclass(frozen=True, slots=True)
class Operation:
    """One address: what is asked there, and everything that may be answered.

    `problems` are the names of problems by status, beside those that any address may answer.
    """

    method: str
    path: str
    summary: str
    answer: Body
    asked: Body | None = None
    problems: tuple[Mapping[int, tuple[str, ...]], ...] = ()
    headers: tuple[str, ...] = ()
    token: bool = False

    def refused(self) -> Mapping[int, list[str]]:
        """The names of every problem that may be answered, by status."""
        names: defaultdict[int, list[str]] = defaultdict(list)
        for problems in (*self.problems, ALWAYS):
            for status, found in problems.items():
                names[status] += found
        return names

    def plain(self) -> Schema:
        """As OpenAPI has it."""
        names = self.refused()
        made: Schema = {
            "operationId": f"{self.method}{self.path.replace('/', '_')}",
            "summary": self.summary,
            "parameters": [
                {"name": name, "in": "header", "required": True, "schema": _TEXT}
                for name in self.headers
            ],
            "responses": {
                "200": {
                    "description": "Done.",
                    "headers": {PROTOCOL_HEADER: {"$ref": "#/components/headers/Protocol"}},
                    "content": self.answer.plain(),
                },
                **{str(status): _named(status, found) for status, found in sorted(names.items())},
            },
        }
        if self.asked is not None:
            made["requestBody"] = {"required": True, "content": self.asked.plain()}
        made["security"] = [{"token": []}] if self.token else []
        return made


OPERATIONS = (
    Operation("get", "/health", "Whether the service is there.", Body(JSON, ("Health",))),
    Operation("get", "/v1/hello", "Who the office is.", Body(JSON, ("Hello",))),
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
        (READ_WHOLE, {401: ("wrong-signature",), 403: ("revoked",)}),
    ),
    Operation(
        "post",
        "/v1/push",
        f"Changes, {MAX_CHANGES} at most, against receipts. Packed with gzip if it says so.",
        Body(JSON_LINES, ("Accepted", "Receipt")),
        Body(JSON_LINES, ("PushHeader", "Change")),
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
        "Cursors against what is new, one page at a time.",
        Body(JSON_LINES, ("Page", "Row")),
        Body(JSON, ("Pull",)),
        (READ_WHOLE, SIGNED_IN),
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
        "/v1/bundle",
        "What a laptop hands over sealed; its signature over size and digest permits it.",
        Body(JSON, ("Bundle",)),
        Body(BUNDLE),
        (
            {
                401: ("unknown-laptop", "wrong-signature"),
                413: ("too-large",),
                422: ("unreadable",),
                429: ("too-many-bundles",),
                507: ("no-room",),
            },
        ),
        (LAPTOP_HEADER, DIGEST_HEADER, SIZE_HEADER, SIGNATURE_HEADER),
    ),
)


def document() -> Schema:
    """The whole description."""
    paths: defaultdict[str, Schema] = defaultdict(dict)
    problems: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths[operation.path][operation.method] = operation.plain()
        for status, names in operation.refused().items():
            problems[_name(status, names)] = _problem(status, names)
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


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _name(status: int, names: list[str]) -> str:
    return "-".join((str(status), *sorted(names)))


def _named(status: int, names: list[str]) -> Schema:
    return {"$ref": f"#/components/responses/{_name(status, names)}"}


def _problem(status: int, names: list[str]) -> Schema:
    types = sorted({f"urn:hah:{name}" for name in names})
    schema = _object(
        {
            "type": {"enum": types},
            "title": _TEXT,
            "status": {"const": status},
            "detail": _TEXT,
        },
        {"expected": _COUNT, "number": _COUNT},
    )
    return {
        "description": ", ".join(types),
        "headers": {PROTOCOL_HEADER: {"$ref": "#/components/headers/Protocol"}},
        "content": {PROBLEM: {"schema": schema}},
    }


def written() -> str:
    """The description as it stands in docs/openapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written())
