"""What somebody may be called at the office, and as what they work here. Reads no database."""

import unicodedata

from hah_desktop.domain.errors import KnownError
from hah_desktop.resources import code_list

LONGEST = 200
"""As many letters as the office's tables take."""

USUAL = "adviser"
"""As what somebody new works here, of the roles that there are (`resources/codes/role.csv`)."""


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


def alike(name: str) -> str:
    """The same for all ways to spell one name: capitals, spaces, and how accents are put on."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def checked_role(role: str) -> str:
    """The role. Raises NoName."""
    roles = [each.code for each in code_list("role")]
    if role not in roles:
        raise NoName(
            f"Nobody works here as “{role}”.",
            "Nothing was changed.",
            f"A role is one of: {', '.join(roles)}.",
        )
    return role


def _no_name(what: str) -> NoName:
    return NoName(what, "Nothing was changed.", "Type the name as the person writes it.")
