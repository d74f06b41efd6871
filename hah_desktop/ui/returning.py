"""Lets a laptop come back to an office that lost it: between the card and the open laptop."""

from contextlib import closing
from functools import partial

from PySide6.QtCore import QObject

from hah_desktop.domain.errors import KnownError
from hah_desktop.laptop.folder import Laptop
from hah_desktop.laptop.returning import come_back
from hah_desktop.laptop.unlocked import Unlocked
from hah_desktop.seals.errors import Misheard
from hah_desktop.ui.parts.return_card import DONE, ReturnCard
from hah_desktop.ui.session import Session


class Returning(QObject):
    """Asks the office off the interface's thread; once it is let in, a sync gives all back."""

    def __init__(
        self, card: ReturnCard, laptop: Laptop, unlocked: Unlocked, session: Session
    ) -> None:
        super().__init__(card)
        self._card = card
        self._laptop = laptop
        self._unlocked = unlocked
        self._session = session
        card.code_given.connect(self._ask)

    def _ask(self, code: str) -> None:
        self._card.set_busy("Asking the office")
        self._session.run_slow(partial(self._come_back, code), self._let_in, self._refused)

    def _come_back(self, code: str) -> None:
        with closing(self._laptop.office(self._unlocked.who)) as office:
            come_back(self._unlocked, office, code)

    def _let_in(self, _none: None) -> None:
        self._card.show_done(DONE)
        self._session.sync()

    def _refused(self, fault: KnownError) -> None:
        if isinstance(fault, Misheard):
            self._card.show_wrong_groups(fault.groups, str(fault))
        else:
            self._card.show_problem(str(fault))
