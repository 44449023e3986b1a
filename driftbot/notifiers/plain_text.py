"""Text from the estate for places that pass it on, nobody knows where: nothing in it mentions, links or marks up.

Chats read ``<!channel>`` (Slack), ``@everyone`` (Discord), ``[text](url)`` (Markdown) and tags (HTML) in what they are
sent, and neither Alertmanager's templates nor apprise take all of that out.
"""

from __future__ import annotations

import re

from driftbot.core.harmless import LONGEST, harmless

_BRACKETS = str.maketrans("<>", "‹›")
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)")
_LINK = re.compile(r"\](?=\()")


def plain(text: str, longest: int = LONGEST) -> str:
    """One line of ``text`` that means nothing but what it says; a longer text is cut and says how long it was.

    An address such as ``ann@example.org`` stays as it is.
    """
    shown = harmless(text, longest).translate(_BRACKETS)
    return _LINK.sub("] ", _MENTION.sub("＠", shown))
