"""Identity: alerts keep their names through moves, renames and tuning; subjects find their services, or say why not."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.identity import assign_alerts, join
from driftbot.core.marker import Marker
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, labels_of


def alert(
    name: str,
    expression: str,
    path: str = "a.yaml",
    group: str = "g",
    severity: str = "page",
    source: str = "git",
    start: int = 0,
    view: View = View.DECLARED,
) -> list[Fact]:
    labels = {"alertname": name, "group": group, "severity": severity, "file": path}
    subject = Subject("alert", "production", f"{path}:{group}/{name}@{start}", labels_of(labels))
    condition = Subject("condition", "production", f"{subject.name}/1", labels_of(labels))
    origin = Origin(source, path if view is View.DECLARED else "http://server", start=start)
    return [
        Fact(subject, "expression", expression, view, origin=origin),
        Fact(subject, "hold", Quantity(60.0, Unit.SECONDS), view, origin=origin),
        Fact(condition, "threshold", Quantity(1.0, Unit.COUNT), view, origin=origin),
    ]


def reading(*alerts: list[Fact], gaps: tuple[Gap, ...] = (), failed: bool = False) -> Reading:
    facts = tuple(fact for one in alerts for fact in one)
    sources = {fact.origin.source for fact in facts} | {gap.origin.source for gap in gaps} | {"git"}
    coverage = tuple(
        Coverage(
            source, "production", "alert", gaps=tuple(gap for gap in gaps if gap.origin.source == source), failed=failed
        )
        for source in sorted(sources)
    )
    return Reading(facts=facts, coverage=coverage)


def named(found: Reading) -> dict[str, str]:
    """Lasting name by expression."""
    return {str(fact.value): fact.subject.name for fact in found.facts if fact.key == "expression"}


def kept(
    before: list[list[Fact]], tonight: list[list[Fact]], **options: object
) -> tuple[dict[str, str], dict[str, str]]:
    first = assign_alerts(reading(*before), ())
    second = assign_alerts(reading(*tonight, **options), first.facts)  # type: ignore[arg-type]
    return named(first), named(second)


ERRORS = 'sum(rate(errors_total{job="shop"}[5m])) / sum(rate(requests_total{job="shop"}[5m])) > 0.05'


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"path": "b/c.yaml"}, id="moved to another file"),
        pytest.param({"group": "other"}, id="moved to another group"),
        pytest.param({"path": "b.yaml", "group": "other"}, id="moved altogether"),
        pytest.param({"name": "ErrorBudgetBurns"}, id="renamed"),
        pytest.param({"severity": "ticket"}, id="another severity"),
        pytest.param({"name": "ErrorBudgetBurns", "path": "b.yaml", "group": "h"}, id="renamed and moved"),
        pytest.param({"expression": ERRORS.replace("0.05", "0.1")}, id="another threshold"),
        pytest.param({"expression": ERRORS.replace("0.05", "0.1"), "path": "b.yaml"}, id="tuned and moved"),
        pytest.param({"expression": ERRORS.replace("[5m]", "[10m]"), "name": "Burns"}, id="tuned and renamed"),
        pytest.param({"expression": "absent(errors_total)"}, id="rewritten in place"),
        pytest.param({"source": "other-source"}, id="the source got another name"),
        pytest.param({"start": 900}, id="lower in the file"),
    ],
)
def test_an_alert_keeps_its_name(change: dict[str, object]) -> None:
    neighbour = alert("Saturation", "cpu > 0.9", start=50)
    old = {"name": "HighErrorRate", "expression": ERRORS}
    new = {**old, **change}
    first, second = kept([alert(**old), neighbour], [alert(**new), neighbour])  # type: ignore[arg-type]
    assert first[ERRORS] == "HighErrorRate"
    assert second[str(new["expression"])] == "HighErrorRate"
    assert second["cpu > 0.9"] == "Saturation"


def test_twins_that_share_all_but_the_expression_are_told_apart() -> None:
    twins = [alert("Slow", f'latency{{route="/{route}"}} > 1', start=start) for start, route in enumerate("abcd")]
    first, second = kept(twins, list(reversed(twins)))
    assert first == second
    assert len(set(first.values())) == 4
    tuned = [
        alert("Slow", f'latency{{route="/{route}"}} > {2 if route == "b" else 1}', start=start)
        for start, route in enumerate("abcd")
    ]
    _, third = kept(twins, tuned[1:])
    assert third['latency{route="/b"} > 2'] == first['latency{route="/b"} > 1']
    assert third['latency{route="/c"} > 1'] == first['latency{route="/c"} > 1']


def test_two_tuned_twins_find_the_more_similar_one() -> None:
    before = [
        alert("Slow", 'histogram_quantile(0.99, rate(a_bucket{route="/a"}[5m])) > 1', start=0),
        alert("Slow", 'histogram_quantile(0.99, rate(b_bucket{route="/b"}[5m])) > 1', start=9),
    ]
    tonight = [
        alert("Slow", 'histogram_quantile(0.99, rate(b_bucket{route="/b", code="2xx"}[5m])) > 3', start=0),
        alert("Slow", 'histogram_quantile(0.99, rate(a_bucket{route="/a", code="2xx"}[5m])) > 3', start=9),
    ]
    first, second = kept(before, tonight)
    for service in "ab":
        (old,) = (name for expression, name in first.items() if f"/{service}" in expression)
        (new,) = (name for expression, name in second.items() if f"/{service}" in expression)
        assert old == new


def test_another_alert_does_not_inherit_a_name() -> None:
    _, second = kept(
        [alert("Old", "disk_free < 10")], [alert("New", "sum(rate(requests_total[5m])) == 0", path="b.yaml")]
    )
    assert second == {"sum(rate(requests_total[5m])) == 0": "New"}


def test_an_alert_in_an_unreadable_file_is_not_taken_for_a_new_one() -> None:
    old = alert("Down", "up == 0", path="broken.yaml")
    other = alert("Down", "up == 0", path="new.yaml")
    gap = Gap(Origin("git", "broken.yaml", 3), "not YAML")
    _, moved = kept([old], [other])
    assert moved == {"up == 0": "Down"}
    _, hidden = kept([old], [other], gaps=(gap,))
    assert hidden == {"up == 0": "g/Down"}
    _, failed = kept([old], [other], failed=True)
    assert failed == {"up == 0": "g/Down"}


def test_a_new_namesake_takes_a_longer_name_and_the_old_one_keeps_its_own() -> None:
    old = alert("Down", 'up{job="a"} == 0')
    new = alert("Down", 'absent(up{job="zzz"}) and on() vector(1) unless foo', group="h")
    first, second = kept([old], [new, old])
    assert second == {**first, 'absent(up{job="zzz"}) and on() vector(1) unless foo': "h/Down"}


def test_conditions_follow_their_alert() -> None:
    found = assign_alerts(reading(alert("A", "a > 1"), alert("B", "b > 1", start=5)), ())
    assert {fact.subject.name for fact in found.facts if fact.subject.kind == "condition"} == {"A/1", "B/1"}


def test_a_file_and_a_server_speak_of_one_alert() -> None:
    files = [alert("A", "sum(a)  > 1", path="rules/a.yaml"), alert("B", "b > 1", path="rules/a.yaml", start=5)]
    server = [
        alert("A", "sum(a) > 1", path="/etc/prometheus/a.yaml", source="prom", view=View.EFFECTIVE),
        alert("B", "b > 2", path="/etc/prometheus/a.yaml", source="prom", view=View.EFFECTIVE, start=1),
        alert("C", "c > 1", path="/etc/prometheus/a.yaml", source="prom", view=View.EFFECTIVE, start=2),
    ]
    found = assign_alerts(reading(*files, *server), ())
    views = {(fact.subject.name, fact.view) for fact in found.facts if fact.key == "expression"}
    assert views == {(name, view) for name in "AB" for view in (View.DECLARED, View.EFFECTIVE)} | {
        ("C", View.EFFECTIVE)
    }
    assert [(entry.subject.name, entry.reason) for entry in found.unjoined] == [
        ("C", "it is loaded, and no rule file declares it")
    ]
    renamed = [alert("A2", "sum(a) > 1", path="rules/a.yaml", severity="ticket"), files[1]]
    later = assign_alerts(reading(*renamed, *server), found.facts)
    assert {fact.subject.name for fact in later.facts if fact.subject.kind == "alert"} == {"A", "B", "C"}


def test_two_servers_that_share_their_rules_show_one_alert_and_two_that_differ_show_two() -> None:
    def on(source: str, expression: str) -> list[Fact]:
        return alert("A", expression, source=source, view=View.EFFECTIVE)

    same = assign_alerts(reading(on("prom-a", "a > 1"), on("prom-b", "a > 1")), ())
    assert {fact.subject.name for fact in same.facts if fact.subject.kind == "alert"} == {"A"}
    differing = assign_alerts(reading(on("prom-a", "a > 1"), on("prom-b", "a > 2")), ())
    assert len({fact.subject.name for fact in differing.facts if fact.subject.kind == "alert"}) == 2


def test_nothing_unjoined_is_claimed_where_somebody_could_not_look() -> None:
    gap = Gap(Origin("prom", "http://server"), "timed out")
    server = alert("A", "a > 1", source="prom", view=View.EFFECTIVE)
    assert assign_alerts(reading(server, alert("B", "b > 1"), gaps=(gap,)), ()).unjoined == ()


alerts = st.lists(
    st.builds(
        alert,
        name=st.sampled_from(["A", "B", "C"]),
        expression=st.sampled_from(["a > 1", "a > 2", "b > 1", "rate(a[5m]) > 1"]),
        path=st.sampled_from(["x.yaml", "y.yaml"]),
        group=st.sampled_from(["g", "h"]),
        severity=st.sampled_from(["page", "ticket"]),
        start=st.integers(0, 5),
    ),
    max_size=8,
    unique_by=lambda facts: facts[0].subject.name,
)


@given(before=alerts, tonight=alerts, seed=st.integers())
@settings(max_examples=150, deadline=None)
def test_order_changes_nothing_and_no_two_alerts_share_a_name(
    before: list[list[Fact]], tonight: list[list[Fact]], seed: int
) -> None:
    first = assign_alerts(reading(*before), ()).facts
    found = assign_alerts(reading(*tonight), first)
    names = [fact.subject.name for fact in found.facts if fact.key == "expression"]
    assert len(set(names)) == len(names)
    shuffled, past = [*reading(*tonight).facts], [*first]
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(past)
    again = assign_alerts(replace(reading(*tonight), facts=tuple(shuffled)), past)

    def order(fact: Fact) -> tuple[object, ...]:
        return fact.subject, fact.subject.labels, fact.key, fact.origin

    assert sorted(again.facts, key=order) == sorted(found.facts, key=order)


@given(before=alerts)
@settings(max_examples=100, deadline=None)
def test_an_unchanged_night_renames_nobody(before: list[list[Fact]]) -> None:
    first = assign_alerts(reading(*before), ())
    assert assign_alerts(reading(*before), first.facts).facts == first.facts


@given(before=alerts.filter(len), change=st.sampled_from(["path", "alertname", "group"]), data=st.data())
@settings(max_examples=100, deadline=None)
def test_moving_or_renaming_one_alert_keeps_every_name(
    before: list[list[Fact]], change: str, data: st.DataObject
) -> None:
    distinct = list({str(one[0].value): one for one in before}.values())
    chosen = data.draw(st.integers(0, len(distinct) - 1))
    labels = dict(distinct[chosen][0].subject.labels)
    moved = alert(
        "Renamed" if change == "alertname" else labels["alertname"],
        str(distinct[chosen][0].value),
        "moved.yaml" if change == "path" else labels["file"],
        "moved" if change == "group" else labels["group"],
        labels["severity"],
        start=77,
    )
    tonight = [moved if number == chosen else one for number, one in enumerate(distinct)]
    first, second = kept(distinct, tonight)
    assert first == second


def test_twenty_thousand_alerts() -> None:
    def night(offset: int) -> list[list[Fact]]:
        return [
            alert(
                f"Alert{number % 900}",
                f'rate(metric_{number}{{job="{number % 50}"}}[5m]) > {number % 7 + offset}',
                path=f"{(number + offset) % 300}.yaml",
                group=f"g{number % 40}",
                start=number,
            )
            for number in range(20_000)
        ]

    first, second = kept(night(0), night(1))
    changed = [
        key
        for key, name in second.items()
        if name != first[key.rpartition(" ")[0] + f" {int(key.rpartition(' ')[2]) - 1}"]
    ]
    assert not changed


def workload(name: str, kind: str = "workload", environment: str = "production", **labels: str) -> Fact:
    namespace, _, short = name.partition("/")
    own = {"namespace": namespace, **({"workload": short} if kind in ("workload", "job") else {}), **labels}
    return Fact(Subject(kind, environment, name, labels_of(own)), "replicas.desired", Quantity(1.0, Unit.COUNT))


def service(name: str, environment: str = "production", **labels: str) -> Fact:
    return Fact(Subject("service", environment, name, labels_of(labels)), "owner", labels.get("owner", "nobody"))


CART = service("cart", owner="team-cart", tier="1")
PAY = service("pay", owner="team-pay", tier="1")


@pytest.mark.parametrize(
    ("fact", "owner"),
    [
        pytest.param(workload("shop/cart"), "team-cart", id="name"),
        pytest.param(workload("shop/x", app="cart"), "team-cart", id="app"),
        pytest.param(workload("shop/x", app_kubernetes_io_name="cart"), "team-cart", id="app.kubernetes.io/name"),
        pytest.param(workload("shop/x", app_kubernetes_io_part_of="cart"), "team-cart", id="part-of"),
        pytest.param(workload("shop/pay", app_kubernetes_io_name="cart"), "team-cart", id="a label before a name"),
        pytest.param(
            workload("shop/pay", service="cart", app_kubernetes_io_name="pay"), "team-cart", id="explicit first"
        ),
        pytest.param(workload("shop/x"), None, id="nothing"),
        pytest.param(
            workload("shop/cart", service="gone"), "team-cart", id="an explicit label of no service falls through"
        ),
        pytest.param(workload("shop/cart", kind="job"), "team-cart", id="job"),
        pytest.param(workload("shop/cart", environment="staging"), "team-cart", id="an environment without a catalog"),
        pytest.param(workload("shop/cart", owner="me"), "me", id="its own label stays"),
        pytest.param(workload("A", kind="alert", job="cart"), "team-cart", id="alert by job"),
    ],
)
def test_a_subject_finds_its_service(fact: Fact, owner: str | None) -> None:
    (found,) = (one for one in join(Reading(facts=(CART, PAY, fact))).facts if one.key == "replicas.desired")
    assert found.subject.label("owner") == owner
    assert found.subject.id == fact.subject.id


def test_what_cannot_be_joined_is_reported_with_its_reason() -> None:
    twice = (service("a/cart", owner="a"), service("b/cart", owner="b"))
    found = join(
        Reading(
            facts=(*twice, workload("shop/cart"), workload("shop/lonely"), workload("A", kind="alert", service="gone"))
        )
    )
    assert {str(entry.subject): entry.reason for entry in found.unjoined} == {
        "alert:production/A": "its label service=gone names no service of the catalog",
        "workload:production/shop/cart": "workload=cart could be a/cart or b/cart; label it with the one that it is",
        "workload:production/shop/lonely": "no service of the catalog has its name, and no label says which one it is",
    }
    assert all(fact.subject.label("owner") is None for fact in found.facts if fact.subject.kind == "workload")


@pytest.mark.parametrize(
    ("expression", "owner"),
    [
        ('rate(errors_total{service="cart"}[5m]) > 1', "team-cart"),
        ('rate(errors_total{job="cart", code="500"}[5m]) / rate(all_total{job="cart"}[5m]) > 1', "team-cart"),
        ('up{job="cart"} == 0 and up{job="pay"} == 0', None),
        ('rate(errors_total{service="cart", job="pay"}[5m]) > 1', "team-cart"),
        ('up{job!="cart"} == 0', None),
        ('up{job=~"cart"} == 0', None),
        ('up{job="node"} == 0', None),
    ],
)
def test_an_alert_belongs_to_the_one_service_it_selects(expression: str, owner: str | None) -> None:
    facts = (CART, PAY, *alert("A", expression))
    owners = {
        fact.subject.kind: fact.subject.label("owner") for fact in join(assign_alerts(Reading(facts=facts), ())).facts
    }
    assert owners["alert"] == owners["condition"] == owner


def test_the_service_of_exactly_this_name_comes_before_its_namesakes() -> None:
    facts = (CART, service("tools/cart", owner="tools"), workload("shop/cart"))
    owners = {fact.subject.name: fact.subject.label("owner") for fact in join(Reading(facts=facts)).facts}
    assert owners["shop/cart"] == "team-cart"


def test_without_a_catalog_nothing_is_said() -> None:
    plain = Reading(facts=(workload("shop/cart"),))
    assert join(plain) == plain


def test_the_catalog_can_point_at_workloads() -> None:
    ours = service("cart", owner="c", kubernetes_name="basket", kubernetes_namespace="shop")
    backstage = service("pay", owner="p", backstage_io_kubernetes_label_selector="app=till,tier=1")
    facts = (
        ours,
        backstage,
        workload("shop/basket"),
        workload("other/basket"),
        workload("shop/x", app="till", tier="1"),
    )
    owners = {fact.subject.name: fact.subject.label("owner") for fact in join(Reading(facts=facts)).facts}
    assert owners == {"cart": "c", "pay": "p", "shop/basket": "c", "other/basket": None, "shop/x": "p"}


def test_budgets_services_and_ingresses_follow_and_calls_belong_to_their_caller() -> None:
    def about(kind: str, name: str, key: str, *names: str) -> Fact:
        return Fact(Subject(kind, "production", name, (("namespace", "shop"),)), key, names)

    call = Fact(Subject("call", "production", "cart->pay", (("from", "cart"), ("to", "pay"))), "listed", True)
    condition = Fact(Subject("condition", "production", "A/1"), "operator", ">")
    facts = (
        CART, PAY, workload("shop/cart"), workload("shop/pay"), call, condition,
        workload("A", kind="alert", service="pay"),
        about("disruption_budget", "shop/b", "workloads", "shop/cart"),
        about("kubernetes_service", "shop/s", "workloads", "shop/cart"),
        about("kubernetes_service", "shop/both", "workloads", "shop/cart", "shop/pay"),
        about("ingress", "shop/i", "services", "shop/s"),
    )  # fmt: skip
    found = join(Reading(facts=facts))
    owners = {str(fact.subject): fact.subject.label("owner") for fact in found.facts}
    assert owners["disruption_budget:production/shop/b"] == "team-cart"
    assert owners["kubernetes_service:production/shop/s"] == "team-cart"
    assert owners["kubernetes_service:production/shop/both"] is None
    assert owners["ingress:production/shop/i"] == "team-cart"
    assert owners["call:production/cart->pay"] == "team-cart"
    assert owners["condition:production/A/1"] == "team-pay"
    assert found.unjoined == ()


def test_what_a_source_doubts_is_doubted_under_its_lasting_name() -> None:
    first = assign_alerts(reading(alert("Old", "up == 0")), ())
    seen = reading(alert("New", "up == 0"), alert("Fine", "down == 1", start=9))
    (entry,) = seen.coverage
    doubted = frozenset({"a.yaml:g/New@0", "gone"})
    told = replace(
        seen,
        coverage=(
            replace(entry, doubted=doubted),
            replace(entry, kind="condition", doubted=frozenset(f"{name}/1" for name in doubted)),
            replace(entry, kind="recording_rule", doubted=doubted),
        ),
    )
    found = [set(part.doubted) for part in assign_alerts(told, first.facts).coverage]
    assert found == [{"Old", "gone"}, {"Old/1", "gone/1"}, doubted]


def test_markers_are_joined_but_make_no_service_and_are_never_reported():
    catalog = Fact(Subject("service", "production", "shop/checkout"), "listed", True)
    seen = Fact(Subject("workload", "production", "shop/cart"), "replicas", True)
    subjects = [
        Subject("service", "production", "checkout"),
        Subject("service", "production", "typo"),
        Subject("workload", "production", "shop/checkout"),
        Subject("workload", "production", "other/thing"),
        Subject("workload", "production", "shop/cart"),
    ]
    reading = Reading(facts=(catalog, seen), markers=tuple(Marker(subject, 0.0, "1") for subject in subjects))
    joined = join(reading)
    services = [marker.subject.label("service") for marker in joined.markers]
    assert services == ["shop/checkout", None, "shop/checkout", None, None]
    assert [entry.subject.name for entry in joined.unjoined] == ["shop/cart"]
    assert join(replace(joined, unjoined=())).markers == joined.markers
