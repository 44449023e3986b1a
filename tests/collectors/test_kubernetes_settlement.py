"""Beside a file that could not be read: what is settled about the objects that were read, and what is not.

The property: whatever files are unread, nothing is called absent that reading them all would have stated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.collectors.kubernetes_manifests import collector, keys
from driftbot.core.coverage import is_absent
from driftbot.core.lingering import lingering
from driftbot.core.snapshot import Reading
from driftbot.core.subject import SubjectId
from driftbot.store.coverage_book import CoverageBook
from tests.collectors.golden import Case, run

CART = SubjectId("workload", "production", "shop/cart")
Container = Mapping[str, object]
KEYS = sorted((key.subject_kind, key.name) for key in keys())


def told(reading: Reading, subject: SubjectId) -> frozenset[str]:
    """The sources that told of a subject."""
    return frozenset(fact.origin.source for fact in reading.facts if fact.subject.id == subject)


def absent(reading: Reading, subject: SubjectId, key: str) -> bool:
    """Whether the reading says that the subject has no such key, as the engine asks it."""
    where = (subject.environment, subject.kind)
    return is_absent(reading.coverage, *where, key, subject.name, told(reading, subject))


def read(files: Mapping[str, str]) -> Reading:
    return run(Case("", {path: text.encode() for path, text in files.items()}), collector)


def deployment(
    name: str, kind: str = "Deployment", image: str = "example.org/x:1", container: Container = MappingProxyType({})
) -> str:
    pod = {"containers": [{"name": "main", "image": image, **container}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    return json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"template": template},
        }
    )


def other(kind: str, api: str, name: str, spec: object) -> str:
    metadata = {"name": name, "namespace": "shop"}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})


def unread(kind: str = "") -> str:
    """A template; with a kind that can be told, or with none."""
    return f"kind: {kind}\nmetadata:\n  {{{{- toYaml .x }}}}\n" if kind else '{{- include "all" . }}\n'


OWN = ("probe.startup.budget", "priority_class", "labels.tier")
OF_THE_AUTOSCALER = ("autoscaling.maximum", "autoscaling.names")
OF_OTHERS = (*OF_THE_AUTOSCALER, "disruption_budget.allowed", "resources.limits.memory")
NOTHING: tuple[str, ...] = ()
EVERYTHING = (*OWN, *OF_OTHERS)
BASE = {"cart.yaml": deployment("cart")}
LOST = other("HorizontalPodAutoscaler", "autoscaling/v2", "x", {"scaleTargetRef": {"name": "{{ x }}"}})
PATCH = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart"}, "spec": {"replicas": 2}}'


@pytest.mark.parametrize(
    ("files", "settled"),
    [
        pytest.param({}, EVERYTHING, id="everything was read"),
        pytest.param({"x.yaml": unread()}, OWN, id="a file that may hold any object"),
        pytest.param(
            {"x.yaml": unread("Deployment")}, EVERYTHING, id="a Deployment gives nothing to another one"
        ),
        pytest.param(
            {"x.yaml": unread("HorizontalPodAutoscaler")},
            (*OWN, "resources.limits.memory"),
            id="an autoscaler may be its own, and decides how many pods a budget allows",
        ),
        pytest.param(
            {"x.yaml": unread("LimitRange")},
            (*OWN, *OF_THE_AUTOSCALER, "disruption_budget.allowed"),
            id="a limit range",
        ),
        pytest.param(
            {"x.yaml": LOST},
            EVERYTHING,
            id="no gap at all",
        ),
        pytest.param(
            {
                "x.yaml": LOST,
                "y.yaml": unread("Deployment"),
            },
            (*OWN, "resources.limits.memory"),
            id="an autoscaler of nobody knows whom",
        ),
        pytest.param({"cart.yaml": deployment("cart") + "\n---\na: {{ b }}\n"}, NOTHING, id="its own file broke"),
        pytest.param({"kustomization.yaml": "resources: [cart.yaml]\n", "x.yaml": unread()}, OWN, id="a plain build"),
        pytest.param(
            {"kustomization.yaml": "resources: [cart.yaml]\npatches: [{path: p.yaml}]\n", "p.yaml": PATCH},
            NOTHING,
            id="a build that patches it",
        ),
        pytest.param(
            {"over/kustomization.yaml": "resources: [../base]\nimages: [{name: x}]\n",
             "base/kustomization.yaml": "resources: [../cart.yaml]\n"},
            NOTHING,
            id="a build that changes it through a base",
        ),
        pytest.param(
            {"other/kustomization.yaml": "resources: [x.yaml]\nimages: [{name: x}]\n"}, OWN, id="a build of other files"
        ),
        pytest.param({"other/kustomization.yaml": "resources:\n\t- x\n"}, NOTHING, id="a build that cannot be read"),
        pytest.param({"p.yaml": PATCH, "x.yaml": unread()}, NOTHING, id="a patch that nobody is known to apply"),
        pytest.param({"p.yaml": PATCH.replace("cart", "mail")}, EVERYTHING, id="a patch of somebody else"),
        pytest.param({"p.yaml": PATCH.replace('"name": "cart"', "")}, NOTHING, id="a patch of nobody knows whom"),
        pytest.param({"again.yaml": deployment("cart"), "x.yaml": unread()}, NOTHING, id="it is declared twice"),
        pytest.param(
            {"cart.yaml": deployment("cart", container={"livenessProbe": "{{ .probe }}"}), "x.yaml": unread()},
            NOTHING,
            id="a placeholder in its own manifest",
        ),
    ],
)  # fmt: skip
def test_what_is_settled_about_an_object_that_was_read(files: Mapping[str, str], settled: Iterable[str]) -> None:
    reading = read({**BASE, **files})
    assert {key for key in EVERYTHING if absent(reading, CART, key)} == set(settled)


names = st.sampled_from(["cart", "mail", "rank"])
probes = st.fixed_dictionaries(
    {}, optional={"startupProbe": st.just({"exec": {}}), "ports": st.just([{"containerPort": 1}])}
)
workloads = st.dictionaries(names, st.tuples(st.sampled_from(["Deployment", "DaemonSet"]), probes), min_size=1)
others = st.dictionaries(
    st.tuples(st.sampled_from(["HorizontalPodAutoscaler", "PodDisruptionBudget", "Service", "LimitRange"]), names),
    names,
    max_size=4,
)
APIS = {
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "Service": "v1",
    "LimitRange": "v1",
}  # fmt: skip
SPECS: Mapping[str, Callable[[str], object]] = {
    "HorizontalPodAutoscaler": lambda about: {
        "scaleTargetRef": {"kind": "Deployment", "name": about},
        "maxReplicas": 4,
    },
    "PodDisruptionBudget": lambda about: {"minAvailable": 1, "selector": {"matchLabels": {"app": about}}},
    "Service": lambda about: {"selector": {"app": about}, "ports": [{"port": 80}]},
    "LimitRange": lambda _: {"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]},
}  # fmt: skip


@st.composite
def folders(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str]]:
    """A folder as it is, and the same with some of its files turned into templates that cannot be read."""
    whole = {
        f"{name}.yaml": deployment(name, kind, container=container)
        for name, (kind, container) in draw(workloads).items()
    }
    whole |= {
        f"{kind}-{name}.yaml": other(kind, APIS[kind], name, SPECS[kind](about))
        for (kind, name), about in draw(others).items()
    }
    hidden = draw(st.dictionaries(st.sampled_from(sorted(whole)), st.booleans(), min_size=1))
    broken = {path: unread(json.loads(whole[path])["kind"] if shown else "") for path, shown in hidden.items()}
    return whole, {**whole, **broken}


@settings(deadline=None, max_examples=200)
@given(folders())
def test_nothing_is_absent_that_an_unread_file_states(folder: tuple[dict[str, str], dict[str, str]]) -> None:
    whole, partly = (read(files) for files in folder)
    known = {(fact.subject.id, fact.key) for fact in partly.facts}
    seen = {subject for subject, _ in known}
    missed = {(fact.subject.id, fact.key) for fact in whole.facts if fact.subject.id in seen} - known
    assert not [(subject, key) for subject, key in missed if absent(partly, subject, key)]


@settings(deadline=None, max_examples=200)
@given(folders())
def test_a_subject_that_only_an_unread_file_holds_lingers_and_is_never_gone_nor_absent(
    folder: tuple[dict[str, str], dict[str, str]],
) -> None:
    whole, partly = (read(files) for files in folder)
    last_seen = {fact.subject for fact in whole.facts}
    hidden = last_seen - {fact.subject for fact in partly.facts}
    assert set(lingering(lambda: last_seen, partly)) >= hidden
    book = CoverageBook()
    book.add(partly.coverage)
    for subject in hidden:
        scope = ("source", subject.environment, subject.kind)
        for key in (key for kind, key in KEYS if kind == subject.kind):
            assert not absent(partly, subject.id, key)
            assert not book.looked_for(scope, key)


def test_own_keys_are_decided_wherever_one_file_is_unread() -> None:
    """The property above would hold of a collector that settles nothing."""
    reading = read({**BASE, "x.yaml": unread()})
    assert absent(reading, SubjectId("container", "production", "shop/cart/main"), "probe.readiness.handler")
    assert not absent(reading, SubjectId("container", "production", "shop/mail/main"), "probe.readiness.handler")


def test_what_is_in_doubt_of_one_workload_hides_no_label_of_another():
    web = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 3}
    twice = {f"{name}.yaml": other("HorizontalPodAutoscaler", "autoscaling/v2", name, web) for name in ("one", "two")}
    reading = read({**BASE, "web.yaml": deployment("web"), **twice})
    assert any("2 autoscalers at once" in gap.reason for entry in reading.coverage for gap in entry.gaps)
    assert absent(reading, CART, "labels.tier")
    assert not absent(reading, SubjectId("workload", "production", "shop/web"), "labels.tier")
