"""What this laptop knows about itself and the office: small values, kept in the encrypted file."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from hah_desktop.domain.errors import KnownError
from hah_desktop.domain.lease import Lease
from hah_desktop.store.tables.asking import do
from hah_desktop.store.tables.asking import value as value_of


class NotEnrolled(KnownError):
    """The laptop has no name at the office yet, so nothing can be signed for."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this laptop is. `signing_key` is its Ed25519 private key in hex: it never leaves here.

    `laptop` is empty until the office has answered the enrolment. `authority` is the certificate
    authority that the office had then, as PEM: empty for the public ones, None where an older
    version did not keep it.
    """

    signing_key: str
    office_url: str = ""
    laptop: str = ""
    adviser: str = ""
    adviser_name: str = ""
    office: str = ""
    epoch: str = ""
    authority: str | None = None

    def __repr__(self) -> str:
        return f"Identity(laptop={self.laptop!r})"


@dataclass(frozen=True, slots=True)
class Trust:
    """What laptop and office agreed on at enrolment, and what the office ordered since.

    The office's public keys in hex, pinned; `secret` is what one-use codes are derived from and
    `recovery_id` what the office finds it by, both in hex. `order` is the number of the newest
    order that was obeyed. A laptop may work `lease_days` without contact; `leases_used` counts
    the telephone codes that gave it another while. `lock_minutes` is the longest time without a
    key that the office allows.
    """

    recovery_key: str
    orders_key: str
    recovery_id: str
    secret: str
    order: int = 0
    lease_days: int = 30
    lock_minutes: int = 15
    leases_used: int = 0

    def __repr__(self) -> str:
        return f"Trust(order={self.order})"


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The number and hash of this laptop's newest change."""

    number: int = 0
    hash: str = ""


# In the database's own words: every sync asks a dozen times, and finding them costs more than that.
_READ = "SELECT value FROM meta WHERE key = ?"
_WRITE = (
    "INSERT INTO meta (key, value) VALUES (?, ?)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def read(connection: Connection, key: str) -> Mapping[str, Any] | None:
    """One value; None when it was never written."""
    found = value_of(connection, _READ, (key,))
    return None if found is None else dict(json.loads(found))


def write(connection: Connection, key: str, value: Mapping[str, Any]) -> None:
    """Keep one value in place of the one before."""
    do(connection, _WRITE, (key, json.dumps(value)))


def identity(connection: Connection) -> Identity | None:
    """Who this laptop is; None before its key was made."""
    found = read(connection, "identity")
    return None if found is None else Identity(**found)


def enrolled(connection: Connection) -> Identity:
    """Who this laptop is. Raises NotEnrolled before the office has answered."""
    found = identity(connection)
    if found is None or not found.laptop:
        raise NotEnrolled(
            "This laptop is not enrolled with the office yet.",
            "Nothing was changed.",
            "Ask the office for a code and enrol the laptop.",
        )
    return found


def keep_identity(connection: Connection, who: Identity) -> None:
    """Write down who this laptop is."""
    write(connection, "identity", asdict(who))


def pin_authority(connection: Connection, authority: str) -> None:
    """Keep the authority that the office was just met under, unless one is kept."""
    who = enrolled(connection)
    if who.authority is None:
        keep_identity(connection, replace(who, authority=authority))


def trust(connection: Connection) -> Trust | None:
    """What was agreed with the office; None on a laptop of an older version."""
    found = read(connection, "trust")
    return None if found is None else Trust(**found)


def keep_trust(connection: Connection, agreed: Trust) -> None:
    """Write down what was agreed with the office."""
    write(connection, "trust", asdict(agreed))


def lease(connection: Connection) -> Lease | None:
    """How much time has passed without contact, at the last look; None if nobody ever looked."""
    found = read(connection, "lease")
    if found is None:
        return None
    # One of an older version does not know how far the clock was behind.
    used, slow = (dt.timedelta(seconds=found.get(name, 0)) for name in ("used", "slow"))
    return Lease(dt.datetime.fromisoformat(found["seen"]), used, slow)


def keep_lease(connection: Connection, kept: Lease) -> None:
    """Write down how much time has passed without contact."""
    spans = {"used": kept.used.total_seconds(), "slow": kept.slow.total_seconds()}
    write(connection, "lease", {"seen": kept.seen.isoformat(), **spans})


def clock_offset(connection: Connection) -> dt.timedelta:
    """How far this laptop's clock was ahead when it last met the office."""
    contact = read(connection, "contact")
    return dt.timedelta(seconds=contact["offset"] if contact else 0)


def chain_end(connection: Connection) -> ChainEnd:
    """The end of this laptop's chain of changes."""
    found = read(connection, "chain")
    return ChainEnd() if found is None else ChainEnd(**found)


def keep_chain_end(connection: Connection, end: ChainEnd) -> None:
    """Move the end of the chain, in the transaction of the change itself."""
    write(connection, "chain", asdict(end))


def bundles_made(connection: Connection) -> int:
    """How many bundles this laptop has made; each has the next number."""
    found = read(connection, "bundles")
    return int(found["made"]) if found else 0


def next_bundle(connection: Connection) -> int:
    """A number for one more bundle, written down before it is made: no two have the same."""
    number = bundles_made(connection) + 1
    write(connection, "bundles", {"made": number})
    return number


def sealing_seed(connection: Connection) -> bytes | None:
    """The seed of the key that colleagues seal to; None before one was made."""
    found = read(connection, "sealing")
    return None if found is None else bytes.fromhex(found["seed"])


def keep_sealing_seed(connection: Connection, seed: bytes) -> None:
    """Write down the seed of the key that colleagues seal to. It never leaves this laptop."""
    write(connection, "sealing", {"seed": seed.hex()})


def vault_generation(connection: Connection) -> int:
    """The newest generation of the vault's header that this database has seen; 0 before any."""
    found = read(connection, "vault")
    return 0 if found is None else int(found["generation"])


def keep_vault_generation(connection: Connection, generation: int) -> None:
    """Write down the generation of the header, so that an older one put back is noticed."""
    write(connection, "vault", {"generation": generation})
