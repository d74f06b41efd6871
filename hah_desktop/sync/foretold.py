"""A page without news, told with the receipts of a push, so that nobody asks for it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from hah_desktop.domain.exchange import Page, Rest
from hah_desktop.domain.ids import FileId

Cursors = Mapping[FileId, int]


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a pull from these cursors would be answered: nothing is new."""

    epoch: str
    cursors: Cursors
    rest: Rest

    @property
    def moved(self) -> Cursors:
        """The cursors once the page was taken."""
        return dict.fromkeys(self.cursors, self.rest.upto)

    def page(self) -> Page:
        """The page that need not be asked for."""
        rest = self.rest
        return Page(self.epoch, self.moved, False, {}, rest.reached, rest.upto, rest.whole)
