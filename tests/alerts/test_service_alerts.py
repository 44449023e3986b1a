"""Services and their alerts: what watches them, and silence where not everything was read."""

from dataclasses import replace

from driftbot.alerts import service_alerts
from driftbot.alerts.service_alerts import derivation
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.subject import Subject
from tests.alerts.estates import ENVIRONMENT, alert, estate

ERRORS = 'sum(rate(http_requests_total{{service="{}",code=~"5.."}}[5m])) > 1'
SLOW = "histogram_quantile(0.9, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 1"


def service(name, **labels):
    subject = Subject("service", ENVIRONMENT, name, tuple(sorted(labels.items())))
    return Fact(subject, "tier", "1", origin=Origin("catalog", "catalog.yaml", 2))


def derived(found):
    return {(fact.subject.name, fact.key): fact.value for fact in derivation.derive(found)}


def test_alerts_of_a_service_and_of_all():
    found = derived(
        estate(
            alert("CartErrors", ERRORS.format("cart")),
            alert("Slow", SLOW),
            alert("Labelled", "queue_length > 5", labels={"service": "cart"}),
            others=(service("cart"), service("pay")),
        )
    )
    assert found == {
        ("cart", "alerts.names"): ("CartErrors", "Labelled", "Slow (on all services)"),
        ("cart", "alerts.signals"): ("errors", "latency (on all services)", "saturation"),
        ("pay", "alerts.names"): ("Slow (on all services)",),
        ("pay", "alerts.signals"): ("latency (on all services)",),
    }


def test_a_workload_of_the_service_counts_as_the_service():
    workload = Subject("workload", ENVIRONMENT, "shop/cart-web", (("service", "cart"),))
    found = derived(
        estate(
            alert("Full", 'container_memory_usage_bytes{pod=~"cart-web-.*"} > 1'),
            others=(service("cart"), Fact(workload, "replicas.minimum", "2")),
        )
    )
    assert found["cart", "alerts.signals"] == ("saturation",)


def test_the_place_in_the_catalog_counts_as_the_service():
    cart = service("cart", kubernetes_namespace="shop", kubernetes_name="web")
    names = derived(
        estate(
            alert("Space", 'x_errors_total{namespace="shop"} > 1'),
            alert("Pod", 'x_errors_total{pod=~"web-.+"} > 1'),
            alert("Other", 'x_errors_total{namespace="pay"} > 1'),
            others=(cart,),
        )
    )["cart", "alerts.names"]
    assert names == ("Pod", "Space")


def test_where_nothing_watches_it_that_is_said():
    found = derived(estate(alert("Errors", ERRORS.format("other")), others=(service("cart"),)))
    assert found == {("cart", "alerts.names"): (), ("cart", "alerts.signals"): ()}


def test_nothing_is_said_unless_every_alert_was_read():
    errors = alert("Errors", ERRORS.format("cart"))
    assert derived(estate(errors, complete=False, others=(service("cart"),))) == {}
    gap = Coverage("other", ENVIRONMENT, "alert", gaps=(Gap(Origin("other", "b.yaml", 1), "no YAML"),))
    whole = estate(errors, others=(service("cart"),))
    assert derived(replace(whole, coverage=(*whole.coverage, gap))) == {}
    away = replace(whole, coverage=tuple(replace(entry, environment="staging") for entry in whole.coverage))
    assert derived(away) == {}


def test_what_all_servers_have_loaded_is_all_that_runs_whatever_a_file_hides():
    whole = estate(alert("Errors", ERRORS.format("cart")), others=(service("cart"),))
    gap = Coverage("git", ENVIRONMENT, "alert", gaps=(Gap(Origin("git", "b.yaml", 1), "no YAML"),))
    kinds = ("alert", "recording_rule", "rule_group")
    server = tuple(Coverage("prometheus", ENVIRONMENT, kind) for kind in kinds)
    assert derived(replace(whole, coverage=(gap, *server)))["cart", "alerts.names"] == ("Errors",)
    silent = replace(gap, source="prometheus")
    assert derived(replace(whole, coverage=(*whole.coverage, silent, *server[1:]))) == {}
    assert derived(replace(whole, coverage=(*whole.coverage, *server, replace(server[2], source="second")))) == {}


def test_a_gap_in_what_else_is_known_of_alerts_hides_none():
    whole = estate(alert("Errors", ERRORS.format("cart")), others=(service("cart"),))
    past = Coverage("git", ENVIRONMENT, "alert", frozenset({"ratchet.steps"}), (Gap(Origin("git"), "no history"),))
    assert derived(replace(whole, coverage=(*whole.coverage, past)))["cart", "alerts.names"] == ("Errors",)


def test_an_alert_that_no_server_has_loaded_watches_nothing():
    errors = alert("Errors", ERRORS.format("cart"))
    idle = Fact(errors[0].subject, "loaded", False, View.EFFECTIVE)
    assert derived(estate(errors, (idle,), others=(service("cart"),)))["cart", "alerts.names"] == ()
    runs = Fact(errors[0].subject, "loaded", True, View.EFFECTIVE)
    assert derived(estate(errors, (runs,), others=(service("cart"),)))["cart", "alerts.names"] == ("Errors",)


def test_recording_rules_are_followed():
    rule = Subject("recording_rule", ENVIRONMENT, "cart/job:errors:rate5m")
    said = (
        Fact(rule, "rule.name", "job:bad:rate5m"),
        Fact(rule, "expression", 'rate(errors_total{service="cart"}[5m])'),
    )
    found = derived(estate(alert("Bad", "job:bad:rate5m > 1"), others=(service("cart"), *said)))
    assert found["cart", "alerts.signals"] == ("errors",)


def test_of_many_alerts_on_all_services_the_first_are_named():
    alerts = [alert(f"Slow{number:02}", SLOW) for number in range(service_alerts.MOST_ON_ALL + 5)]
    names = derived(estate(*alerts, others=(service("cart"),)))["cart", "alerts.names"]
    assert len(names) == service_alerts.MOST_ON_ALL + 1
    assert "5 more (on all services)" in names
    exactly = derived(estate(*alerts[: service_alerts.MOST_ON_ALL], others=(service("cart"),)))
    assert len(exactly["cart", "alerts.names"]) == service_alerts.MOST_ON_ALL


def test_an_approval_makes_no_service_known():
    level = Fact(Subject("service", ENVIRONMENT, "media"), "latency.p99", "250ms", View.APPROVED, origin=Origin("ann"))
    whole = estate(alert("Errors", ERRORS.format("cart")), others=(service("cart"),))
    assert derived(replace(whole, approved=(level,))) == derived(whole)
    known = replace(whole, facts=(*whole.facts, service("media")), approved=(level,))
    origins = {fact.origin.source for fact in derivation.derive(known) if fact.subject.name == "media"}
    assert origins == {"catalog"}


def test_an_approved_recording_rule_records_nothing():
    rule = Subject("recording_rule", ENVIRONMENT, "cart/job:errors:rate5m")
    said = (Fact(rule, "rule.name", "job:bad:rate5m"), Fact(rule, "expression", "rate(requests_total[5m])"))
    before = Fact(rule, "expression", 'rate(errors_total{service="cart"}[5m])', View.APPROVED)
    whole = estate(alert("Bad", "job:bad:rate5m > 1"), others=(service("cart"), *said))
    assert derived(replace(whole, approved=(before,))) == derived(whole)
