"""What an author has seen once a save of their own has landed. Pure."""

from hah_desktop.domain.codec import Body
from hah_desktop.store.journal.reading import Held
from hah_desktop.store.journal.saving import Seen


def after_own_save(before: Seen, saved: Body, held: Held) -> Seen:
    """What an edit that went on during the save is built on.

    Where the record now says what its author saved, that is what the author sees. Where it says
    something else, somebody else's change has come in between: it was not seen, so that the
    edit's next save will stand beside it and not replace it.
    """
    now = held.seen
    names = {*before.body, *saved, *now.body}
    own = {n for n in names if n not in held.open and now.body.get(n) == saved.get(n)}
    body = {name: value for name, value in before.body.items() if name not in own}
    heads = {name: ids for name, ids in before.heads.items() if name not in own}
    body.update({name: now.body[name] for name in own if name in now.body})
    heads.update({name: now.heads[name] for name in own if name in now.heads})
    return Seen(body, heads)
