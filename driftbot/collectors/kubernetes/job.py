"""Jobs and CronJobs: deadlines, retries, schedules and what stays behind.

Defaults: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ (backoffLimit 6, parallelism 1,
completions 1) and .../cron-job-v1/ (concurrencyPolicy Allow, not suspended, 3 and 1 old jobs kept). A deadline that
nobody wrote is none: the job may run for ever. A zero is a zero: ``activeDeadlineSeconds: 0`` ends a job at once,
``backoffLimit: 0`` allows no second try, ``ttlSecondsAfterFinished: 0`` deletes it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.collectors.kubernetes.manifest import Manifest, mapping, nobody_else
from driftbot.collectors.kubernetes.pod import state_pod_spec
from driftbot.collectors.kubernetes.schedule import NotASchedule, shortest_interval
from driftbot.collectors.statement import Statement, weakest
from driftbot.core.fact import Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject
from driftbot.documents.node import Node

KIND = "job"
_NUMBERS = (
    ("timeout.deadline", "activeDeadlineSeconds", Unit.SECONDS, None,
     "after which the job is killed, all retries included; absent: it may run for ever"),
    ("retries.max", "backoffLimit", Unit.COUNT, 6, "failed pods that are tried again before the job fails (default 6)"),
    ("retention.ttl", "ttlSecondsAfterFinished", Unit.SECONDS, None, "after which a finished job is deleted"),
    ("parallelism", "parallelism", Unit.COUNT, 1, "pods that run at once (default 1)"),
    ("completions", "completions", Unit.COUNT, None, "pods that must succeed (default: 1 where parallelism is unset)"),
)  # fmt: skip
_CRON_NUMBERS = (
    ("schedule.starting_deadline", "startingDeadlineSeconds", Unit.SECONDS, None,
     "how late a missed run may still start; absent: always, but after 100 missed runs it never starts again"),
    ("history_limit.successful", "successfulJobsHistoryLimit", Unit.COUNT, 3, "good jobs that are kept (default 3)"),
    ("history_limit.failed", "failedJobsHistoryLimit", Unit.COUNT, 1, "failed jobs that are kept (default 1)"),
)  # fmt: skip


givers = nobody_else


def keys() -> Iterator[Key]:
    """What jobs say."""
    for name, _, unit, _, meaning in (*_NUMBERS, *_CRON_NUMBERS):
        yield Key(KIND, name, ValueType.QUANTITY, meaning, unit)
    interval = "the shortest time between two runs of the schedule"
    yield Key(KIND, "schedule.interval", ValueType.QUANTITY, interval, Unit.SECONDS)
    for name, type, meaning in (
        ("schedule.cron", ValueType.TEXT, "the schedule as written"),
        ("schedule.time_zone", ValueType.TEXT, "the schedule's time zone; absent: the controller's"),
        ("schedule.concurrency", ValueType.TEXT, "what happens while the last run still runs: Allow (default), Forbid"
         " or Replace"),
        ("schedule.suspended", ValueType.FLAG, "whether the schedule is switched off (default false)"),
    ):  # fmt: skip
        yield Key(KIND, name, type, meaning)


def state_job(manifest: Manifest, subject: Subject, limit_ranges: Sequence[Manifest]) -> list[Statement]:
    """All that a Job or a CronJob says, and what its containers say."""
    say = Statement(subject)
    scheduled = manifest.kind == "CronJob"
    spec = mapping(manifest.spec, "jobTemplate", "spec") if scheduled else manifest.spec
    pod = mapping(spec, "template", "spec")
    if manifest.spec is None or spec is None or pod is None:
        say.doubt(manifest.node, f"the {manifest.kind} has no pod template (a patch?)")
        return [say]
    if scheduled:
        _state_schedule(manifest.spec, say)
    for key, field, unit, default, _ in _NUMBERS:
        say.quantity(key, unit, spec, field, default)
    if "completions" not in spec.members and "parallelism" not in spec.members:
        say.state("completions", Quantity(1.0, Unit.COUNT), spec, Provenance.DEFAULT)
    return [say, *state_pod_spec(pod, say, limit_ranges)]


def _state_schedule(spec: Node, say: Statement) -> None:
    for key, field, unit, default, _ in _CRON_NUMBERS:
        say.quantity(key, unit, spec, field, default)
    say.text("schedule.time_zone", spec, "timeZone")
    say.text("schedule.concurrency", spec, "concurrencyPolicy", default="Allow")
    say.flag("schedule.suspended", spec, "suspend", default=False)
    cron = say.text("schedule.cron", spec, "schedule")
    if cron is None:
        return
    try:
        seconds = shortest_interval(str(cron.value))
    except NotASchedule as error:
        say.doubt(spec.members["schedule"].value, f"schedule.interval: {error}")
        return
    if seconds is not None:
        say.state("schedule.interval", Quantity(seconds, Unit.SECONDS), cron.origin, weakest((cron,)))
