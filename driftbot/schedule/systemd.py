"""Units for systemd: a service that runs once and a timer, or one service that stays awake.

Every directive is one of systemd 247 (Debian 11) or older.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath

from driftbot.schedule.installation import Installation
from driftbot.schedule.night_schedule import NightSchedule, Running, UnitFile, Units, clock_remarks
from driftbot.schedule.systemd_calendar import calendar_events
from driftbot.schedule.systemd_host import SystemdHost
from driftbot.schedule.systemd_sight import needs_homes, sight_remarks

_GRACE = timedelta(minutes=5)
"""How long what is under way may take to end when it is told to (ours: a step of a playbook, a night being kept)."""
_HARDENING = """\
# It needs its state, its configuration and the network; all else is taken from it.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateMounts=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# A file that an action replaces keeps its owner.
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM
RemoveIPC=yes
KeyringMode=private
UMask=0077
"""


def systemd_units(
    schedule: NightSchedule, installation: Installation, host: SystemdHost, running: Running, now: datetime
) -> Units:
    """The units, to be put into /etc/systemd/system."""
    name = installation.name
    remarks = (*sight_remarks(installation, host), *_secret_remarks(installation), *_writing_remarks(host))
    if running is Running.SERVE:
        service = UnitFile(f"{name}.service", _serve_service(installation, host))
        return Units((service,), remarks, tuple(_steps(installation, f"{name}.service")))
    files = (
        UnitFile(f"{name}.service", _night_service(schedule, installation, host)),
        UnitFile(f"{name}.timer", _timer(schedule, installation)),
    )
    lost = clock_remarks(schedule, "a systemd timer", False, now)
    return Units(files, (*lost, *remarks), tuple(_steps(installation, f"{name}.timer")))


def _night_service(schedule: NightSchedule, installation: Installation, host: SystemdHost) -> str:
    longest = schedule.longest + _GRACE
    return f"""\
# {installation.name}.service: one night of driftbot, begun by {installation.name}.timer.
[Unit]
Description=driftbot: the night (operational drift)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={_command(installation, "run")}
# 2 says that something drifted: a finding, not a failure. 1 says that the night was blind, and that is one.
SuccessExitStatus=2
# A night that failed is not tried again by itself: the next one follows, and a person has to look.
Restart=no
TimeoutStartSec={_seconds(longest)}
{_ending()}
{_identity(installation, host)}
{_hardening(installation, host)}"""


def _serve_service(installation: Installation, host: SystemdHost) -> str:
    return f"""\
# {installation.name}.service: driftbot stays awake, begins its nights itself, and listens to Slack.
[Unit]
Description=driftbot: nights, chat and metrics (operational drift)
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart={_command(installation, "serve")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=30s
# 64 says that the command line was not understood: trying again would not help.
RestartPreventExitStatus=64
{_ending()}
{_identity(installation, host)}
{_hardening(installation, host)}
[Install]
WantedBy=multi-user.target
"""


def _timer(schedule: NightSchedule, installation: Installation) -> str:
    events = "\n".join(f"OnCalendar={event}" for event in calendar_events(schedule.cron, schedule.zone))
    persistent = "true" if schedule.catch_up else "false"
    return f"""\
# {installation.name}.timer: begins {installation.name}.service at {_one_line(schedule.cron.text)} ({schedule.zone}).
[Unit]
Description=driftbot: when nights begin

[Timer]
{events}
# A night missed while the machine was off is caught up once when it is back.
Persistent={persistent}
RandomizedDelaySec={_seconds(schedule.jitter)}

[Install]
WantedBy=timers.target
"""


def _ending() -> str:
    return f"""\
# Told to stop, it ends the step under way and keeps no half night; its children end with it.
KillMode=mixed
TimeoutStopSec={_seconds(_GRACE)}
"""


def _identity(installation: Installation, host: SystemdHost) -> str:
    lines = [f"User={host.user}"] if host.user else ["DynamicUser=yes"]
    lines += ["# The store outlives every run: /var/lib/" + installation.name]
    lines += [f"StateDirectory={installation.name}", "StateDirectoryMode=0700", f"CacheDirectory={installation.name}"]
    lines += [f"Environment=HOME=%S/{installation.name} MPLCONFIGDIR=%C/{installation.name}"]
    lines += _secrets(installation)
    lines += [f"ReadWritePaths={quoted(path)}" for path in host.writable]
    return "\n".join(lines) + "\n"


def _secrets(installation: Installation) -> Iterator[str]:
    named = f", one NAME=value a line: {', '.join(names)}" if (names := installation.secret_variables) else ""
    yield f"# Secrets, readable by root alone (0600){named}"
    yield f"EnvironmentFile=-/etc/{installation.name}/environment"
    folder = _credentials(installation)
    for path in installation.secret_files:
        if path.startswith(folder):
            name = path.removeprefix(folder)
            yield f"LoadCredential={name}:/etc/{installation.name}/{name}"


def _secret_remarks(installation: Installation) -> Iterator[str]:
    folder = _credentials(installation)
    for path in installation.secret_files:
        if not path.startswith(folder):
            yield (
                f"the secret's file {path} has to be readable by the service's user; named {folder}NAME in the "
                f"configuration, systemd passes /etc/{installation.name}/NAME on, which only root needs to read"
            )


def _writing_remarks(host: SystemdHost) -> Iterator[str]:
    if host.writable and not host.user:
        told = ", ".join(host.writable)
        yield f"the user that systemd makes has to be given the right to write {told}; name one of yours with --user"
    for folder in host.edited:
        if not any(PurePath(folder).is_relative_to(writable) for writable in host.writable):
            yield (
                f"the ladder lets driftbot act, and the service may not write {folder}: where playbooks edit files "
                f"there, add --writable {shlex.quote(folder)}, and --user with one that may write there"
            )


def _credentials(installation: Installation) -> str:
    return f"/run/credentials/{installation.name}.service/"


def _hardening(installation: Installation, host: SystemdHost) -> str:
    return _HARDENING.format(home="read-only" if needs_homes(installation, host) else "yes")


def _command(installation: Installation, subcommand: str) -> str:
    store = f"sqlite:////var/lib/{installation.name}/driftbot.db"
    return " ".join(map(quoted, installation.command(subcommand, store)))


def _steps(installation: Installation, unit: str) -> Iterator[str]:
    yield "copy the files to /etc/systemd/system"
    place = f"/etc/{installation.name}"
    if names := installation.secret_variables:
        yield f"write {place}/environment (root's, 0600)  # lines NAME=value: {', '.join(names)}"
    folder = _credentials(installation)
    for path in installation.secret_files:
        held = path.startswith(folder)
        told = (
            f"{place}/{path.removeprefix(folder)} (root's, 0600)" if held else f"{path} (the service's user reads it)"
        )
        yield f"write the secret into {told}"
    yield f"systemd-analyze verify {unit}"
    yield "systemctl daemon-reload"
    yield f"systemctl enable --now {unit}"
    yield f"journalctl --unit {installation.name}.service  # what the nights said"


def quoted(word: str) -> str:
    """A word as unit files quote it (systemd.syntax(7)): no specifier, no variable, no blank ends it."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if any(sign in plain for sign in " \t'\"\\;#") else plain


def _seconds(span: timedelta) -> str:
    return f"{int(span.total_seconds())}s"


def _one_line(text: str) -> str:
    return " ".join(text.split())
