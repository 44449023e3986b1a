"""The whole report as Markdown for issues and pull requests; labels can neither mark up, mention nor link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from driftbot.core.history import FindingLife
from driftbot.report.harmless import harmless
from driftbot.report.outline import Charset, Section
from driftbot.report.report import Report
from driftbot.report.summary import summary
from driftbot.report.wording import change, comparison, owner, state, where

EVERYTHING = 1_000_000
DRAWN = 10
"""Findings whose charts are drawn into the page (ours: hosts cut comments at 65,536 characters)."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


def render(report: Report) -> str:
    """Every finding, none left out, as GitHub-flavoured Markdown; the charts of the worst of them."""
    return "\n".join(_lines(report)) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no mention, no link."""
    quoted = _MARKUP.sub(r"\\\1", harmless(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An empty comment keeps hosts from mentioning people and from linking bare addresses; they see no word then.
    return quoted.replace("@", "@<!-- -->").replace("://", ":<!-- -->//")


def code(text: str) -> str:
    """Text in a code span, safe in a table cell whatever backquotes and bars it holds."""
    shown = harmless(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def _lines(report: Report) -> Iterator[str]:
    told = summary(report, EVERYTHING)
    triage = report.triage
    yield f"# {escaped(told.title)}"
    yield ""
    yield f"**{escaped(told.summary)}**"
    yield ""
    yield escaped(told.conclusion)
    yield from _findings("News", triage.news, report)
    yield from _findings("Still standing", triage.standing, report)
    yield from _findings("Waived", triage.waived, report)
    yield from _findings("Not readable", triage.unread, report)
    yield from _findings("Resolved", triage.resolved, report)
    yield from _charts([life for life in (*triage.news, *triage.standing) if life.finding.charts])
    for section in told.sections:
        if not section.title.startswith(_TABLES):
            yield from _section(section)


_TABLES = ("News", "First night", "Still standing", "Not readable", "Resolved")


def _findings(title: str, lives: Sequence[FindingLife], report: Report) -> Iterator[str]:
    if not lives:
        return
    yield from ("", f"## {title}: {len(lives):,}", "")
    yield "| severity | rule | subject | what | state | where | owner | finding |"
    yield "|---|---|---|---|---|---|---|---|"
    for life in lives:
        finding = life.finding
        what = [finding.message or finding.title, comparison(finding), *finding.reasons]
        cells = (
            str(finding.severity),
            code(finding.rule),
            code(str(finding.subject)),
            "<br>".join(escaped(text) for text in what if text),
            "<br>".join(escaped(text) for text in (state(life), change(life)) if text),
            code(where(finding)),
            escaped(owner(finding, report.rules_by_id.get(finding.rule))),
            code(finding.fingerprint),
        )
        yield f"| {' | '.join(cells)} |"


def _charts(lives: Sequence[FindingLife]) -> Iterator[str]:
    """The charts in ASCII, as the fonts of pages have dots and blocks of other widths than letters."""
    if not lives:
        return
    from driftbot.report import chart_text

    yield from ("", "## Charts")
    for life in lives[:DRAWN]:
        for chart in life.finding.charts:
            lines = chart_text.render(chart, charset=Charset.ASCII)
            fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
            yield from ("", f"{code(life.finding.rule)} {code(str(life.finding.subject))}", "", f"{fence}text")
            yield from (*lines, fence)
    if len(lives) > DRAWN:
        yield from ("", f"… and {len(lives) - DRAWN:,} more; scan --charts draws all of them.")


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(section.title)}", "")
    for item in section.items:
        mark = f"{escaped(item.mark)}: " if item.mark else ""
        yield f"- {mark}{code(item.head)}" + "".join(f"<br>{escaped(line)}" for line in item.lines)
    for line in section.closing:
        yield from ("", escaped(line))
