"""Draws the blocks of an edition: what each looks like on paper. It decides nothing about words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count, groupby
from typing import assert_never

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.tables import TableStyle

from hah_desktop.documents import look
from hah_desktop.documents.letters import BOLD, REGULAR, Letters, width
from hah_desktop.documents.tree import (
    Alternatives,
    Block,
    Facts,
    Heading,
    Note,
    Quote,
    Table,
)
from hah_desktop.documents.tree import Paragraph as Words

_BESIDE = 420
"""A longer answer, in letters, stands under its question and not beside it: it may need a page."""

_LINE = 40
"""A line of an answer counts as so many letters."""

_KEPT_WHOLE = 900
"""A quote of up to so many letters is not broken over two pages."""

_OPENING = '\N{LEFT DOUBLE QUOTATION MARK}"'
_CLOSING = '\N{RIGHT DOUBLE QUOTATION MARK}"'
_MARKS = frozenset(_OPENING + _CLOSING)

_IN_OUTLINE = 3
_PAD = 5.0
_WIDEST = 42.0


class Titled(Paragraph):  # type: ignore[misc] # ReportLab has no types
    """A heading that also stands in the outline of the file, where `entry` is set."""

    entry: tuple[str, str, int] | None = None

    def draw(self) -> None:
        """Draw the heading and note where it stands."""
        if self.entry:
            title, key, level = self.entry
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(title, key, level)
        super().draw()


class Barred(Paragraph):  # type: ignore[misc] # ReportLab has no types
    """A paragraph with a bar at its left, also where it runs over to the next page."""

    def draw(self) -> None:
        """Draw the bar over the whole height, so that the bars of neighbours join."""
        self.canv.saveState()
        self.canv.setFillColor(self.style.barColor)
        self.canv.rect(0, 0, look.BAR, self.height, stroke=0, fill=1)
        self.canv.restoreState()
        super().draw()


@dataclass(frozen=True, slots=True)
class Drawing:
    """Turns blocks into what ReportLab lays out, with the letters that can be printed."""

    letters: Letters

    def flowables(self, blocks: Sequence[Block]) -> list[Flowable]:
        """Every block in order; neighbouring short facts line up in one grid."""
        keys = (f"h{number}" for number in count())
        drawn: list[Flowable] = []
        for short, run in groupby(blocks, _is_short):
            facts = [block for block in run if isinstance(block, Facts)] if short else []
            if facts:
                drawn.append(self._grid_of(facts))
            else:
                drawn += [part for block in run for part in self._block(block, keys)]
        return drawn

    def _block(self, block: Block, keys: Iterator[str]) -> list[Flowable]:
        match block:
            case Heading():
                drawn = [self._heading(block, next(keys))]
            case Words():
                drawn = [self._paragraph(block.words, look.LEAD)]
            case Note():
                drawn = [self._paragraph(block.words, look.NOTE)]
            case Facts():
                drawn = self._story(block)
            case Quote():
                drawn = self._quote(block)
            case Alternatives():
                drawn = self._alternatives(block)
            case Table():
                drawn = [self._table(block), Spacer(0, 6)]
            case _:
                assert_never(block)
        return drawn

    def _marked_up(self, words: str) -> str:
        return escape(self.letters.printable(words), quote=False).replace("\n", "<br/>")

    def _paragraph(self, words: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(self._marked_up(words), style)

    def _heading(self, block: Heading, key: str) -> Flowable:
        words = self._marked_up(block.words)
        if block.tag:
            ink, ground = look.TAG
            tag = self._marked_up(block.tag)
            words += f'&nbsp; <font color="{ink}" backColor="{ground}">&nbsp;{tag}&nbsp;</font>'
        heading = Titled(words, look.HEADINGS[block.level])
        if block.level <= _IN_OUTLINE:
            heading.entry = (block.words, key, block.level - 1)
        return heading

    def _grid_of(self, facts: Sequence[Facts]) -> Flowable:
        rows = [
            [self._paragraph(fact.label, look.LABEL), self._paragraph(fact.value, look.VALUE)]
            for fact in facts
        ]
        widths = (look.LABELS, look.COLUMN - look.LABELS)
        return Grid(rows, colWidths=widths, style=_FACTS, spaceAfter=4, hAlign="LEFT")

    def _story(self, block: Facts) -> list[Flowable]:
        """A long answer under its question, a paragraph for each of its own."""
        lines = [line for line in self.letters.printable(block.value).split("\n") if line.strip()]
        story = [self._paragraph(line, look.STORY) for line in lines]
        return [self._paragraph(block.label, look.LABEL_ABOVE), *story] if block.label else story

    def _quote(self, block: Quote) -> list[Flowable]:
        said = f"{block.whose} said" if block.whose else ""
        kind = " · ".join(part for part in (block.label, block.number) if part)
        words = _in_quotes(block.words)
        label = look.QUOTE_LABEL if block.whose else look.REMARK_LABEL
        style = look.QUOTE if block.whose else look.REMARK
        drawn: list[Flowable] = [
            Barred(self._attribution(said, kind), label),
            Barred(self._marked_up(words if block.spoken else block.words), style),
        ]
        detail = look.QUOTE_DETAIL if block.whose else look.REMARK_DETAIL
        drawn += [Barred(self._marked_up(line), detail) for line in block.details]
        kept = [Spacer(0, 4), *drawn]
        if len(block.words) <= _KEPT_WHOLE:
            _keep_together(kept)
        return [*kept, Spacer(0, 8)]

    def _attribution(self, said: str, kind: str) -> str:
        ink = look.ACCENT.hexval().replace("0x", "#")
        who = f'<font face="{BOLD}" color="{ink}">{self._marked_up(said)}</font> &nbsp;·&nbsp; '
        return (who if said else "") + self._marked_up(kind)

    def _alternatives(self, block: Alternatives) -> list[Flowable]:
        drawn: list[Flowable] = [self._paragraph(block.label, look.LABEL_ABOVE)]
        for option in block.options:
            by = ", ".join(part for part in (option.author, option.made_at) if part)
            drawn.append(Barred(self._marked_up(option.words), look.OPTION))
            drawn += [Barred(self._marked_up(by), look.OPTION_BY), Spacer(0, 4)]
        return [*drawn, Spacer(0, 4)]

    def _table(self, block: Table) -> Flowable:
        rows = [[self._paragraph(cell, look.CELL_HEAD) for cell in block.head]]
        rows += [[self._paragraph(cell, look.CELL) for cell in row] for row in block.rows]
        return Grid(rows, colWidths=self._widths(block), style=_ROWS, repeatRows=1, hAlign="LEFT")

    def _widths(self, block: Table) -> list[float]:
        """Each column as wide as its longest word at least; the rest goes by what is said."""
        columns = list(zip(block.head, *block.rows, strict=True))
        least = [min(self._longest(column), look.COLUMN / len(columns)) for column in columns]
        weights = [min(max(map(len, cells), default=0), _WIDEST) + 1 for _, *cells in columns]
        spare = look.COLUMN - sum(least)
        return [
            narrow + spare * weight / sum(weights)
            for narrow, weight in zip(least, weights, strict=True)
        ]

    def _longest(self, column: Sequence[str]) -> float:
        words = [word for cell in column for word in self.letters.printable(cell).split()]
        size = look.CELL.fontSize
        return max((width(word, BOLD, size) for word in words), default=0.0) + 2 * _PAD + 1


def _in_quotes(words: str) -> str:
    """The words in one pair of quotation marks; their author may have typed one already."""
    bare = words.strip()
    inner = bare[1:-1]
    if len(bare) > 1 and bare[0] in _OPENING and bare[-1] in _CLOSING and not _MARKS & set(inner):
        bare = inner
    return f"\N{LEFT DOUBLE QUOTATION MARK}{bare}\N{RIGHT DOUBLE QUOTATION MARK}"


def _keep_together(flowables: Sequence[Flowable]) -> None:
    """On one page, with each other and with a heading before them.

    ReportLab's own KeepTogether lets go of a heading that stands before it.
    """
    for flowable in flowables[:-1]:
        flowable.keepWithNext = 1


def _is_short(block: Block) -> bool:
    if not isinstance(block, Facts) or not block.label:
        return False
    return len(block.value) + _LINE * block.value.count("\n") <= _BESIDE


_FACTS = TableStyle(
    [
        ("FONT", (0, 0), (-1, -1), REGULAR),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (0, -1), 8),
        ("RIGHTPADDING", (1, 0), (1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, look.RULE),
    ]
)
_ROWS = TableStyle(
    [
        ("FONT", (0, 0), (-1, -1), REGULAR),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("BACKGROUND", (0, 0), (-1, 0), look.TINT),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, look.RULE),
    ]
)
