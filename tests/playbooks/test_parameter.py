"""What a parameter may say, and what it is given where nobody states a value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from driftbot.playbooks.filling import LEFT_OUT, Given, filled
from driftbot.playbooks.parameter import Parameter

DEADLINE = {"meaning": "New.", "unit": "seconds", "recommended": "timeout.deadline"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"direction": "up"}, "direction"),
        ({"recommended": None, "fact": "a", "direction": "raise"}, "a `direction` belongs to a recommended quantity"),
        ({"need": "optional"}, "what is recommended or has a default is never missing"),
        ({"recommended": None, "default": "1h", "need": "optional"}, "is never missing, so it is not optional"),
        ({"recommended": "Timeout"}, "'Timeout' is no key"),
        ({"type": "flag", "unit": None, "recommended": None, "default": "yes"}, "the default 'yes' is no flag"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match="1 validation error") as refused:
        Parameter.model_validate({**DEADLINE, **changes})
    assert told in str(refused.value)


def test_what_is_left_out_takes_entries_and_items_with_it_and_no_more() -> None:
    settings = {"name": "{name}", "namespace": "{namespace}", "list": ["{namespace}", "a"], "text": "in {namespace}."}
    given = {"name": Given("cart", "cart"), "namespace": LEFT_OUT}
    assert filled(settings, given) == {"name": "cart", "list": ["a"], "text": "in ."}
    assert filled({"a": "{x}"}, {"x": Given("", None)}) == {"a": None}
