"""What promtool says of a changed rule file: whether it loads, and whether the repository's rule tests still pass.

promtool comes with Prometheus; ``promtool test rules`` runs the unit tests of rules that a repository keeps
(https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/). Everything runs on copies in a
temporary folder, before and after the change, so that what was broken already is not laid at its door.
"""

from driftbot.promtool.trial import Answer, Trial, try_change

__all__ = ["Answer", "Trial", "try_change"]
