"""Every shipped signal, proven by real servers filled with an exporter's metrics: one case file an exporter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import yaml

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.core.key import Vocabulary
from driftbot.signals.reading import shipped
from driftbot.tape import LiveTape
from tests.servers.prometheus import start_prometheus
from tests.servers.remote_write import Samples, sample
from tests.servers.victoria_metrics import start_victoria_metrics

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
TIMES = np.arange(NOW - 7200, NOW + 1, 30.0)
FOLDER = Path(__file__).parents[2] / "fixtures" / "signals"
CASES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}
EXPECTED = [(name, values) for case in CASES.values() for name, values in case["expect"].items()]
SIGNALS = {signal.name: signal for signal in shipped()}


class NothingYet:
    def held(self, *_):
        return None


def written() -> Iterator[Samples]:
    for case in CASES.values():
        for entry in case["write"]:
            labels = entry.get("labels", {})
            if "histogram" in entry:
                yield from histogram(entry, labels)
            elif "rate" in entry:
                yield sample(entry["metric"], TIMES, entry["rate"] * (TIMES - TIMES[0]), **labels)
            else:
                yield sample(
                    entry["metric"], TIMES, entry["level"] if "level" in entry else NOW - entry["ago"], **labels
                )


def histogram(entry, labels) -> Iterator[Samples]:
    elapsed = TIMES - TIMES[0]
    for bound, rate in {**entry["buckets"], "+Inf": entry["count"]}.items():
        yield sample(f"{entry['histogram']}_bucket", TIMES, rate * elapsed, **labels, le=str(bound))
    yield sample(f"{entry['histogram']}_count", TIMES, entry["count"] * elapsed, **labels)


@pytest.fixture(
    scope="module", params=[start_prometheus, start_victoria_metrics], ids=["prometheus", "victoria-metrics"]
)
def url(request):
    with ExitStack() as running:
        server = request.param(series=list(written()))
        running.callback(server.stop)
        yield server.url


@pytest.mark.server
@pytest.mark.parametrize(("name", "expected"), EXPECTED, ids=[name for name, _ in EXPECTED])
def test_signal(url, name, expected):
    signal = SIGNALS[name]
    others = tuple(
        other.name for other in shipped() if (other.kind, other.key) == (signal.kind, signal.key) and other != signal
    )
    reading = prometheus.measure(
        PrometheusOptions(url=url, without=others),
        Context("the-source", "production", AS_OF, LiveTape(Path())),
        Demand.of([SeriesNeed(signal.kind, signal.key, 1800.0, 300.0)]),
        NothingYet(),
    )
    assert not [gap for entry in reading.coverage for gap in entry.gaps]
    last = {series.subject.name: series.values[-1] for series in reading.series if series.times[-1] == NOW}
    assert last == pytest.approx(expected, rel=2e-3, abs=1e-9)
    assert all(series.subject.kind == signal.kind and series.key == signal.key for series in reading.series)


def test_every_signal_has_its_case_and_every_case_its_signal():
    assert sorted(name for name, _ in EXPECTED) == sorted(SIGNALS)


def test_every_exporter_has_a_case_file():
    exporters = files("driftbot.signals") / "exporters"
    assert {Path(entry.name).stem for entry in exporters.iterdir()} == set(CASES)


def test_no_key_is_the_beginning_of_another():
    keys = list(Vocabulary(signal.provides() for signal in shipped()))
    clashes = [
        (one.name, other.name)
        for one in keys
        for other in keys
        if one.subject_kind == other.subject_kind and other.name.startswith(f"{one.name}.")
    ]
    assert not clashes


@pytest.mark.parametrize("signal", shipped(), ids=lambda signal: signal.name)
def test_a_signal_reads_well(signal):
    assert signal.meaning.endswith(".") and signal.identity.endswith("."), signal
    assert signal.identity, "why a subject stays the same"
