"""What somebody may be called at the office, and as what they work here. Reads no database."""

from hah_desktop.domain.errors import KnownError

LONGEST = 200
"""As many letters as the office's tables take."""

ROLES = ("adviser", "manager")
USUAL = ROLES[0]


class NoName(KnownError):
    """Nobody can be called so, or work here as that."""


def checked_name(name: str) -> str:
    """The name without what stands around it. Raises NoName."""
    bare = name.strip(" ")
    odd = next((letter for letter in bare if not letter.isprintable()), None)
    if odd is not None:
        raise _no_name(f"This name holds a sign that cannot be shown (U+{ord(odd):04X}).")
    if not any(map(str.isalnum, bare)):
        raise _no_name("This name holds no letter.")
    if len(bare) > LONGEST:
        raise _no_name(f"This name has {len(bare)} letters; at most {LONGEST} are kept.")
    return bare


def checked_role(role: str) -> str:
    """The role. Raises NoName."""
    if role not in ROLES:
        raise NoName(
            f"Nobody works here as “{role}”.",
            "Nothing was changed.",
            f"A role is one of: {', '.join(ROLES)}.",
        )
    return role


def _no_name(what: str) -> NoName:
    return NoName(what, "Nothing was changed.", "Type the name as the person writes it.")
