"""``driftbot schedule``: print what makes nights begin: units of systemd, manifests of Kubernetes, a line of cron."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driftbot.cli.open_store import config_option
from driftbot.cli.schedule_options import FOLDER, IMAGE, MAIL, NAME, PLACE, PROGRAM, SIZE, USER
from driftbot.core.failure import Failure

if TYPE_CHECKING:
    from driftbot.config import Config
    from driftbot.schedule.installation import Installation
    from driftbot.schedule.night_schedule import Units

_name = click.option(
    "--name", type=NAME, default="driftbot", show_default=True, help="What units and folders are called."
)
_program = click.option("--program", type=PROGRAM, metavar="PATH", help="Where driftbot is installed; else this one.")
_store = click.option(
    "--store",
    "url",
    type=PLACE,
    metavar="URL",
    help="The store; else the configuration's, or a file of the unit's own.",
)
_serve = click.option("--serve", is_flag=True, help="`driftbot serve` begins the nights and stays awake: no timer.")
_output = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write files there, not to stdout.",
)
_force = click.option("--force", is_flag=True, help="Write over files that are there and differ.")


@click.group(
    epilog="Examples: `driftbot schedule systemd --output units`, `driftbot schedule k8s --image driftbot:1.0 "
    "| kubectl apply -f -`. When nights begin is said under serve: in driftbot.yaml."
)
def command() -> None:
    """Print what makes nights begin, and what watches that they do; nothing is installed."""


@command.command(epilog="Example: `driftbot schedule systemd --output units`; what follows is said then.")
@config_option
@_store
@_name
@_program
@click.option("--user", type=USER, help="Who runs it; else a user of its own that systemd makes.")
@click.option("--writable", type=FOLDER, multiple=True, metavar="DIR", help="Where its actions may write; repeatable.")
@_serve
@_output
@_force
def systemd(
    config: Path | None,
    url: str | None,
    name: str,
    program: str | None,
    user: str | None,
    writable: tuple[str, ...],
    serve: bool,
    output: Path | None,
    force: bool,
) -> None:
    """A hardened service and a timer, or with --serve one service that stays awake.

    Drift (2) is a success of the service, being blind (1) a failure; neither is tried again before the next night. The
    store is in /var/lib/NAME unless it is on a server.
    """
    from driftbot.cli.schedule_options import (
        edited_folders,
        program_path,
        schedule_of,
        server_store,
        without_password,
    )
    from driftbot.config import load_config
    from driftbot.schedule.night_schedule import Running
    from driftbot.schedule.systemd import systemd_units
    from driftbot.schedule.systemd_host import SystemdHost

    settings = load_config(config)
    store = without_password(server_store(settings, url))
    if store is not None and store.startswith("sqlite:///"):
        writable = (*writable, str(Path(store.removeprefix("sqlite:///")).parent))
    installation = _installation(settings, name, program_path(program), store)
    running = Running.SERVE if serve else Running.TIMER
    host = SystemdHost(user or "", writable, edited_folders(settings))
    units = systemd_units(schedule_of(settings), installation, host, running, datetime.now(UTC))
    _tell(units, output, force)
    _tell_store(settings, store or f"sqlite:////var/lib/{name}/driftbot.db")


@command.command(epilog="Example: `driftbot schedule k8s --image registry.example.org/driftbot:1.0 --namespace ops`.")
@config_option
@_store
@_name
@click.option("--program", type=PROGRAM, default="driftbot", show_default=True, help="The command in the image.")
@click.option("--image", type=IMAGE, required=True, help="The image that holds driftbot.")
@click.option("--namespace", type=NAME, default="driftbot", show_default=True, help="It has to exist.")
@click.option("--volume", type=SIZE, default="5Gi", show_default=True, help="How much room the store gets.")
@click.option("--storage-class", type=NAME, help="Of which class its volume is; else the cluster's default.")
@_serve
@_output
@_force
def k8s(
    config: Path | None,
    url: str | None,
    name: str,
    program: str,
    image: str,
    namespace: str,
    volume: str,
    storage_class: str | None,
    serve: bool,
    output: Path | None,
    force: bool,
) -> None:
    """A CronJob, or with --serve a Deployment, and what it needs; for Kubernetes 1.27 and newer.

    Drift is no failed Job, being blind is one; no Job is tried again. The store outlives the pod: on a volume, or on a
    PostgreSQL whose password comes from a Secret.
    """
    from driftbot.cli.schedule_options import schedule_of, server_store, without_password
    from driftbot.config import load_config
    from driftbot.schedule.kubernetes import kubernetes_manifests
    from driftbot.schedule.kubernetes_pod import KubernetesHost
    from driftbot.schedule.night_schedule import NotExpressible, Running

    settings = load_config(config)
    _refuse_secret(settings)
    store = _seen_by_pods(without_password(server_store(settings, url)))
    text = settings.path.read_text(encoding="utf-8")
    host = KubernetesHost(image, namespace, text, volume, storage_class or "", _port(settings, serve), serve)
    installation = _in_pod(_installation(settings, name, program, store), settings)
    running = Running.SERVE if serve else Running.TIMER
    try:
        units = kubernetes_manifests(schedule_of(settings), installation, host, running, datetime.now(UTC))
    except NotExpressible as error:
        raise Failure(str(error), "Change serve.cron, or use --serve, which begins the nights itself.") from error
    _tell(units, output, force)


def _in_pod(installation: Installation, settings: Config) -> Installation:
    """What the configuration names relative to itself lies beside it in the pod, too."""
    from dataclasses import replace

    from driftbot.schedule.kubernetes_pod import CONFIG

    here, there = f"{settings.root}/", f"{Path(CONFIG).parent}/"
    paths = installation.secret_files
    moved = (f"{there}{path.removeprefix(here)}" if path.startswith(here) else path for path in paths)
    return replace(installation, secret_files=tuple(moved))


def _seen_by_pods(store: str | None) -> str | None:
    if store is not None and store.startswith("sqlite"):
        raise Failure(
            f"the store {store} is a file of this machine, which no pod sees",
            "Leave --store out for one on the pod's volume, or name a PostgreSQL.",
        )
    return store


@command.command(epilog="Example: `driftbot schedule cron --user driftbot --output cron`, for /etc/cron.d.")
@config_option
@_store
@_name
@_program
@click.option("--user", type=USER, help="Who runs it, for /etc/cron.d; else the line is for `crontab`.")
@click.option("--log", type=PLACE, metavar="FILE", help="Where what is said goes; else driftbot.log beside the store.")
@click.option("--mail", type=MAIL, help="Who gets mail where a night failed or was blind.")
@_output
@_force
def cron(
    config: Path | None,
    url: str | None,
    name: str,
    program: str | None,
    user: str | None,
    log: str | None,
    mail: str | None,
    output: Path | None,
    force: bool,
) -> None:
    """A line for cron; prefer a systemd timer, which catches up what it missed."""
    from driftbot.cli.schedule_options import program_path, schedule_of, server_store, without_password
    from driftbot.config import load_config
    from driftbot.schedule.crontab import CronHost, crontab

    settings = load_config(config)
    store = without_password(server_store(settings, url) or settings.store_url)
    assert store is not None
    beside = Path(store.removeprefix("sqlite:///")) if store.startswith("sqlite:///") else settings.path.absolute()
    host = CronHost(store, log or str(beside.with_name(f"{name}.log")), user or "", mail or "")
    installation = _installation(settings, name, program_path(program), store)
    _tell(crontab(schedule_of(settings), installation, host), output, force)


@command.command(epilog="Example: `driftbot schedule monitoring --output monitoring`.")
@_output
@_force
def monitoring(output: Path | None, force: bool) -> None:
    """Alert rules for Prometheus and a Grafana dashboard, by which driftbot itself is watched.

    Without --output the alert rules are printed, which a rule file can be as they are.
    """
    from driftbot.schedule.night_schedule import UnitFile, Units
    from driftbot.shipped import monitoring_root

    names = ("driftbot-alerts.yaml", "driftbot-dashboard.json") if output else ("driftbot-alerts.yaml",)
    files = tuple(UnitFile(name, (monitoring_root() / name).read_text(encoding="utf-8")) for name in names)
    steps = ("name the alert rules under rule_files of Prometheus", "import the dashboard into Grafana")
    _tell(Units(files, (), steps if output else ()), output, force)


def _installation(settings: Config, name: str, program: str, store: str | None) -> Installation:
    from driftbot.cli.schedule_options import config_path
    from driftbot.cli.schedule_secrets import named_secrets
    from driftbot.schedule.installation import Installation

    secrets = named_secrets(settings)
    return Installation(name, program, config_path(settings), store, secrets.variables, secrets.files)


def _refuse_secret(settings: Config) -> None:
    from urllib.parse import urlsplit

    if urlsplit(settings.store_url).password is not None:
        raise Failure(
            f"{settings.path} holds the store's password, and a ConfigMap is read by many",
            "Take the password out of `store:`; the pod gets it from the Secret, as PGPASSWORD.",
        )


def _port(settings: Config, serve: bool) -> int | None:
    """The port that others reach; None where nobody listens, or on loopback only."""
    from ipaddress import ip_address

    address, _, port = settings.serve.listen.rpartition(":")
    if not serve or address == "localhost" or ip_address(address.strip("[]")).is_loopback:
        return None
    return int(port)


def _tell(units: Units, output: Path | None, force: bool) -> None:
    """Print the files, or write them, and say what has to be known and done."""
    if output is None:
        for number, file in enumerate(units.files):
            if len(units.files) > 1:
                click.echo(f"{'' if number == 0 else chr(10)}# ----- {file.name} -----")
            click.echo(file.text, nl=False)
    else:
        _write(units, output, force)
    for remark in units.remarks:
        click.echo(f"note: {remark}", err=True)
    for step in units.steps:
        click.echo(f"  next: {step}", err=True)


def _write(units: Units, output: Path, force: bool) -> None:
    changed = [file for file in units.files if _differs(output / file.name, file.text)]
    if changed and not force:
        there = ", ".join(str(output / file.name) for file in changed)
        raise Failure(f"there are files already that differ: {there}", "Look at them; --force writes over them.")
    try:
        output.mkdir(parents=True, exist_ok=True)
        for file in units.files:
            (output / file.name).write_text(file.text, encoding="utf-8")
            click.echo(f"wrote {output / file.name}")
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}", "Name another folder with --output.") from error


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, UnicodeDecodeError):
        return True


def _tell_store(settings: Config, store: str) -> None:
    if settings.store_url != store:
        place = store.removeprefix("sqlite:///")
        click.echo(
            f"note: the nights are kept in {place}; write `store: {place}` into {settings.path}, so that every other "
            "command looks there, too",
            err=True,
        )
