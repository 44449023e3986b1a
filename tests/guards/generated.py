"""Generated scenes: a small estate in which remedies, runs, nights and options meet often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SUBJECTS = ("job:production/a", "job:production/b", "job:staging/c", "workload:production/d")
RULES = ("deadline", "replicas", "memory")
PLAYBOOKS = ("raise-deadline", "spread-replicas")
VALUES = {
    "timeout.deadline": ("90m", "2h", "2h", "150m", "3h", "4h", "9h", ""),
    "replicas": ("0", "2", "3", "3", "4", "-2"),
    "strategy": ("Recreate", "RollingUpdate"),
}
AGO = ("-1h", "10m", "59m", "1h", "23h", "1d", "3d", "8d", "29d", "30d", "45d")
SPANS = ("0s", "1h", "1d", "7d", "30d")
STATES = (
    *("running", "waiting", "verifying", "uncertain", "resolved"),
    *("refused", "stopped", "undone", "declined", "escalated"),
)
STEP_STATES = (
    *("planned", "intended", "pending", "done", "done", "done"),
    *("not_done", "undoing", "undone", "conflict", "refused"),
)
NOWS = ("2026-06-10T12:00+00:00", "2026-06-12T23:30+00:00", "2026-03-29T01:10+00:00", "2026-10-25T00:40+00:00")
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata")
CLOCKS = ("00:00", "02:30", "06:00", "12:00", "14:00", "22:00")


@st.composite
def changes(draw: st.DrawFn) -> dict[str, str]:
    key = draw(st.sampled_from(sorted(VALUES)))
    before, after = draw(st.sampled_from(VALUES[key])), draw(st.sampled_from(VALUES[key]))
    return {"key": key, "before": before, "after": after}


@st.composite
def remedies(draw: st.DrawFn) -> dict[str, Any]:
    subject, rule = draw(st.sampled_from(SUBJECTS)), draw(st.sampled_from(RULES))
    return {
        "name": f"{rule}-{subject}",
        "subject": subject,
        "rule": rule,
        "playbook": draw(st.sampled_from(PLAYBOOKS)),
        "level": draw(st.sampled_from(("auto", "auto", "auto", "approve", "propose", "observe"))),
        "owner": draw(st.sampled_from(("shop", "search", ""))),
        "severity": draw(st.sampled_from(("high", "low"))),
        "observed": draw(st.sampled_from(("10", "20"))),
        "target": draw(st.sampled_from(("file:a", "file:b", "file:c"))),
        "irreversible": draw(st.sampled_from(("", "", "", "no way back"))),
        "sources": draw(st.sampled_from((["files"], ["files", "prometheus"], ["approvals"], []))),
        "changes": draw(st.lists(changes(), min_size=1, max_size=1)),
    }


@st.composite
def runs(draw: st.DrawFn, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """A run, more often than not for a finding of now; what it changed may be what is changed again."""
    return {
        **draw(st.one_of(st.sampled_from(asked), st.sampled_from(asked), remedies())),
        **draw(st.one_of(st.just({}), st.fixed_dictionaries({"changes": st.lists(changes(), min_size=1, max_size=1)}))),
        "state": draw(st.sampled_from(STATES)),
        "steps_are": draw(st.sampled_from(STEP_STATES)),
        "ago": draw(st.sampled_from(AGO)),
        "undone_by": draw(st.sampled_from(("", "", "ada"))),
    }


LIMIT = st.fixed_dictionaries(
    {}, optional={"most": st.integers(0, 4), "share": st.sampled_from((0.05, 0.1, 0.25, 0.5, 1.0))}
)
BOUNDS = st.dictionaries(
    st.just("timeout.deadline"), st.sampled_from(({"least": "90m"}, {"most": "3h"}, {"least": "1h", "most": "4h"}))
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "ladder": st.lists(
            st.fixed_dictionaries(
                {"level": st.sampled_from(("observe", "propose", "auto", "auto", "auto", "auto"))},
                optional={
                    "rule": st.sampled_from(("*", "deadline", "re*")),
                    "playbook": st.sampled_from(("*", "raise-*")),
                    "environment": st.sampled_from(("*", "production")),
                },
            ),
            min_size=1,
            max_size=3,
        ),
        "limits": st.fixed_dictionaries(
            {},
            optional={
                "within": st.sampled_from(SPANS),
                "few": st.integers(0, 3),
                **dict.fromkeys(("run", "rule", "owner", "environment"), LIMIT),
            },
        ),
        "steps": st.fixed_dictionaries(
            {},
            optional={
                "factor": st.sampled_from((1.2, 1.5, 2.0, 9.0)),
                "within": st.sampled_from(SPANS),
                "bounds": BOUNDS,
            },
        ),
        "freezes": st.lists(
            st.fixed_dictionaries(
                {
                    "from": st.sampled_from(("2026-03-01", "2026-06-10T12:00:00Z", "2026-06-13T01:30")),
                    "to": st.sampled_from(("2026-06-13T02:00", "2026-12-01")),
                    "zone": st.sampled_from(ZONES),
                    "reason": st.just("sale"),
                    "environments": st.sampled_from((["*"], ["staging"], ["prod*"])),
                }
            ),
            max_size=1,
        ),
        "hours": st.lists(
            st.fixed_dictionaries(
                {
                    "from": st.sampled_from(CLOCKS),
                    "to": st.sampled_from(CLOCKS),
                    "zone": st.sampled_from(ZONES),
                    "days": st.sampled_from((["wed"], ["fri", "sat"], ["sat", "sun", "wed"])),
                    "environments": st.sampled_from((["*"], ["staging"])),
                }
            ),
            max_size=2,
        ),
        "cooldown": st.sampled_from(SPANS),
        "rest": st.sampled_from(SPANS),
        "remember": st.sampled_from(SPANS),
        "attempts": st.integers(1, 3),
        "failures": st.integers(1, 3),
        "facts": st.fixed_dictionaries({}, optional={"share": st.sampled_from((0.0, 0.5, 0.8, 1.0))}),
    },
)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "most": st.integers(1, 4),
        "share": st.sampled_from((0.1, 0.5, 1.0)),
        "factor": st.sampled_from((1.5, 2.0, 5.0)),
        "cooldown": st.sampled_from(SPANS),
        "attempts": st.integers(1, 3),
        "bounds": BOUNDS,
    },
)
COUNTS = st.dictionaries(st.sampled_from(("files", "prometheus", "approvals")), st.integers(0, 12))
POPULATION = st.integers(0, 40)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    days = sorted(draw(st.lists(st.integers(0, 50), max_size=6, unique=True)), reverse=True)
    values = [[draw(st.sampled_from(("2h", "3h"))), f"{day}d"] for day in days]
    return [{"subject": SUBJECTS[0], "values": values}] if values else []


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A scene as a case file writes it; no two remedies are for one finding. Half of them are calm."""
    calm = draw(st.booleans())
    asked = draw(st.lists(remedies(), min_size=1, max_size=5, unique_by=lambda one: one["name"]))
    verdicts = draw(
        st.dictionaries(
            st.sampled_from([one["name"] for one in asked]),
            st.sampled_from(("unknown", "waived", "ok", "drift", None)),
            max_size=0 if calm else 1,
        )
    )
    options = draw(OPTIONS)
    if calm:
        options.pop("ladder", None)
        options.pop("facts", None)
    return {
        "now": draw(st.sampled_from(NOWS)),
        "remedies": asked,
        "verdicts": verdicts,
        "runs": draw(st.lists(runs(asked), max_size=1 if calm else 4)),
        "options": options,
        "playbooks": {name: draw(LIMITS) for name in PLAYBOOKS},
        "nights": draw(st.lists(COUNTS, min_size=1, max_size=4)) if not calm else [{"files": 1}],
        "coverage": draw(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "environment": st.sampled_from(("production", "staging")),
                        "gaps": st.lists(st.sampled_from(("x.yaml", "y.yaml")), max_size=2, unique=True),
                        "failed": st.booleans(),
                    },
                ),
                max_size=1,
            )
        ),
        "accepted": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "gap": st.just("files:x.yaml"),
                        "expires": st.sampled_from(("2026-01-01", "2027-01-01")),
                    }
                ),
                max_size=1,
            )
        ),
        "population": {
            "rules": draw(st.dictionaries(st.sampled_from(RULES), POPULATION)),
            "owners": draw(st.dictionaries(st.sampled_from(("shop", "search")), POPULATION)),
            "environments": draw(st.dictionaries(st.sampled_from(("production", "staging")), POPULATION)),
        },
        "history": draw(histories()),
        "stopped": "" if calm else draw(st.sampled_from(("", "", "", "", "a file"))),
    }
