"""How the service is described: JSON schemas, bodies and operations, as OpenAPI 3.1 has them.

OpenAPI 3.1 has no word for JSON lines: `x-lines` names the schemas of their header and items.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hah_desktop.sync.wire.form import JSON_LINES, PROBLEM, PROTOCOL_HEADER

Schema = dict[str, Any]

JSON = "application/json"
ALWAYS = {429: ("too-many-requests",), 500: ("fault",), 503: ("busy",), 507: ("full",)}
READ_WHOLE = {413: ("too-large",), 422: ("unreadable", "cut"), 426: ("protocol",)}
SIGNED_IN = {401: ("sign-in",), 403: ("revoked",)}
_IN_PATH = re.compile(r"\{(\w+)\}")
TEXT: Schema = {"type": "string"}
SHORT: Schema = {"type": "string", "maxLength": 500}
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**62}
YES_NO: Schema = {"type": "boolean"}
SCALAR: Schema = {"type": ["string", "integer", "boolean", "null"]}


def octets(count: int) -> Schema:
    """So many bytes in hex."""
    return {"type": "string", "pattern": f"^[0-9a-f]{{{2 * count}}}$"}


def object_of(
    needed: Mapping[str, Schema], may: Mapping[str, Schema] | None = None, *, closed: bool = True
) -> Schema:
    """An object with what it needs and what it may have; closed if it has nothing else."""
    made = {"type": "object", "required": list(needed), "properties": {**needed, **(may or {})}}
    return {**made, "additionalProperties": False} if closed else made


def map_of(values: Schema) -> Schema:
    """Any names, each with such a value."""
    return {"type": "object", "additionalProperties": values}


def list_of(items: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items}


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered: one JSON object, JSON lines (header and items), or bytes."""

    media: str
    schemas: tuple[str, ...] = ()

    def plain(self) -> Schema:
        """As OpenAPI has it."""
        if self.media == JSON:
            return {JSON: {"schema": ref(self.schemas[0])}}
        described: Schema = {"schema": TEXT if self.media == JSON_LINES else {}}
        if self.schemas:
            described["x-lines"] = dict(
                zip(("header", "items"), map(ref, self.schemas), strict=True)
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
    may: tuple[str, ...] = ()
    """Headers that may be there."""
    token: bool = False
    partly: bool = False
    """Whether a part may be asked for, and is answered with 206."""

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
                {"name": name, "in": place, "required": needed, "schema": TEXT}
                for place, named, needed in (
                    ("path", _IN_PATH.findall(self.path), True),
                    ("header", self.headers, True),
                    ("header", self.may, False),
                )
                for name in named
            ],
            "responses": {
                "200": _good("Done.", self.answer),
                **({"206": _good("A part.", self.answer)} if self.partly else {}),
                **{str(status): _named(status, found) for status, found in sorted(names.items())},
            },
        }
        if self.asked is not None:
            made["requestBody"] = {"required": True, "content": self.asked.plain()}
        made["security"] = [{"token": []}] if self.token else []
        return made


def _good(words: str, answer: Body) -> Schema:
    return {
        "description": words,
        "headers": {PROTOCOL_HEADER: {"$ref": "#/components/headers/Protocol"}},
        "content": answer.plain(),
    }


def ref(name: str) -> Schema:
    """A schema by its name among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def problem_name(status: int, names: list[str]) -> str:
    """What the problems of one status are called among the components."""
    return "-".join((str(status), *sorted(names)))


def _named(status: int, names: list[str]) -> Schema:
    return {"$ref": f"#/components/responses/{problem_name(status, names)}"}


def problem(status: int, names: list[str]) -> Schema:
    """One status, and the problems that it may stand for."""
    types = sorted({f"urn:hah:{name}" for name in names})
    schema = object_of(
        {
            "type": {"enum": types},
            "title": TEXT,
            "status": {"const": status},
            "detail": TEXT,
        },
        {"expected": COUNT, "number": COUNT},
    )
    return {
        "description": ", ".join(types),
        "headers": {PROTOCOL_HEADER: {"$ref": "#/components/headers/Protocol"}},
        "content": {PROBLEM: {"schema": schema}},
    }
