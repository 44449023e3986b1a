"""Prometheus and its relatives: the rules they have loaded, how they run, and what rules ask to be measured."""

from __future__ import annotations

from driftbot.collectors.collector import Collector, Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_alerts import RULE_KEYS
from driftbot.collectors.prometheus_condition import ask as ask_conditions
from driftbot.collectors.prometheus_condition_facts import FIT_KEYS
from driftbot.collectors.prometheus_connection import connect
from driftbot.collectors.prometheus_inventory import Inventory
from driftbot.collectors.prometheus_liveness import LIVENESS_KEYS
from driftbot.collectors.prometheus_liveness import ask as ask_liveness
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_release import ask_releases
from driftbot.collectors.prometheus_series import measure_demand
from driftbot.collectors.prometheus_server import KEYS as SERVER_KEYS
from driftbot.core.demand import Demand
from driftbot.core.key import Key
from driftbot.core.snapshot import Reading
from driftbot.signals.reading import SignalBook, shipped


def keys(options: PrometheusOptions | None) -> tuple[Key, ...]:
    """What rules may ask for: the shipped signals and, with options, the user's."""
    signals = shipped() if options is None else SignalBook.of(options.signals, options.without).signals
    return (*SERVER_KEYS, *RULE_KEYS, *LIVENESS_KEYS, *FIT_KEYS, *(signal.provides() for signal in signals))


def read(options: PrometheusOptions, context: Context) -> Reading:
    """The rules that the server has loaded, and how it runs."""
    connection = connect(context.tape.session(context.source), options)
    return Inventory(connection, options, context).read()


def measure(options: PrometheusOptions, context: Context, demand: Demand, ledger: Ledger) -> Reading:
    """What is demanded, releases and series first, within one load budget; nothing of a server without series.

    Releases come before series, because after the first night they cost little and a series waits its turn.
    """
    if not measures(options):
        return Reading()
    connection = connect(context.tape.session(context.source), options)
    spending = Spending(options.budget)
    released = ask_releases(connection, options, context, demand, ledger, spending)
    measured = measure_demand(connection, options, context, demand, ledger, spending)
    dead = ask_liveness(connection, options, context, demand, ledger, spending)
    fits = ask_conditions(connection, options, context, demand, ledger, spending)
    return Reading.merged((measured, released, dead, fits))


def measures(options: PrometheusOptions) -> bool:
    """Whether it holds series that can be asked for."""
    return options.series


collector = Collector("prometheus", PrometheusOptions, keys, read, measure, measures)
