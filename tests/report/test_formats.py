"""Every format against its golden file, with hostile labels, and at ten thousand findings."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from driftbot.core.chart import Flag
from driftbot.core.exit_code import ExitCode
from driftbot.core.subject import labels_of
from driftbot.core.triage import Triage
from driftbot.report.chart_numbers import numbers
from driftbot.report.console import Terminal
from driftbot.report.document import json_schema
from driftbot.report.harmless import harmless
from driftbot.report.json_format import _members
from driftbot.report.markdown import code, escaped
from driftbot.report.render import Format, render
from driftbot.report.summary import summary
from tests.report import charts
from tests.report.charts import ANY_CHART

GOLDEN = Path(__file__).parents[2] / "fixtures" / "report"
REPORTS = ("ordinary", "first_night", "clean", "blind", "hostile")
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal or a text direction obeys; the newline ends our own lines."""


def table(report):
    return render(report, terminal=Terminal(80, colors=False))


def colored(report):
    return render(report, terminal=Terminal(80, colors=True))


RENDERINGS = {
    "table.txt": table,
    "plain.txt": render,
    "json": lambda report: render(report, Format.JSON),
    "junit.xml": lambda report: render(report, Format.JUNIT),
    "md": lambda report: render(report, Format.MARKDOWN),
}


@pytest.mark.parametrize("ending", RENDERINGS)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_as_its_golden_file(request, name, ending):
    text = RENDERINGS[ending](request.getfixturevalue(name))
    golden = GOLDEN / f"{name}.{ending}"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_a_table_fits_the_terminal_and_colours_change_no_word(request, name):
    from rich.cells import cell_len

    report = request.getfixturevalue(name)
    text = table(report)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored(report)).splitlines()] == text.splitlines()
    assert re.search(r"\x1b\[", colored(report))


@pytest.mark.parametrize("ending", RENDERINGS)
def test_hostile_labels_are_harmless(hostile, ending):
    text = RENDERINGS[ending](hostile)
    assert OBEYED.search(text) is None
    assert text.encode("utf-8")


def test_hostile_labels_do_not_mark_up_a_coloured_table(hostile):
    shown = colored(hostile)
    assert "[bold]markup[/bold]" in re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\n", "")
    assert set(re.findall(r"\x1b.{0,2}", shown)) <= {"\x1b[0", "\x1b[1", "\x1b[2", "\x1b[3"}


def test_json_obeys_its_published_schema(request):
    validator = Draft202012Validator(json_schema())
    for name in REPORTS:
        assert list(validator.iter_errors(json.loads(render(request.getfixturevalue(name), Format.JSON)))) == []
    assert list(validator.iter_errors({"schema": "driftbot/report/1"})) != []


def charted(report, *some):
    """The report with these charts in its first news."""
    first, *rest = report.triage.news
    first = replace(first, finding=replace(first.finding, charts=some))
    return replace(report, triage=replace(report.triage, news=(first, *rest)))


@given(ANY_CHART)
def test_json_holds_the_numbers_of_any_chart(chart):
    entry = json.loads(json.dumps(numbers(chart), default=_members, allow_nan=False))
    assert len(entry["times"]) == len(entry["values"])


def test_json_with_charts_obeys_its_published_schema(ordinary):
    text = render(charted(ordinary, charts.breach(), charts.gaps(), charts.empty()), Format.JSON)
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []
    drawn = document["findings"][0]["charts"]
    assert (drawn[0]["key"], drawn[0]["unit"], drawn[0]["limit"]) == ("duration", "seconds", 7200.0)
    assert drawn[0]["times"][0] == "2026-01-05T00:00:00+00:00"
    assert drawn[0]["forecast"]["middle"][-1] == pytest.approx(7374.8, abs=0.1)
    assert None in drawn[1]["values"]


def test_markdown_draws_charts_that_no_label_ends(ordinary):
    evil = replace(charts.step(), changes=(Flag(charts.START + 63 * charts.DAY, "```` \n# title <b> ```"),))
    text = render(charted(ordinary, evil), Format.MARKDOWN)
    page = MarkdownIt("commonmark").enable("table").parse(text)
    (fence,) = [token for token in page if token.type == "fence"]
    assert fence.content.isascii()
    assert fence.markup == "`````", "longer than any run of its text"
    assert "A  2026-03-09 00:00 UTC  ````" in fence.content
    assert "## Charts" in text
    assert "## Charts" not in render(ordinary, Format.MARKDOWN)
    many = tuple(ordinary.triage.news[:1] * 12)
    told = replace(ordinary, triage=replace(ordinary.triage, news=many))
    drawn = [replace(life, finding=replace(life.finding, charts=(charts.flat(),))) for life in told.triage.news]
    text = render(replace(told, triage=replace(told.triage, news=tuple(drawn))), Format.MARKDOWN)
    assert "… and 2 more; scan --charts draws all of them." in text


def test_json_keeps_hostile_labels_as_they_were(hostile):
    document = json.loads(render(hostile, Format.JSON))
    assert document["findings"][0]["message"] == hostile.triage.news[0].finding.message


