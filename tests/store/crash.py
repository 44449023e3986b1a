"""A scan that writes two nights over and over until it is killed: ``python crash.py URL FIRST_NIGHT``."""

from __future__ import annotations

import sys

import numpy as np

from driftbot.core.series import Series
from driftbot.core.subject import Subject
from driftbot.store.store import Store
from tests.store.scene import HOUR, SEEN_ALL, judge, new_life, night_of, seconds, timeout

SUBJECTS = 400


def write(url: str, first: int) -> None:
    """Night after night, each with as many facts of its own number, samples, a finding and a note."""
    with Store.open(url) as store:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for number in range(first, first + 1000):
            at = night_of(number)
            with store.lease("doomed", at, HOUR) as lease, store.begin_night(lease, at) as night:
                for batch in range(4):
                    subjects = [Subject("workload", "production", f"s{batch}-{n}") for n in range(SUBJECTS // 4)]
                    night.add_facts([timeout(seconds(number), of=subject) for subject in subjects], SEEN_ALL)
                    times = 86400.0 * number + 300.0 * np.arange(288)
                    night.add_series(Series(s, "duration", times, np.full(288, float(number))) for s in subjects)
                judge(night, [new_life(number)])
                night.set_note("last", str(number))


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
