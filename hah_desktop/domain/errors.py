"""What the program says when something goes wrong that a person can do something about.

Exception
└── KnownError             tell the person: what happened, what was kept, what to do
    ├── vault.errors       passphrase, lock, header
    ├── store.errors       the encrypted database
    ├── intake.errors      a file that cannot be read
    ├── sync.errors        the office cannot be reached or does not accept
    └── NotAllowed         a rule of the record itself (signed off, the child's own words)

Everything else that is raised is a bug and is reported as one.
"""

import errno

DISK_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What a system calls it when there is no room left: the disk's, a person's share, or a file's."""


class KnownError(Exception):
    """A fault with words for the person: each part one plain sentence."""

    def __init__(self, what: str, kept: str = "", do: str = "") -> None:
        super().__init__(" ".join(part for part in (what, kept, do) if part))
        self.what = what
        self.kept = kept
        self.do = do


class NotAllowed(KnownError):
    """The record's own rules forbid this change; nothing was changed."""
