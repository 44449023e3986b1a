"""Manifests for Kubernetes: golden files, the schemas of many releases, and what must hold of any of them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from driftbot.schedule.cron import read_cron
from driftbot.schedule.installation import Installation
from driftbot.schedule.kubernetes import kubernetes_manifests
from driftbot.schedule.kubernetes_pod import KubernetesHost
from driftbot.schedule.night_schedule import NightSchedule, NotExpressible, Running, Units
from tests.schedule.scene import BERLIN, HERE, NOW

UNITS = Path(__file__).parents[2] / "fixtures" / "schedule" / "units"
RELEASES = [f"1.{minor}" for minor in range(27, 38)]
CONFIGURATION = "store: driftbot.db\nsources: []\n# ünïcode 🧨, a tab\tand a colon: here\nserve: {cron: '30 2 * * *'}\n"
HOST = KubernetesHost("registry.example.org/driftbot:1.0", "ops", CONFIGURATION)
POD = replace(HERE, program="driftbot")
SERVER = replace(POD, name="drift-shop", store="postgresql://db/drift")


def manifests(
    schedule: NightSchedule = BERLIN,
    installation: Installation = POD,
    host: KubernetesHost = HOST,
    running: Running = Running.TIMER,
) -> Units:
    return kubernetes_manifests(schedule, installation, host, running, NOW)


VARIANTS = {
    "nights": manifests(),
    "nights_server": manifests(installation=SERVER),
    "serve": manifests(host=replace(HOST, serving=True, storage_class="fast"), running=Running.SERVE),
    "serve_server": manifests(installation=SERVER, host=replace(HOST, serving=True, port=9464), running=Running.SERVE),
}


def documents(found: Units) -> list[dict[str, Any]]:
    (file,) = found.files
    return list(yaml.safe_load_all(file.text))


def of_kind(found: Units, kind: str) -> dict[str, Any]:
    (document,) = (one for one in documents(found) if one["kind"] == kind)
    return document


def pods(found: Units) -> list[dict[str, Any]]:
    jobs = [one["spec"]["jobTemplate"]["spec"]["template"] for one in documents(found) if one["kind"] == "CronJob"]
    return jobs + [one["spec"]["template"] for one in documents(found) if one["kind"] == "Deployment"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_manifests_read_as_their_golden_files(variant: str) -> None:
    found = VARIANTS[variant]
    golden = UNITS / f"kubernetes_{variant}.yaml"
    text = found.files[0].text
    text += "".join(f"# note: {remark}\n" for remark in found.remarks)
    text += "".join(f"# next: {step}\n" for step in found.steps)
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_release_takes_every_manifest_strictly(variant: str, release: str) -> None:
    for document in documents(VARIANTS[variant]):
        kubernetes_validate.validate(document, release, strict=True)


def test_a_release_refuses_what_is_no_manifest() -> None:
    document = of_kind(manifests(), "CronJob")
    document["spec"]["timezone"] = document["spec"].pop("timeZone")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, RELEASES[0], strict=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_pod_has_as_little_right_as_it_can(variant: str) -> None:
    """Pod Security Standards, profile restricted."""
    (pod,) = pods(VARIANTS[variant])
    spec = pod["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in spec["containers"]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]) == {"requests", "limits"}
    kinds = {kind for volume in spec["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_mounted_is_there_and_what_is_named_fits(variant: str) -> None:
    found = VARIANTS[variant]
    (pod,) = pods(found)
    (container,) = pod["spec"]["containers"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    names = {document["kind"]: document["metadata"]["name"] for document in documents(found)}
    assert pod["spec"]["serviceAccountName"] == names["ServiceAccount"]
    assert volumes["config"]["configMap"]["name"] == names["ConfigMap"]
    if "state" in volumes:
        assert volumes["state"]["persistentVolumeClaim"]["claimName"] == names["PersistentVolumeClaim"]
    if "Service" in names:
        selector = of_kind(found, "Service")["spec"]["selector"]
        assert selector.items() <= pod["metadata"]["labels"].items()
        assert [port["name"] for port in container["ports"]] == ["http"]


def test_the_configuration_arrives_as_it_is() -> None:
    assert of_kind(manifests(), "ConfigMap")["data"] == {"driftbot.yaml": CONFIGURATION}


def test_drift_is_no_failed_job_and_nothing_is_tried_again() -> None:
    job = of_kind(manifests(), "CronJob")["spec"]["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert container["args"][:2] == ["run", "--exit-zero"]
    assert job["backoffLimit"] == 0
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    (ignored,) = job["podFailurePolicy"]["rules"]
    assert ignored == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}


def test_the_store_outlives_the_pod() -> None:
    (container,) = pods(manifests())[0]["spec"]["containers"]
    place = container["args"][container["args"].index("--store") + 1].removeprefix("sqlite:///")
    state = next(mount for mount in container["volumeMounts"] if mount["name"] == "state")
    assert Path(place).parent == Path(state["mountPath"])


def test_the_password_of_a_server_comes_from_a_secret_and_stands_in_no_argument() -> None:
    found = manifests(installation=SERVER)
    assert [one["kind"] for one in documents(found)] == ["ServiceAccount", "ConfigMap", "CronJob"]
    (container,) = pods(found)[0]["spec"]["containers"]
    (variable,) = (one for one in container["env"] if one["name"] == "PGPASSWORD")
    reference = variable["valueFrom"]["secretKeyRef"]
    assert reference == {"name": "drift-shop", "key": "PGPASSWORD", "optional": True}
    assert container["args"][-2:] == ["--store", "postgresql://db/drift"]


def test_kubernetes_replaces_nothing_in_the_stores_url() -> None:
    found = manifests(installation=replace(SERVER, store="postgresql://db/$(HOME)"))
    (container,) = pods(found)[0]["spec"]["containers"]
    assert container["args"][-1] == "postgresql://db/$$(HOME)"


def test_nobody_listens_for_others_unless_serve_does() -> None:
    assert "Service" not in {one["kind"] for one in documents(VARIANTS["serve"])}
    assert any("serve.token" in remark for remark in VARIANTS["serve"].remarks)
    assert of_kind(VARIANTS["serve_server"], "Service")["spec"]["ports"][0]["port"] == 9464


def test_one_process_serves_at_a_time_and_a_new_configuration_is_a_new_pod() -> None:
    spec = of_kind(VARIANTS["serve"], "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    other = manifests(host=replace(HOST, configuration="store: other.db\n"), running=Running.SERVE)
    changed = of_kind(other, "Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert changed != spec["template"]["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("cron", "catch_up", "expected"),
    [
        ("30 2 * * *", timedelta(days=1), 86400),
        ("30 2 * * *", timedelta(0), 300),
        ("*/5 * * * *", timedelta(days=1), 99 * 300),
        ("0 2 * * *", timedelta(days=365), 99 * 86400),
    ],
)
def test_a_late_night_is_begun_as_long_as_the_controller_counts(cron: str, catch_up: timedelta, expected: int) -> None:
    """It gives up on a schedule where more than a hundred beginnings were missed within the deadline."""
    schedule = replace(BERLIN, cron=read_cron(cron), zone="UTC", catch_up=catch_up)
    assert of_kind(manifests(schedule), "CronJob")["spec"]["startingDeadlineSeconds"] == expected


def test_what_kubernetes_cannot_say_is_refused() -> None:
    with pytest.raises(NotExpressible, match="days that are both '\\*/2' of the month and 'mon' of the week"):
        manifests(replace(BERLIN, cron=read_cron("0 5 */2 * mon")))
    assert documents(manifests(replace(BERLIN, cron=read_cron("0 5 */2 * mon")), running=Running.SERVE))


def remarks_on_clocks(cron: str, zone: str) -> list[str]:
    found = manifests(replace(BERLIN, cron=read_cron(cron), zone=zone)).remarks
    return [remark.partition(":")[0] for remark in found if "clocks" in remark]


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", ["leaves out a night", "begins a night twice"]),
        ("30 1 * * *", "America/New_York", ["begins a night twice"]),
        ("30 3 * * *", "Europe/Berlin", []),
        ("30 2 * * *", "UTC", []),
        ("30 2 * * sat", "Europe/Berlin", []),
        ("30 * * * *", "Europe/Berlin", []),
    ],
)
def test_what_the_controller_makes_of_changed_clocks_is_said(cron: str, zone: str, expected: list[str]) -> None:
    """robfig/cron v3 has it in its own tests: a skipped time is not run, and one that comes twice is, twice."""
    found = remarks_on_clocks(cron, zone)
    assert len(found) == len(expected)
    assert all(words in remark for words, remark in zip(expected, found, strict=True))
