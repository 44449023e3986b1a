"""Peer groups: which subjects are alike but for one label, so that each can be held against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from driftbot.core.subject import Subject
from driftbot.engine.column import Rows

Pair = tuple[str, str]


def peer_groups(subjects: Sequence[Subject], label: str) -> Rows:
    """For each subject the number of its group; -1 for one that does not carry the label.

    Peers are the subjects of one environment whose labels are the same, but for ``label`` itself and for labels that
    name the subject alone (no other subject of the environment carries the same one): the pods of a workload, the
    zones of a service.
    """
    shared = Counter((one.environment, pair) for one in subjects for pair in one.labels)
    numbers: dict[tuple[str, tuple[Pair, ...]], int] = {}
    groups = np.full(len(subjects), -1, dtype=np.int64)
    for row, one in enumerate(subjects):
        if one.label(label) is None:
            continue
        alike = tuple(pair for pair in one.labels if pair[0] != label and shared[one.environment, pair] > 1)
        groups[row] = numbers.setdefault((one.environment, alike), len(numbers))
    return groups
