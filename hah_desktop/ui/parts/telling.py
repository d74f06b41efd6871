"""Says something in a notice that is out of sight until there is something to say."""

from hah_desktop.ui.kit.access import announce
from hah_desktop.ui.kit.blocks import Notice


def tell(notice: Notice, words: str) -> None:
    """Show the notice with these words and have them read out; no words hide it."""
    notice.setVisible(bool(words))
    notice.set_text(words)
    # Qt keeps the height that it worked out while the notice was hidden or said less.
    notice.updateGeometry()
    if words:
        announce(notice, words)
