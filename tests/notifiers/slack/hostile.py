"""Texts that somebody could put into a label, digests full of them, and a workspace to tell them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from driftbot.core.coverage import AcceptedGap
from driftbot.core.digest import Counts, Digest, Entry, Offer, Standing
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.exit_code import ExitCode
from driftbot.core.fact import Origin
from driftbot.core.finding import Evidence, Finding, Recommendation, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.ladder import Level
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Rule, Severity
from driftbot.core.run import PlanApproval, Run, RunState
from driftbot.core.silence import Silence, SilenceState
from driftbot.core.snooze import Snooze
from driftbot.core.subject import Subject
from driftbot.notifiers.slack.workspace import SlackWorkspace
from tests.notices import digest_scene as scene
from tests.notifiers.slack.runs import run

HOSTILE = (
    "<!channel> <!here|x> <@U012ABC> <#C012ABC> <!subteam^S012|x> &lt;!channel&gt; &amp; <https://evil.example|bank>",
    "*bold* _it_ ~gone~ `code` ```pre``` :fire: :+1::skin-tone-2: ＊wide＊ ＿x＿ ｀y｀",
    "> quoted\r\n>>> all\n• list\t| cell {} {0} %s",
    "\u202eright to left\u202c \u2066iso\u2069 \u200b\u200d\ufeff \x00\x07\x1b[31m \x9b \ud800 \udfff \ufffe",
    "العربية עברית ‏ <script>alert(1)</script> 🧨👩‍💻 ß",
    "x" * 5000,
    "&" * 5000,
    "word " * 1000,
    "`" * 400 + "<" * 400 + "_*_" * 400,
    "",
    " ",
)
WORKSPACE = SlackWorkspace.model_validate(
    {
        "token": {"env": "SLACK_TOKEN"},
        "app_token": {"env": "SLACK_APP_TOKEN"},
        "people": {"U012ANN": {"name": "Ann <ann@example.org>"}},
        "owners": {"data-*": "S0DATA", "*": "U012ANN"},
        "approvers": ["U012ANN"],
    }
)
"""Socket Mode, somebody who may approve, and somebody to mention for every owner."""

text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.text("<>&!@#*_~`:|^ab1 \n", max_size=60),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join),
)
moment = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
_name = text.filter(bool)
_subject = st.builds(Subject, _name, _name, _name)
_origin = st.builds(Origin, text, text, st.integers(0, 9_999), query=text)
_evidence = st.builds(Evidence, text, text, origins=st.lists(_origin, max_size=2).map(tuple))
_advice = st.builds(Recommendation, text, st.one_of(st.none(), text), text)
finding = st.builds(
    Finding, text, _subject, st.sampled_from(Verdict), st.sampled_from(Severity), text, text, text, text,
    st.lists(_evidence, max_size=2).map(tuple), st.lists(_advice, max_size=6).map(tuple),
    st.lists(text, max_size=6).map(tuple), charts=st.sampled_from([(), (scene.chart(),)]),
)  # fmt: skip
_waiver = st.builds(Waiver, text, text, _subject.map(lambda one: one.id), text, text, moment, moment)
_approvals = st.lists(st.builds(PlanApproval, text, text, moment), max_size=6).map(tuple)
_offer = st.builds(
    Offer, st.just(scene.REMEDY), st.just(scene.PLAN), text, st.sampled_from(Level), text, _approvals,
    st.integers(0, 3), st.lists(text, max_size=5).map(tuple),
)  # fmt: skip


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    told = scene.rule()
    words = {"url": draw(text), "summary": draw(text), "incident": draw(text)}
    lesson = replace(told.lesson, date=draw(st.sampled_from([None, date(2025, 3, 11)])), **words)
    return replace(told, lesson=lesson, why=draw(text))


@st.composite
def _runs(draw: st.DrawFn) -> Run:
    words = {"by": draw(text), "told": draw(text), "undone_by": draw(text), "approvals": draw(_approvals)}
    return run(draw(st.sampled_from(RunState)), due=draw(st.none() | moment), ended=draw(st.none() | moment), **words)


@st.composite
def lives(draw: st.DrawFn) -> FindingLife:
    """A life of whatever finding."""
    return FindingLife(
        draw(finding), draw(st.sampled_from(Life)), draw(moment), draw(moment), draw(st.none() | moment), draw(text),
        draw(st.none() | moment), draw(st.integers(0, 12)),
    )  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An entry with everything that an entry can have."""
    return Entry(
        draw(lives()), draw(st.sampled_from(Standing)), draw(text), draw(st.none() | _rules()),
        draw(st.none() | _offer), draw(st.none() | _runs()), draw(st.none() | _waiver),
        draw(st.none() | st.builds(Snooze, text, moment, text, moment)), draw(st.integers(0, 2_000)),
        draw(st.none() | moment),
    )  # fmt: skip


_excuse = (
    _waiver
    | st.builds(AcceptedGap, text, text, text, moment)
    | st.builds(Approval, _subject.map(lambda one: one.id), text, text, text, text, moment)
)
notice = st.builds(OutboxNotice, text, text, text, text, moment)


@st.composite
def digests(draw: st.DrawFn, **fixed: Any) -> Digest:
    """A digest of anything."""
    counts = st.builds(Counts, *[st.integers(0, 99_999)] * 4)
    told = Digest(
        "sre", draw(moment), draw(moment), draw(st.none() | st.sampled_from(ExitCode)), draw(counts),
        tuple(draw(st.lists(entries(), max_size=4))),
        tuple(draw(st.lists(st.builds(Silence, _excuse, st.sampled_from(SilenceState), text), max_size=12))),
        tuple(draw(st.lists(text, max_size=12))), tuple(draw(st.lists(notice, max_size=2))),
        draw(st.none() | moment), draw(st.none() | moment),
    )  # fmt: skip
    return replace(told, **fixed)


def full_entry(word: str, standing: Standing = Standing.NEW, state: RunState = RunState.ESCALATED) -> Entry:
    """An entry that has all an entry can have, and ``word`` wherever a text is."""
    words: dict[str, Any] = {"told": word, "held": (word,) * 9}
    given = tuple(PlanApproval(word, f"{number} {word}", scene.NOW) for number in range(9))
    about = Finding(
        word or "x", Subject(word or "x", word or "x", word or "x"), Verdict.DRIFT, Severity.CRITICAL, word, word, word,
        word, (Evidence(word, word, origins=(Origin(word, word, 14, query=word),)),),
        (Recommendation(word, word, word),) * 9, (word,) * 9, charts=(scene.chart(),) * 3,
    )  # fmt: skip
    told, night = scene.rule(), scene.NIGHT
    return Entry(
        FindingLife(about, Life.ONGOING, night, night, night, word, times_opened=1_000), standing, word,
        replace(told, why=word, lesson=replace(told.lesson, summary=word, incident=word)),
        scene.offer(approvals=given, missing=2, playbook=word, **words),
        run(state, by=word, told=word, approvals=given, undone_by=word),
        scene.waiver(about, owner=word, reason=word), scene.snooze(about, by=word), 2_000, night,
    )  # fmt: skip
