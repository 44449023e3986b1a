"""Our limits are the vendor's: those that slack_sdk writes down are the same."""

from __future__ import annotations

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    InputBlock,
    Option,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from driftbot.notifiers.slack import limits


def test_they_are_those_of_slacks_own_library() -> None:
    assert SectionBlock.text_max_length == limits.SECTION
    assert SectionBlock.fields_max_length == limits.FIELDS
    assert HeaderBlock.text_max_length == limits.HEADER
    assert ActionsBlock.elements_max_length == limits.ACTIONS
    assert ContextBlock.elements_max_length == limits.CONTEXT_ELEMENTS
    assert ButtonElement.value_max_length == limits.VALUE
    assert View.private_metadata_max_length == limits.PRIVATE_METADATA
    assert InputBlock.label_max_length == limits.INPUT_LABEL
    assert InputBlock.hint_max_length == limits.INPUT_HINT
    assert ButtonElement.text_max_length == limits.BUTTON
    assert Option.label_max_length == limits.OPTION
    assert Option.value_max_length == limits.OPTION_VALUE
    assert StaticSelectElement.placeholder_max_length == limits.PLACEHOLDER
    assert ConfirmObject.title_max_length == limits.CONFIRM_TITLE
    assert ConfirmObject.text_max_length == limits.CONFIRM_TEXT
    assert limits.CONFIRM_BUTTON == ConfirmObject.confirm_max_length == ConfirmObject.deny_max_length
    assert limits.MODAL_TITLE == View.title_max_length == View.submit_max_length == View.close_max_length
    assert View.blocks_max_length == limits.VIEW_BLOCKS
