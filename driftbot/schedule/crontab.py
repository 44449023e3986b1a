"""A line for cron: who runs it, in which zone, where the output goes, and what makes cron send mail."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from driftbot.schedule.crontab_words import crontab_words
from driftbot.schedule.installation import Installation
from driftbot.schedule.night_schedule import NightSchedule, UnitFile, Units


@dataclass(frozen=True, slots=True)
class CronHost:
    """Who runs it (empty: whoever installs the line with ``crontab``), its store, its log, and who gets mail."""

    store: str
    log: str
    user: str = ""
    mail: str = ""


def crontab(schedule: NightSchedule, installation: Installation, host: CronHost) -> Units:
    """The lines, for /etc/cron.d where a user is named, else for that user's own crontab."""
    text = "\n".join(_lines(schedule, installation, host)) + "\n"
    if host.user:
        steps = (f"copy the file to /etc/cron.d/{installation.name}  # a name with a dot would be ignored",)
        return Units((UnitFile(installation.name, text),), tuple(_remarks(schedule, installation)), steps)
    file = f"{installation.name}.crontab"
    steps = (f"(crontab -l 2>/dev/null; cat {file}) | crontab -",)
    return Units((UnitFile(file, text),), tuple(_remarks(schedule, installation)), steps)


def _lines(schedule: NightSchedule, installation: Installation, host: CronHost) -> Iterator[str]:
    yield f"# driftbot: nights begin at {' '.join(schedule.cron.text.split())} ({schedule.zone})."
    yield "# Two nights at a time cannot be: the store's lease keeps them apart, so no lock is needed here."
    yield "SHELL=/bin/sh"
    yield f"# Mail is sent only where a night failed or was blind; all that is said goes to {_visible(host.log)}."
    yield f'MAILTO="{host.mail}"' if host.mail else "# MAILTO=somebody@example.org"
    yield "# cronie (Red Hat, SUSE, Arch) heeds this; Debian's cron goes by the machine's zone, whatever stands here."
    yield f"CRON_TZ={schedule.zone}"
    who = f"{host.user} " if host.user else ""
    yield f"{crontab_words(schedule.cron)} {who}{_command(schedule, installation, host)}"


def _command(schedule: NightSchedule, installation: Installation, host: CronHost) -> str:
    """Drift is told where it is to be told, and is no failure (--exit-zero); all else is a line of mail."""
    program, run, *rest = installation.command("run", host.store)
    words = shlex.join((program, run, "--exit-zero", *rest))
    log = shlex.quote(host.log)
    seconds = schedule.jitter // timedelta(seconds=1)
    wait = f'sleep "$(shuf -i 0-{seconds} -n 1)"; ' if seconds else ""
    failed = f'echo "driftbot: the night ended with $?; see "{log}'
    # To cron a bare % is the end of the line.
    return f"{wait}{words} >>{log} 2>&1 || {failed}".replace("%", "\\%")


def _remarks(schedule: NightSchedule, installation: Installation) -> Iterator[str]:
    if schedule.zone not in ("UTC", "Etc/UTC"):
        yield f"Debian's cron knows no CRON_TZ: on it the line is read in the machine's zone, not {schedule.zone}"
    if schedule.catch_up:
        yield (
            "cron catches nothing up: a night is lost while the machine is off; a systemd timer and `driftbot serve` "
            "catch it up"
        )
    if installation.variables:
        yield f"cron passes no environment on: set {', '.join(installation.variables)}, or name secrets by {{file: …}}"


def _visible(text: str) -> str:
    return " ".join(text.split())
