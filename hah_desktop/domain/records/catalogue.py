"""The one list of record types. A type that is not here does not exist."""

from collections.abc import Mapping
from types import MappingProxyType

from hah_desktop.domain.records.attachment import Attachment
from hah_desktop.domain.records.base import Record
from hah_desktop.domain.records.child import Child, Concern, Conversation, Permission, Statement
from hah_desktop.domain.records.reference import Adviser, Inspection, Place
from hah_desktop.domain.records.visit import Action, Addendum, Area, Visit

RECORD_TYPES: tuple[type[Record], ...] = (
    Adviser,
    Place,
    Inspection,
    Visit,
    Area,
    Child,
    Conversation,
    Statement,
    Permission,
    Concern,
    Action,
    Attachment,
    Addendum,
)

BY_KIND: Mapping[str, type[Record]] = MappingProxyType({t.kind: t for t in RECORD_TYPES})
