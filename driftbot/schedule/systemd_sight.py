"""What a hardened service does not see: homes (ProtectHome=, DynamicUser=) and the machine's /tmp (PrivateTmp=)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from driftbot.schedule.installation import Installation
from driftbot.schedule.systemd_host import SystemdHost

_TEMPORARY = ("/tmp", "/var/tmp")
_ROOTS_HOME = "/root"
_HOMES = ("/home", _ROOTS_HOME, "/run/user")


def needs_homes(installation: Installation, host: SystemdHost) -> bool:
    """Whether anything that the service reads or writes is in somebody's home."""
    return any(_below(path, _HOMES) for _, path in _named(installation, host))


def sight_remarks(installation: Installation, host: SystemdHost) -> Iterator[str]:
    """Sentences on each place that the service would not see, so that it could not start, and what to do."""
    for noun, path in _named(installation, host):
        elsewhere = f"put it elsewhere, such as below /etc/{installation.name}, /opt or /srv"
        if _below(path, _TEMPORARY):
            yield f"the service cannot start: it has a /tmp of its own and does not see {noun} {path}; {elsewhere}"
        elif _below(path, (_ROOTS_HOME,)) and host.user != "root":
            yield f"the service cannot start: only root sees {noun} {path}; {elsewhere}, or name --user root"
        elif _below(path, _HOMES) and not host.user:
            yield (
                f"the service cannot start where its user may not enter {noun} {path}: name the home's owner with "
                f"--user, or {elsewhere}"
            )
        elif _below(path, _HOMES) and not _below(path, (f"/home/{host.user}", _ROOTS_HOME)):
            yield f"the user {host.user} has to be able to read {noun} {path}; if not, {elsewhere}"


def _named(installation: Installation, host: SystemdHost) -> Iterator[tuple[str, str]]:
    yield "the program", installation.program
    yield "the configuration", installation.config
    yield from (("the secret's file", path) for path in installation.secret_files)
    yield from (("the folder to write", path) for path in host.writable)


def _below(path: str, folders: tuple[str, ...]) -> bool:
    return any(PurePath(path).is_relative_to(folder) for folder in folders)
