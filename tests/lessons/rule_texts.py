"""Rule files for tests of what is done with rules: one that is well tested, changed by a test as it likes."""

from __future__ import annotations

from driftbot.core.body import Body
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.quantity import Unit
from driftbot.rules.reading import RuleBook, read_rules

WORDS = Vocabulary(
    [
        Key("job", "timeout.deadline", ValueType.QUANTITY, "after which it is killed", Unit.SECONDS, ("files",)),
        Key("job", "owner", ValueType.TEXT, "who owns it", None, ("files",)),
        Key("job", "paused", ValueType.FLAG, "whether it is switched off", None, ("files",)),
        Key("job", "needs", ValueType.NAMES, "what it needs", None, ("files",)),
        Key("job", "tested_at", ValueType.INSTANT, "when it was tried last", None, ("files",)),
        Key("job", "duration", ValueType.SERIES, "how long it ran", Unit.SECONDS, ("signals",)),
        Key("call", "retries.max", ValueType.QUANTITY, "tries after the first", Unit.COUNT, ("catalog",)),
    ]
)

GOOD = """\
id: deadline
title: A job has half an hour to spare
reference: {url: "https://example.org/deadlines", summary: Jobs that are killed lose their work.}
why: Nobody notices a job that is killed now and then.
numbers: {30m: ours, 14d: ours}
severity: high
owner: batch
review_by: 2030-01-01
for_each: job
where: self.labels.tier == "1"
let:
  longest: self.duration.max("14d")
expect: longest + duration("30m") <= self.timeout.deadline
message: "{longest} of {self.timeout.deadline}"
cases:
  - name: too long
    labels: {tier: "1"}
    facts: {timeout.deadline: 2h}
    series: {duration: {level: 92m, over: 20d}}
    verdict: drift
  - name: just right
    labels: {tier: "1"}
    facts: {timeout.deadline: 2h}
    series: {duration: {level: 90m, over: 20d}}
    verdict: ok
  - name: a minute less would do
    labels: {tier: "1"}
    facts: {timeout.deadline: 119m}
    series: {duration: {level: 90m, over: 20d}}
    verdict: drift
  - name: was long before
    labels: {tier: "1"}
    facts: {timeout.deadline: 100m}
    series: {duration: {from: 100m, to: 10m, over: 28d}}
    verdict: ok
  - name: was long ten days ago
    labels: {tier: "1"}
    facts: {timeout.deadline: 70m}
    series: {duration: {from: 100m, to: 10m, over: 28d}}
    verdict: drift
  - name: never measured
    labels: {tier: "1"}
    facts: {timeout.deadline: 2h}
    verdict: unknown
  - name: not that important
    labels: {tier: "2"}
    facts: {timeout.deadline: 2h}
    series: {duration: {level: 119m, over: 20d}}
    selected: false
"""


def book_of(text: str, words: Vocabulary = WORDS, name: str = "deadline") -> RuleBook:
    """The book of one file."""
    return read_rules([Body(f"{name}.yaml", text.encode())], words)


def without_case(text: str, name: str) -> str:
    """The file without the case of that name."""
    head, _, rest = text.partition("cases:\n")
    cases = rest.split("  - name: ")[1:]
    kept = [case for case in cases if not case.startswith(f"{name}\n")]
    assert len(kept) == len(cases) - 1, f"there is no case {name!r}"
    return f"{head}cases:\n" + "".join(f"  - name: {case}" for case in kept)
