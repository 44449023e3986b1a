"""Scopes: the services an alert is about, by its selectors, or all of them."""

import pytest

from driftbot.alerts.service_scope import Directory, Identity, Reach, reach, scope_of

CART = Identity("shop/cart", frozenset({"shop/cart", "cart"}), frozenset({"shop"}), frozenset({"cart-web"}))
PAY = Identity("pay", frozenset({"pay"}))
PAYMENTS = Identity("payments", frozenset({"payments"}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('x{service="cart"} > 1', Reach.OWN),
        ('x{service="shop/cart"} > 1', Reach.OWN),
        ('x{job=~"cart|other"} > 1', Reach.OWN),
        ('a{service="cart"} / b{service="cart"} > 1', Reach.OWN),
        ('x{namespace="shop"} > 1', Reach.OWN),
        ('kube_deployment_status_replicas{deployment="cart-web", job="kube-state-metrics"} > 1', Reach.OWN),
        ('container_memory_usage_bytes{pod=~"cart-web-.*"} > 1', Reach.OWN),
        ("cart_queue_length > 1", Reach.OWN),
        ('x{service="other"} > 1', Reach.NONE),
        ('x{service="cart", namespace="other"} > 1', Reach.NONE),
        ('a{service="cart"} / b{service="other"} > 1', Reach.NONE),
        ('x{service=~"("} > 1', Reach.NONE),
        ('container_memory_usage_bytes{pod=~"other-.*"} > 1', Reach.NONE),
        ("etcd_server_has_leader == 0", Reach.NONE),
        ("cartographer_errors_total > 1", Reach.NONE),
        ('http_requests_total{service!="cart"} > 1', Reach.NONE),
        ('http_requests_total{service!="other"} > 1', Reach.ALL),
        ("http_requests_total > 1", Reach.ALL),
        ('container_memory_usage_bytes{container!="", namespace=~".*"} > 1', Reach.ALL),
        ("sum by (service) (errors_total) > 1", Reach.ALL),
        ("sum by (job) (errors_total) > 1", Reach.NONE),
    ],
)
def test_reach(expression, expected):
    scope = scope_of(expression, {})
    assert reach(scope, CART) is expected
    assert dict(Directory((CART, PAY, PAYMENTS)).meant(scope)).get("shop/cart", Reach.NONE) is expected


def test_a_short_name_is_no_beginning_of_metrics():
    scope = scope_of("pay_errors_total > 1", {})
    assert reach(scope, PAY) is Reach.NONE


def test_a_service_called_like_an_exporter_has_no_metrics_of_its_own():
    node = Identity("node", frozenset({"node"}))
    assert reach(scope_of("node_load1 > 1", {}), node) is Reach.NONE


def test_recording_rules_are_followed_to_what_they_select():
    recorded = {"job:errors:rate5m": ('rate(errors_total{service="cart"}[5m])',)}
    assert reach(scope_of("job:errors:rate5m > 1", recorded), CART) is Reach.OWN
    assert reach(scope_of("job:errors:rate5m > 1", recorded), PAYMENTS) is Reach.NONE
    assert reach(scope_of('job:errors:rate5m{namespace="x"} > 1', recorded), CART) is Reach.NONE
