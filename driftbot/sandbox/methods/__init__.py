"""The methods of the Web API that the sandbox knows, by name.

Each is as its page under https://docs.slack.dev/reference/methods describes it; any other is answered by
``unknown_method``.
"""

from __future__ import annotations

from driftbot.sandbox.methods import chat, conversations, files, team, views
from driftbot.sandbox.methods.method import Method

METHODS: dict[str, Method] = {
    method.name: method
    for method in sorted(
        (*chat.METHODS, *conversations.METHODS, *files.METHODS, *team.METHODS, *views.METHODS),
        key=lambda method: method.name,
    )
}
"""Every method by name, sorted."""
