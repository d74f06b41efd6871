"""How the page of operations looks: HTML without a script, for every screen, reader and printer.

Everything that comes out of the database is escaped. Pure.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from hah_central.office.standing import FAILURE_DAYS, Standing
from hah_desktop.domain.errors import KnownError

INK, PAPER, LINE, ALARM, LINK = "#1a1a1a", "#ffffff", "#767676", "#8a1c00", "#0b4f8a"
"""Each of the others stands on PAPER with a contrast of 4.5 and more."""

STYLE = f"""
body {{ color: {INK}; background: {PAPER}; font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 75rem; padding: 1rem; overflow-wrap: anywhere; }}
.skip {{ position: absolute; left: -100vw; }}
.skip:focus {{ position: static; }}
a {{ color: {LINK}; }}
:focus-visible {{ outline: 3px solid {LINK}; outline-offset: 2px; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; overflow-wrap: normal; }}
caption {{ text-align: left; padding: .25rem 0; }}
th, td {{ border: 1px solid {LINE}; padding: .25rem .5rem; text-align: left; vertical-align: top; }}
dl {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .5rem; }}
dt {{ font-weight: bold; }}
dd {{ margin: 0; }}
.alarm {{ color: {ALARM}; font-weight: bold; }}
input, button {{ font: inherit; padding: .5rem; max-width: 100%; box-sizing: border-box; }}
@media print {{ .skip {{ display: none; }} .wide {{ overflow: visible; }}
  tr {{ break-inside: avoid; }} }}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_TWO_DAYS = 48


def page(standing: Standing) -> str:
    """All that whoever looks after the office needs to see."""
    return _whole("How the office stands", "".join(_parts(standing)))


def sign_in(*, wrong: bool) -> str:
    """The form that asks for the token."""
    told = (
        '<p class="alarm" id="wrong">This token is not valid, or it has run out.</p>'
        if wrong
        else ""
    )
    described = ' aria-describedby="wrong" aria-invalid="true"' if wrong else ""
    return _whole(
        "Sign in to see how the office stands",
        f"""{told}<form method="post" action="/operations">
<p>Run <kbd>hah-central operations-token</kbd> on this machine, and paste here what it prints.</p>
<p><label for="token">Token</label><br>
<input id="token" name="token" type="password" autocomplete="off" required{described}></p>
<p><button>Sign in</button></p></form>""",
    )


def no_database(told: KnownError) -> str:
    """The page while the database cannot be asked."""
    return _whole("How the office stands cannot be seen now", f"<p>{escape(str(told))}</p>")


def _whole(title: str, main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – Help at Hand</title><style>{STYLE}</style></head>
<body><a class="skip" href="#main">Skip to what matters</a>
<header><p>Help at Hand office</p></header>
<main id="main" tabindex="-1"><h1>{escape(title)}</h1>{main}</main>
<footer><p>Nothing a child said or that was written about one is on this page.</p></footer>
</body></html>
"""


def _parts(standing: Standing) -> Iterator[str]:
    yield f"<p>On {_moment(standing.now)}. Load the page again for newer figures.</p>"
    yield _section("figures", "In short", _figures(standing))
    names = {line.id: f"{line.name} of {line.adviser}" for line in standing.laptops}
    overdue = [(names[id_], "; ".join(why)) for id_, why in standing.overdue.items()]
    yield _section(
        "overdue",
        "Overdue",
        _table("Laptops whose adviser should be rung", ("Laptop", "Why"), overdue)
        if overdue
        else "<p>No laptop is overdue.</p>",
    )
    yield _section("laptops", "Laptops", _laptops(standing))
    aside = [(why.what, f"{count:,}", why.office) for why, count in standing.set_aside]
    yield _section(
        "aside",
        "Set aside",
        _table(
            "Changes that are kept and not used; the command “set-aside” lists them",
            ("Why", "How many", "What to do"),
            aside,
        )
        if aside
        else "<p>Nothing is set aside.</p>",
    )
    failed = [
        (f"{each.laptop} of {each.adviser}", each.day, each.problem, str(each.times))
        for each in standing.failures
    ]
    yield _section(
        "failures",
        f"What went wrong in the last {FAILURE_DAYS} days",
        _table("Refused, by laptop and day", ("Laptop", "Day", "Problem", "Times"), failed)
        if failed
        else "<p>No laptop was refused anything.</p>",
    )


def _figures(standing: Standing) -> str:
    aside = standing.verdicts["set_aside"]
    since = standing.set_aside_since
    figures = {
        "Changes in the journal": f"{sum(standing.verdicts.values()):,}",
        "Counter of the journal": f"{standing.seq:,}",
        "Kept of what laptops signed": f"{standing.signed_bytes / 1e6:,.1f} MB",
        "Changes waiting on laptops": f"{standing.waiting:,}",
        "Attachments that have not come": f"{standing.attachments:,}",
        "Fields for a person to decide": f"{standing.conflicts:,}",
        "Changes set aside": f"{aside:,}, the oldest from {_moment(since)}"
        if since
        else f"{aside}",
        "Records opened by their readers": f"{standing.readings:,}",
        "Last verified backup": _backup(standing),
    }
    return f"<dl>{''.join(f'<div><dt>{k}</dt><dd>{v}</dd></div>' for k, v in figures.items())}</dl>"


def _backup(standing: Standing) -> str:
    if standing.backup is None:
        return "Nobody told the service of one: run “hah-central backup-made” after each"
    hours = (standing.now - standing.backup).total_seconds() // 3600
    age = f"{hours:.0f} hours" if hours < _TWO_DAYS else f"{hours // 24:.0f} days"
    return f"{_moment(standing.backup)}, {age} ago"


def _laptops(standing: Standing) -> str:
    if not standing.laptops:
        return "<p>No laptop is enrolled yet.</p>"
    rows = [
        (
            f"{line.name} of {line.adviser}",
            _moment(line.last_contact) if line.last_contact else "never",
            "not told" if line.waiting is None else f"{line.waiting:,}",
            f"{line.attachments:,}",
            f"{line.files:,}",
            line.program or "not told",
            line.clock or ("not told" if line.ahead is None else "right"),
            "revoked" if line.revoked else ("overdue" if line.id in standing.overdue else "well"),
        )
        for line in standing.laptops
    ]
    head = (
        "Laptop",
        "Last contact",
        "Changes waiting",
        "Attachments waiting",
        "Files",
        "Program",
        "Clock",
        "How it stands",
    )
    return _table("Every laptop that was enrolled", head, rows)


def _section(name: str, title: str, inside: str) -> str:
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>{inside}</section>'
    )


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that scrolls by itself where the screen is narrow, also with the keyboard."""
    columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(_row(cells) for cells in rows)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *others = map(escape, cells)
    rest = "".join(
        f'<td class="alarm">{cell}</td>' if cell == "overdue" else f"<td>{cell}</td>"
        for cell in others
    )
    return f'<tr><th scope="row">{first}</th>{rest}</tr>'


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
