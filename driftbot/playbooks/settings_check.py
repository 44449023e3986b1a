"""Settings of steps held against the models of their actions, before and after parameters are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from driftbot.documents.node import Plain
from driftbot.playbooks.filling import Given, filled, named

_TEXT_EXPECTED = "string_type"


def unfilled_errors(model: type[BaseModel], settings: Mapping[str, Any]) -> ValidationError | None:
    """What is wrong with settings whatever the parameters will be; complaints about places they fill are left out."""
    try:
        model.model_validate(settings)
    except ValidationError as error:
        sure = [one for one in error.errors(include_url=False) if not _is_open(settings, one["loc"])]
        if sure:
            return ValidationError.from_exception_data(error.title, [_again(one) for one in sure])
    return None


def validated(model: type[BaseModel], settings: Mapping[str, Any], given: Mapping[str, Given]) -> BaseModel:
    """The settings with all parameters put in; where the model wants a text, a parameter that stands alone is one.

    Raises:
        ValidationError: they are none of this action.
    """
    whole: Any = filled(dict(settings), given)
    try:
        return model.model_validate(whole)
    except ValidationError as error:
        places = [one["loc"] for one in error.errors(include_url=False) if one["type"] == _TEXT_EXPECTED]
        texts = {name: Given(one.text, one.text) for name, one in given.items()}
        for place in places:
            _put(whole, place, filled(_at(settings, place), texts))
        if not places:
            raise
    return model.model_validate(whole)


def _is_open(settings: Any, place: Sequence[str | int]) -> bool:
    """Whether what stands there, or anything that it consists of, is filled in later."""
    return bool(named(_at(settings, place)))


def _at(settings: Any, place: Sequence[str | int]) -> Plain:
    """What stands at the place, or at the last part on the way that is there."""
    found = settings
    for part in place:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            break
    return found  # type: ignore[no-any-return]


def _put(settings: Any, place: Sequence[str | int], value: Plain) -> None:
    for part in place[:-1]:
        settings = settings[part]
    settings[place[-1]] = value


def _again(details: Any) -> Any:
    """A complaint as pydantic takes it back."""
    return {
        "type": details["type"],
        "loc": details["loc"],
        "input": details.get("input"),
        "ctx": details.get("ctx", {}),
    }
