"""What planning knows of an estate: shares are of all of it, whatever is asked for."""

from __future__ import annotations

from pathlib import Path

from driftbot.core.selection import Selection
from driftbot.remedies.world import outlook
from driftbot.store.store import Store
from tests.remedies.estate import RULE, Terms, now, scanned, write_estate

OTHER = RULE.replace("id: deadline", "id: other").replace("owner: data-platform", "owner: billing")


def test_a_selection_makes_no_share_larger(tmp_path: Path) -> None:
    write_estate(tmp_path, "a", "b", "c", terms=Terms())
    (tmp_path / "rules" / "other.yaml").write_text(OTHER)
    config = scanned(tmp_path)
    with Store.open(config.store_url) as store:
        whole = outlook(config, store, now()).world.circumstances
        part = outlook(config, store, now(), selection=Selection(rules=("other",))).world.circumstances
    assert whole.population == part.population
    assert dict(part.population.owners) == {"data-platform": 3, "billing": 3}
    assert dict(part.population.environments) == {"production": 3}
    assert part.telling == {"open_notice"}
