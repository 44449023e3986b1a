"""A store in which everything that metrics tell of is there: what works, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from driftbot.config import Config, parse_config
from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Origin
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.message import ChannelHealth
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.run import RunState, StepState
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.core.subject import Subject
from driftbot.store.store import Store
from tests.store.run_scene import plan, remedy
from tests.store.scene import CART, HOUR, STOCK, finding, judge

MAIL = Subject("workload", "production", "shop/mail")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
CONFIG = b"""\
store: driftbot.db
sources:
  - {name: git, kind: alert_files, environment: production, path: alerts}
  - {name: prometheus, kind: prometheus, environment: production, url: "http://prometheus:9090"}
rules: {shipped: none}
channels:
  - {name: sre, kind: webhook, url: {env: HOOK}}
  - {name: shop, kind: webhook, url: {env: HOOK}}
accepted_gaps:
  - {gap: "git:a.yaml", owner: ann, reason: generated, expires: 2026-01-01}
serve: {cron: "30 2 * * *", zone: Europe/Berlin, jitter: 5m, longest_night: 4h}
"""


def config(folder: Path) -> Config:
    """Two sources, two channels, and one accepted gap that ended."""
    return parse_config(CONFIG, folder / "driftbot.yaml")


def fill(store: Store, now: datetime) -> None:
    """Two nights: one that saw everything, two days ago, and a blind one, an hour ago; and what people and runs did."""
    before, last = now - 2 * DAY, now - HOUR
    resolved = replace(life(MAIL, last - DAY), life=Life.RESOLVED, resolved=last)
    keep_night(store, before, [life(CART, before), life(MAIL, before)], exit_code=2)
    unknown = life(STOCK, last, Verdict.UNKNOWN)
    keep_night(
        store, last, [life(CART, before), replace(unknown, life=Life.UNREAD, times_opened=0), resolved], exit_code=1
    )
    store.add_waivers([waiver(CART, now - DAY, now - MINUTE), waiver(MAIL, now - DAY, now - MINUTE)])
    store.put_notice(OutboxNotice("3f9c2a000000", "escalated", "title", "body", now - 4 * DAY))
    store.keep_channel_health(ChannelHealth("sre", now, now - HOUR, posted=7, edited=30, failed=1))
    failing = ChannelHealth("shop", now, now - 3 * DAY, now - 2 * DAY, "channel_not_found", posted=2, failed=5)
    store.keep_channel_health(failing)
    store.keep_channel_health(replace(failing, channel="a channel of last year"))
    store.keep_snooze(Snooze("3f9c2a000000", now + HOUR, "ann", now - HOUR))
    store.keep_snooze(Snooze("3f9c2a000001", now - MINUTE, "ann", now - HOUR))
    store.add_not_useful(NotUseful("3f9c2a000000", "job-deadline-headroom", "ann", now))
    store.add_chat_decision(ChatDecision(now, ChatVerb.APPROVE, "Eve (U1)", "5ad1", False, "not an approver"))
    _runs(store, now)


def life(subject: Subject, at: datetime, verdict: Verdict = Verdict.DRIFT) -> FindingLife:
    """A finding that appeared then."""
    return FindingLife(finding(subject, verdict), Life.NEW, at, at)


def waiver(subject: Subject, created: datetime, expires: datetime) -> Waiver:
    """A waiver of the only rule there is."""
    found = finding(subject)
    return Waiver(found.fingerprint, found.rule, subject.id, "ann", "later", created, expires)


def keep_night(store: Store, at: datetime, lives: list[FindingLife], exit_code: int) -> None:
    """A night that found two gaps in one source and heard nothing of the other."""
    gaps = (Gap(Origin("git", "a.yaml", 7), "is not YAML"), Gap(Origin("git", "b.yaml", 1), "is not YAML"))
    coverage = [
        Coverage("git", "production", "workload", gaps=gaps),
        Coverage("git", "production", "job", gaps=gaps[:1]),
        Coverage("prometheus", "production", "job", gaps=(Gap(Origin("prometheus"), "refused"),), failed=True),
    ]
    with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at, at) as night:
        night.add_facts((), coverage)
        judge(night, lives, exit_code)
        night.end(at + 3 * MINUTE)


def _runs(store: Store, now: datetime) -> None:
    """One run that nobody can tell about, and one whose time has come."""
    wanted = remedy()
    with store.acting("test", now, HOUR) as lease:
        first = store.begin_run(lease, plan(wanted).digest, wanted, now, "ann")
        store.conclude(lease, first.number, 1, StepState.UNCERTAIN, now)
        store.change_run(lease, first.number, RunState.UNCERTAIN, "nobody knows")
        second = store.begin_run(lease, plan(wanted).digest, wanted, now, "ann")
        store.conclude(lease, second.number, 1, StepState.DONE, now)
        store.change_run(lease, second.number, RunState.VERIFYING, "done", due=now - HOUR)


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests do not tell who asked."""


@contextmanager
def served(registry: CollectorRegistry) -> Iterator[str]:
    """The address, host and port, under which a registry can be scraped."""
    with make_server("127.0.0.1", 0, make_wsgi_app(registry), handler_class=_Silent) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
