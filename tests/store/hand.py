"""A clock that the test sets, and keys; also for programs that tests start and kill."""

import datetime as dt

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


class HandClock:
    """A clock that shows what the test says."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def raw_key() -> bytearray:
    return bytearray(b"x'" + b"5a" * 32 + b"c3" * 16 + b"'")


def new_key() -> bytearray:
    """The key that comes after `raw_key`, with another salt."""
    return bytearray(b"x'" + b"b7" * 32 + b"d4" * 16 + b"'")


def copy_key(salt: bytes) -> bytearray:
    """The key of a safety copy."""
    return bytearray(b"x'" + b"77" * 32 + salt.hex().encode() + b"'")
