"""How much Slack takes: the vendor's limits by its reference pages, and ours below them.

Pages: https://docs.slack.dev/reference/block-kit/blocks (blocks and their texts),
https://docs.slack.dev/reference/block-kit/block-elements (buttons, menus, inputs),
https://docs.slack.dev/reference/block-kit/composition-objects (options, dialogs that confirm),
https://docs.slack.dev/reference/views/modal-views (modals). All count characters.
"""

from __future__ import annotations

BLOCKS = 50
ACTIONS = 25
VIEW_BLOCKS = 100
SECTION = 3000
FIELD, FIELDS = 2000, 10
CONTEXT_ELEMENTS = 10
HEADER = 150
BUTTON = 75
OPTION, OPTION_VALUE = 75, 150
PLACEHOLDER = 150
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
VALUE = 2000
MODAL_TITLE = 24
INPUT_LABEL, INPUT_HINT = 2000, 2000
PRIVATE_METADATA = 3000

MESSAGE = 9000
"""Characters of text in one message (ours). Slack refuses blocks that hold too much (``msg_blocks_too_long``) and names
no number; senders report refusals from 13,200 on.
"""

FALLBACK = 600
"""Characters of the text beside the blocks (ours): what a notification and a screen reader tell."""

ALT_TEXT = 1000
"""Characters of a picture's text alternative (ours: some sentences; a block's may have 2,000)."""

VIEW = 30_000
"""Characters of text in one modal (ours: ten full sections; nobody reads more in a window)."""