def test_junit_counts_what_it_holds(ordinary, blind):
    root = ElementTree.fromstring(render(ordinary, Format.JUNIT))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("8", "3", "0", "3")
    assert cases["ok: 40"].find("failure") is None
    assert cases["job:production/shop/billing"].find("failure").get("type") == "critical"
    assert cases["job:production/shop/sync"].find("skipped").get("message").startswith("not readable: self.duration")
    assert cases["job:production/shop/legacy"].find("skipped").get("message").startswith("waived: waived by ada")
    assert "job:production/shop/index" not in cases, "what is resolved is no case"
    assert ElementTree.fromstring(render(blind, Format.JUNIT)).get("errors") == "4"


def test_markdown_shows_hostile_labels_as_they_are(hostile):
    page = MarkdownIt("commonmark").enable("table").render(render(hostile, Format.MARKDOWN))
    tags = set(re.findall(r"</?([a-z0-9]+)", page))
    allowed = {"h1", "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "ul", "li", "br"}
    assert tags <= allowed
    assert "@everyone" not in re.sub(r"<code>.*?</code>", "", page)


def test_markdown_leaves_out_no_finding(first_night):
    text = render(first_night, Format.MARKDOWN)
    assert all(life.finding.fingerprint in text for life in first_night.triage.news)


@given(st.text(max_size=60))
def test_any_text_in_markdown_comes_back_as_it_was(text):
    shown = harmless(text)
    page = MarkdownIt("commonmark").enable("table")
    tokens = page.parseInline(f"x {escaped(text)} x")[0].children
    told = "".join(token.content for token in tokens if token.type in {"text", "text_special"})
    assert told.split() == f"x {shown} x".split()
    if shown.strip():
        row = page.render(f"| a | b |\n|---|---|\n| {code(text)} | end |\n")
        assert row.count("<td>") == 2
        assert row.rstrip().endswith("<td>end</td>\n</tr>\n</tbody>\n</table>")


@given(st.text(alphabet=st.characters(), max_size=500))
def test_any_text_is_one_harmless_line(text):
    shown = harmless(text)
    assert OBEYED.search(shown) is None
    assert "\n" not in shown


def test_a_long_text_is_cut_and_says_how_long_it_was():
    assert harmless("x" * 5000).endswith("… (5,000 characters)")


def test_ordinary_text_stays_as_it_is():
    text = 'max_over_time(x{a="b"}[5m]) > 0.7 × 2h – 🧨 العربية 日本'
    assert harmless(text) is text or harmless(text) == text


@pytest.mark.parametrize("ending", RENDERINGS)
def test_ten_thousand_findings_are_told(ordinary, ending):
    some = ordinary.triage.news[0]
    lives = tuple(
        replace(some, finding=replace(some.finding, subject=replace(some.finding.subject, name=f"shop/{number}")))
        for number in range(10_000)
    )
    text = RENDERINGS[ending](replace(ordinary, triage=Triage(ordinary.as_of, news=lives), exit_code=ExitCode.DRIFT))
    assert "9,990 more" in text if ending in ("table.txt", "plain.txt") else text.count("shop/9999") >= 1


def test_every_format_counts_the_same_judgements(ordinary):
    tally = replace(ordinary.evaluation.tallies[0], unknown=5, selected=44, undecided=3)
    report = replace(ordinary, evaluation=replace(ordinary.evaluation, tallies=(tally,)))
    judged = tally.ok + tally.drift + tally.unknown + tally.waived
    assert json.loads(render(report, Format.JSON))["counts"]["judgements"] == judged
    assert f"{judged} judgements" in render(report)
    assert f"{judged} judgements" in render(report, Format.MARKDOWN)


def test_a_scan_that_judged_nothing_does_not_call_it_no_drift(clean):
    tally = replace(clean.evaluation.tallies[0], ok=0, selected=0)
    report = replace(clean, evaluation=replace(clean.evaluation, tallies=(tally,)))
    assert "nothing was judged either" in render(report)
    assert "nothing was judged" not in render(clean)


def test_a_clean_scan_counts_what_it_could_not_judge(clean, ordinary):
    report = replace(clean, triage=replace(clean.triage, unread=ordinary.triage.unread))
    assert "No drift; 2 findings are not readable" in render(report)


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        ({"owner": "@shop/cart", "team": "cart"}, "@shop/cart"),
        ({"team": "cart"}, "cart"),
        ({"tier": "1"}, "data-platform"),
    ],
)
def test_a_finding_names_the_owner_of_its_subject_before_that_of_its_rule(clean, ordinary, labels, named):
    known = ordinary.triage.news[0]
    subject = replace(known.finding.subject, labels=labels_of(labels))
    life = replace(known, finding=replace(known.finding, subject=subject))
    report = replace(clean, triage=replace(clean.triage, news=(life,)))
    assert json.loads(render(report, Format.JSON))["findings"][0]["owner"] == named
    assert f"| {escaped(named)} | " in render(report, Format.MARKDOWN)


def test_the_first_night_offers_approval_only_where_a_rule_compares_with_it(first_night):
    assert "driftbot approve" not in str(summary(first_night))
    comparing = replace(
        first_night.rules[0], expect=replace(first_night.rules[0].expect, text="self.a.b < approved.a.b")
    )
    offered = [
        line for section in summary(replace(first_night, rules=(comparing,))).sections for line in section.commands
    ]
    assert [line for line in offered if "driftbot approve --key a.b " in line]
