"""Which blocks Slack takes: the shapes and limits of https://docs.slack.dev/reference/block-kit.

Written down from those pages on their own: what renders messages has limits of its own, and each would catch the
other's mistake. Fields that a page does not name are refused, as Slack does.
"""
