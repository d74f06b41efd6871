"""How a page looks: measures in points, colours, and the styles of its paragraphs."""

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from hah_desktop.documents.letters import BOLD, REGULAR

PAGE = A4
SIDE = 20 * mm
TOP = 30 * mm
BOTTOM = 27 * mm
COLUMN = PAGE[0] - 2 * SIDE
LABELS = 50 * mm

INK = HexColor("#16212A")
MUTED = HexColor("#4B5965")
ACCENT = HexColor("#0B6470")
TINT = HexColor("#E1F0F1")
RULE = HexColor("#DCE2E6")
MARKING = HexColor("#7A1F5C")
WARNED = HexColor("#FDEFCF")
WARNING = HexColor("#6B4200")

TAG = ("#9B170D", "#FCE4E1")
"""Colours of a tag's words and ground. The words alone say the same."""


def _style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        **{
            "fontName": REGULAR,
            "bulletFontName": REGULAR,
            "fontSize": size,
            "leading": leading,
            "textColor": INK,
            "alignment": TA_LEFT,
            "splitLongWords": 1,
            "allowWidows": 0,
            "allowOrphans": 0,
            **more,
        },
    )


BODY = _style("body", 10.5, 15, spaceAfter=6)
LEAD = _style("lead", 11.5, 16.5, textColor=MUTED, spaceAfter=10)
NOTE = _style(
    "note",
    9.5,
    13.5,
    textColor=WARNING,
    backColor=WARNED,
    borderPadding=(5, 8, 5, 8),
    leftIndent=8,
    rightIndent=8,
    spaceBefore=14,
    spaceAfter=11,
)
HEADINGS = {
    1: _style("h1", 23, 28, fontName=BOLD, textColor=ACCENT, spaceAfter=8, keepWithNext=1),
    2: _style("h2", 15.5, 20, fontName=BOLD, spaceBefore=17, spaceAfter=6, keepWithNext=1),
    3: _style("h3", 12, 16, fontName=BOLD, spaceBefore=11, spaceAfter=4, keepWithNext=1),
    4: _style(
        "h4", 9.5, 13, fontName=BOLD, textColor=ACCENT, spaceBefore=7, spaceAfter=2, keepWithNext=1
    ),
}
LABEL = _style("label", 9.5, 14, textColor=MUTED)
LABEL_ABOVE = _style("label-above", 9.5, 14, textColor=MUTED, spaceBefore=5, keepWithNext=1)
VALUE = _style("value", 10.5, 14)
STORY = _style("story", 10.5, 15, spaceAfter=5)
CELL = _style("cell", 9.5, 13)
CELL_HEAD = _style("cell-head", 9, 12, fontName=BOLD, textColor=ACCENT)
BAR = 3
INDENT = 14
QUOTE_LABEL = _style(
    "quote-label",
    9.5,
    15,
    textColor=MUTED,
    leftIndent=INDENT,
    barColor=ACCENT,
    keepWithNext=1,
)
QUOTE = _style("quote", 12.5, 18.5, leftIndent=INDENT, barColor=ACCENT)
QUOTE_DETAIL = _style("quote-detail", 8.5, 13, textColor=MUTED, leftIndent=INDENT, barColor=ACCENT)
REMARK_LABEL = _style(
    "remark-label", 9.5, 15, textColor=MUTED, leftIndent=INDENT, barColor=RULE, keepWithNext=1
)
REMARK = _style("remark", 10.5, 15, leftIndent=INDENT, barColor=RULE)
REMARK_DETAIL = _style("remark-detail", 8.5, 13, textColor=MUTED, leftIndent=INDENT, barColor=RULE)
OPTION = _style("option", 10.5, 15, leftIndent=INDENT, barColor=WARNING, keepWithNext=1)
OPTION_BY = _style("option-by", 8.5, 13, textColor=WARNING, leftIndent=INDENT, barColor=WARNING)
SMALL = 8.5
"""The size of what stands above and below every page."""
