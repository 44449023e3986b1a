"""Where a token may be sent: found when the configuration is read, not when the first message is."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftbot.config import ConfigError, parse_config


def slack_at(url: str, folder: Path) -> None:
    parse_config(f"slack:\n  token: {{env: T}}\n  url: {url}\n".encode(), folder / "driftbot.yaml")


@pytest.mark.parametrize(
    "url", ["http://slack.example/api", "slack.example", "ftp://127.0.0.1/", "http://localhost.x/"]
)
def test_an_address_that_would_show_the_token_is_refused_with_its_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"driftbot\.yaml:3:8: slack\.url: .*give it an https address"):
        slack_at(url, tmp_path)


@pytest.mark.parametrize("url", ["https://slack.example/api/", "http://127.0.0.1:8080/api/", "'http://[::1]/'"])
def test_https_and_this_machine_are_taken(tmp_path: Path, url: str) -> None:
    slack_at(url, tmp_path)
