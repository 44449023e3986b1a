"""The vocabulary refuses what contradicts it and names what is near."""

import pytest

from driftbot.core.key import Key, UnknownKey, ValueType, Vocabulary
from driftbot.core.quantity import Unit

TIMEOUT = Key("call", "timeout.request", ValueType.QUANTITY, "How long a caller waits.", Unit.SECONDS, ("catalog",))


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownKey, match=r"did you mean timeout\.request\?") as unknown:
        Vocabulary([TIMEOUT]).get("call", "timout.request")
    assert unknown.value.nearest == ("timeout.request",)


def test_a_key_of_another_kind_is_unknown() -> None:
    assert Vocabulary([TIMEOUT]).find("service", "timeout.request") is None


def test_two_providers_of_one_key_are_one_key() -> None:
    other = Key("call", "timeout.request", ValueType.QUANTITY, "Elsewhere.", Unit.SECONDS, ("settings",))
    assert [key.providers for key in Vocabulary([TIMEOUT, other])] == [("catalog", "settings")]


def test_two_units_for_one_key_are_refused() -> None:
    other = Key("call", "timeout.request", ValueType.QUANTITY, "Elsewhere.", Unit.COUNT, ("settings",))
    with pytest.raises(ValueError, match=r"declared twice.*seconds.*catalog.*count.*settings"):
        Vocabulary([TIMEOUT, other])


@pytest.mark.parametrize("name", ["", "Timeout", "timeout.", ".x", "a b", "1x"])
def test_a_key_is_lower_case_words_joined_by_dots(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case words"):
        Key("call", name, ValueType.TEXT, "No name.")


@pytest.mark.parametrize(("type_", "unit"), [(ValueType.TEXT, Unit.SECONDS), (ValueType.QUANTITY, None)])
def test_a_unit_belongs_to_numbers_only(type_: ValueType, unit: Unit | None) -> None:
    with pytest.raises(ValueError, match="unit belongs"):
        Key("call", "x", type_, "Wrong.", unit)
