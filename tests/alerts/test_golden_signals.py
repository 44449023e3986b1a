"""Golden signals: what an alert watches, by what it reads and how."""

import pytest

from driftbot.alerts.golden_signals import signals_of
from tests.alerts.estates import asks


def told(expression, recorded=None):
    return " ".join(sorted(signals_of(asks(expression), recorded)))


@pytest.mark.parametrize(
    ("expression", "signals"),
    [
        ("sum(rate(http_requests_total[5m])) < 1", "traffic"),
        ("absent(rate(http_requests_total[5m]))", "traffic"),
        ("rate(render_seconds_count[5m]) < 1", "traffic"),
        ("node_zone_count < 1", ""),
        ("rate(x_errors_total[5m]) > 0.1 * rate(x_requests_total[5m])", "errors"),
        ("sum(rate(http_request_duration_seconds_count[5m])) < 1", "traffic"),
        ('sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05', "errors"),
        ('rate(http_request_duration_seconds_count{status="500"}[5m]) > 1', "errors"),
        ('rate(grpc_server_handled_total{grpc_code!="OK"}[5m]) > 1', "errors"),
        ('rate(http_requests_total{code!~"2.."}[5m]) > 1', "errors"),
        ('rate(jobs_total{result="error"}[5m]) > 1', "errors"),
        ("increase(queue_failures_total[5m]) > 1", "errors"),
        ("probe_success == 0", "errors"),
        ("histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 1", "latency"),
        ("histogram_quantile(0.9, rate(sidekiq_jobs_completion_seconds_bucket[5m])) > 300", "latency"),
        ("rate(request_duration_seconds_sum[5m]) / rate(request_duration_seconds_count[5m]) > 1", "latency"),
        ("aws_applicationelb_target_response_time_average > 2", "latency"),
        ("container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.9", "saturation"),
        ("rate(container_cpu_cfs_throttled_seconds_total[5m]) > 1", "saturation"),
        ("rabbitmq_queue_messages_ready > 100", "saturation"),
        ("kafka_consumergroup_lag > 100", "saturation"),
        ("process_open_fds / process_max_fds > 0.9", "saturation"),
        ("kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1", "saturation"),
        ("Hadoop_NameNode_CapacityRemainingGB < 5", "saturation"),
        ("max_over_time(pool_connections_active[5m]) > 90", "saturation"),
        ("rate(a_errors_total[5m]) > 1 or queue_length > 5", "errors saturation"),
        ("up == 0", ""),
        ("absent(up)", ""),
        ("kube_deployment_status_replicas_available < 1", ""),
        ("probe_ssl_earliest_cert_expiry - time() < 86400", ""),
        ("time() - backup_last_success_timestamp_seconds > 86400", ""),
        ("increase(kube_pod_container_status_restarts_total[1h]) > 3", ""),
        ("default_jenkins_builds_health_score < 1", ""),
        ("time() - push_time_seconds > 86400", ""),
        ("vector(1)", ""),
    ],
)
def test_signals(expression, signals):
    assert told(expression) == signals


def test_what_only_narrows_watches_nothing():
    assert told("up == 0 and rate(http_requests_total[5m]) > 1") == ""
    assert told("up == 0 unless queue_length > 5") == ""


def test_recording_rules_are_followed():
    recorded = {"job:slo:ratio": ("job:bad:rate5m / job:all:rate5m",), "job:bad:rate5m": ("rate(x_errors_total[5m])",)}
    assert told("job:slo:ratio > 0.1", recorded) == "errors"
    assert told("job:slo:ratio > 0.1") == ""


def test_recording_rules_that_read_themselves_end():
    assert told("a:b > 1", {"a:b": ("a:b + a:b",)}) == ""
