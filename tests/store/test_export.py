"""An export is everything the store knows, a document a line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.excuse import Approval, Waiver
from driftbot.core.fact import Origin
from driftbot.core.marker import Marker
from driftbot.core.message import ChannelHealth, Message, MessageState
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.plan import Plan
from driftbot.core.restored import restored
from driftbot.core.series import Series
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.core.span import Span
from driftbot.store.store import Store
from tests.store.run_scene import approval, plan, remedy
from tests.store.scene import CART, HOUR, SEEN_ALL, judge, keep, new_life, night_of, seconds, timeout


def test_everything_is_exported(store: Store, tmp_path: Path):
    with store.lease("test", night_of(0), HOUR) as lease, store.begin_night(lease, night_of(0)) as night:
        night.add_facts([timeout(seconds(5))], SEEN_ALL)
        night.measured("production", "workload", "duration", "prometheus", Span(0.0, 7.5, 60.0, "ab"))
        night.add_series([Series(CART, "duration", np.arange(3.0), np.arange(3.0), Origin("prometheus", query="q"))])
        night.set_note("rotation", "cärt")
        night.add_markers([Marker(CART, 60.0, "2.4.1", origin=Origin("log", "deploys.csv", 2), commit="3f2a91c")])
        judge(night, [new_life(0)])
    keep(store, 1, [timeout(seconds(9))])
    store.add_waivers([Waiver("abc", "rule", CART.id, "ann", "known", night_of(0), night_of(90))])
    store.add_approvals([Approval(CART.id, "timeout.request", seconds(5), "ann", "fine", night_of(0))])
    store.end_waiver("abc", night_of(1), "bob", "fixed")

    store.keep_plan(plan(remedy()))
    store.approve_plan(approval(remedy().digest))
    store.put_notice(OutboxNotice("abc", "notice", "cärt", "too short", night_of(0)))
    with store.acting("me", night_of(0), HOUR) as acting:
        store.begin_run(acting, plan(remedy()).digest, remedy(), night_of(1), "ann", [approval(remedy().digest)])

    store.keep_message(Message("sre", "digest", "C1", "ab", night_of(1), MessageState.SENT, "170.1"))
    store.keep_channel_health(ChannelHealth("sre", night_of(1), night_of(1)))
    store.keep_snooze(Snooze("abc", night_of(2), "ann", night_of(1)))
    store.add_not_useful(NotUseful("abc", "rule", "ann", night_of(1)))
    store.add_chat_decision(ChatDecision(night_of(1), ChatVerb.SNOOZE, "ann", "abc", True, "until then"))

    path = tmp_path / "everything.jsonl"
    count = store.export(path)
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    assert count == len(lines)
    assert Counter(line["type"] for line in lines) == {
        "fact": 2, "labels": 1, "night": 2, "coverage": 2, "finding": 2, "tally": 1, "rule": 1, "waiver": 1,
        "approval": 1, "series": 1, "measured": 1, "note": 1, "store": 1, "marker": 1,
        "plan": 1, "plan_approval": 1, "run": 1, "notice": 1,
        "message": 1, "channel_health": 1, "snooze": 1, "not_useful": 1, "chat_decision": 1,
    }  # fmt: skip
    by_type = {line["type"]: line for line in lines}
    assert by_type["snooze"] == {
        "type": "snooze",
        "fingerprint": "abc",
        "until": night_of(2).isoformat(),
        "snoozed_by": "ann",
        "at": night_of(1).isoformat(),
    }
    subject = {"kind": "workload", "environment": "production", "name": "shop/cart"}
    assert next(line for line in lines if line["type"] == "fact") == {
        "type": "fact",
        "subject": subject,
        "key": "timeout.request",
        "value": [5.0, "seconds"],
        "view": "declared",
        "provenance": "explicit",
        "origin": {"source": "git", "locator": "cart.yaml", "line": 3},
        "first_seen": "2026-01-01T02:00:00+00:00",
        "last_seen": "2026-01-01T02:00:00+00:00",
        "closed": "2026-01-02T02:00:00+00:00",
    }
    assert by_type["labels"]["labels"] == {"team": "shop"}
    assert by_type["series"]["values"] == [0.0, 1.0, 2.0]
    assert by_type["series"]["origin"] == {"source": "prometheus", "query": "q"}
    assert by_type["waiver"]["ended"] == {"at": "2026-01-02T02:00:00+00:00", "by": "bob", "because": "fixed"}
    assert by_type["approval"]["value"] == [5.0, "seconds"]
    assert by_type["finding"]["finding"]["subject"] == {**subject, "labels": {"team": "shop"}}
    assert by_type["marker"] == {
        "type": "marker",
        "subject": {**subject, "labels": {"team": "shop"}},
        "cause": "release",
        "name": "2.4.1",
        "at": 60.0,
        "late_by": 0.0,
        "commit": "3f2a91c",
        "origin": {"source": "log", "locator": "deploys.csv", "line": 2},
        "first_seen": "2026-01-01T02:00:00+00:00",
        "closed": None,
    }
    assert by_type["note"]["body"] == "cärt"
    assert restored(Plan, json.dumps(by_type["plan"]["plan"])) == plan(remedy())
    assert by_type["plan_approval"]["by"] == "ann"
    assert (by_type["run"]["state"], by_type["run"]["digest"]) == ("running", remedy().digest)
    assert [step["state"] for step in by_type["run"]["steps"]] == ["planned", "planned"]
    assert (by_type["notice"]["title"], by_type["notice"]["delivered"]) == ("cärt", None)
    assert by_type["measured"]["until"] == 7.5
