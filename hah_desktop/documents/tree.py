"""What an edition is made of: typed blocks of plain words, in reading order. Pure."""

from dataclasses import dataclass, field

from hah_desktop.domain.fields import Reader


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the document) to 4 (a part of one record). `tag` is a short mark."""

    level: int
    words: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of the program's own, said to the reader."""

    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One question and its answer. Lines of the answer are kept."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several answers that a person still has to choose between."""

    words: str
    author: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A question with more than one answer, each with its author and time."""

    label: str
    options: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that were said or written down on the visit, exactly as they stand in the record.

    `label` says what kind of words they are, `whose` who said them ("Kai M.", "A child"; empty
    for the advisers' own), `number` how the rest of the document calls them. `spoken` is True for
    the very words of a child: only these stand in quotation marks, since a wish that an adviser
    put into words would be misquoted by them. `details` are what else is known, in a line each.
    """

    words: str
    label: str
    whose: str = ""
    number: str = ""
    spoken: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Short answers of several records of one kind, a row for each record."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the program about the record, such as an answer that is being checked."""

    words: str


Block = Heading | Paragraph | Facts | Alternatives | Quote | Table | Note


@dataclass(frozen=True, slots=True)
class Slip:
    """Words a person typed that tell the reader what this reader may not be told."""

    told: str
    where: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the reader must not be told: kept in memory for the last check, never printed.

    `names` and `texts` must not stand anywhere in the file but where `cleared`, the answers and
    questions that the reader may see, happen to say the same. `slips` were found in words that
    would be printed; while there is one, the document is refused.
    """

    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A document for one reader, before it is drawn.

    `title` stands on every page and in the file's description, `reference` names the visit
    without naming anybody, `marking` is the protective marking.
    """

    reader: Reader
    title: str
    reference: str
    marking: str
    blocks: tuple[Block, ...]
    withheld: Withheld = field(default=Withheld(), repr=False)


def words_of(block: Block) -> tuple[str, ...]:
    """Every piece of text of one block, in reading order."""
    match block:
        case Heading():
            return (block.words, block.tag)
        case Paragraph() | Note():
            return (block.words,)
        case Facts():
            return (block.label, block.value)
        case Alternatives():
            options = [(o.words, o.author, o.made_at) for o in block.options]
            return (block.label, *(part for option in options for part in option))
        case Quote():
            return (block.number, block.label, block.whose, block.words, *block.details)
        case Table():
            return (*block.head, *(cell for row in block.rows for cell in row))


def frame_of(block: Block) -> tuple[str, ...]:
    """The words that a block puts around answers: questions, kinds, titles."""
    match block:
        case Heading():
            return (block.words,)
        case Facts() | Alternatives():
            return (block.label,)
        case Quote():
            return (f"{block.whose} said", block.label)
        case Table():
            return block.head
        case Paragraph() | Note():
            return ()
