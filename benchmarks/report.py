"""A run's results as a table for people and as JSON for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import Line, Results, Samples


@dataclass(frozen=True)
class Report:
    """All there is to say about one run."""

    measured_at: str
    quick: bool
    machine: Mapping[str, str]
    load_at_end: str
    results: Results

    def to_plain(self) -> dict[str, Any]:
        """The report for JSON; every time is in seconds."""
        return {
            "measured_at": self.measured_at,
            "quick": self.quick,
            "machine": dict(self.machine),
            "load_at_end": self.load_at_end,
            "lines": [_line_plain(line) for line in self.results.lines],
            "facts": [
                {
                    "part": f.part,
                    "what": f.what,
                    "value": round(f.value, 4),
                    "unit": f.unit,
                    "most": f.most,
                }
                for f in self.results.facts
            ],
            "notes": list(self.results.notes),
        }

    def to_text(self) -> str:
        """The report for a terminal, which is Markdown too."""
        return "\n".join([*self._about(), "", *self._table(), "", *self._facts()]) + "\n"

    def _about(self) -> Iterator[str]:
        yield f"Measured at {self.measured_at}{', quickly: no figure to rely on' * self.quick}."
        for name, words in self.machine.items():
            yield f"- {name}: {words}"
        yield f"- load at the end: {self.load_at_end}"
        yield from (f"- {note}" for note in self.results.notes)

    def _table(self) -> Iterator[str]:
        heads = ("part", "what", "ours (least to most)", "a second", "compared to", "theirs")
        yield f"| {' | '.join((*heads, 'ratio', 'at most'))} |"
        yield "|---|---|--:|--:|---|--:|--:|--:|"
        for line in self.results.lines:
            ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
            theirs = duration(line.theirs.median) if line.theirs else ""
            cells = (line.part, line.what, _spread(line.ours), _rate(line))
            limit = _limit(line.most)
            yield f"| {' | '.join((*cells, line.against, theirs, ratio, limit))} |"

    def _facts(self) -> Iterator[str]:
        if not self.results.facts:
            return
        yield "| part | what | | at most |"
        yield "|---|---|--:|--:|"
        for fact in self.results.facts:
            figure = f"{_figure(fact.value)} {fact.unit}"
            yield f"| {fact.part} | {fact.what} | {figure} | {_limit(fact.most)} |"


def duration(seconds: float) -> str:
    """A time in the unit that reads best."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 100 else f"{milliseconds:.2f} ms"  # noqa: PLR2004 - three digits


def _spread(samples: Samples) -> str:
    least, most = duration(samples.least), duration(samples.most)
    return f"{duration(samples.median)} ({least} to {most})"


def _rate(line: Line) -> str:
    return f"{line.items / line.ours.median:,.0f}" if line.items > 1 else ""


def _limit(most: float | None) -> str:
    return "" if most is None else f"{most:.2f}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - three digits


def _line_plain(line: Line) -> dict[str, Any]:
    return {
        "part": line.part,
        "what": line.what,
        "ours": _samples_plain(line.ours),
        "against": line.against,
        "theirs": _samples_plain(line.theirs) if line.theirs else None,
        "ratio": round(line.ratio, 4) if line.ratio is not None else None,
        "items": line.items,
        "most": line.most,
    }


def _samples_plain(samples: Samples) -> dict[str, Any]:
    return {
        "median": samples.median,
        "least": samples.least,
        "most": samples.most,
        "rounds": list(samples.seconds),
    }
