"""The configuration: read whole, or refused with every problem and its place."""

from pathlib import Path

import pytest

from driftbot.config import ConfigError, find_config, load_config, parse_config
from driftbot.core.failure import Failure
from driftbot.notifiers.slack.delivery import SlackNotifier

GOOD = b"""\
store: history.db
rules:
  paths: [rules]
  shipped: none
  disable: [noisy]
sources:
  - name: prod
    kind: prometheus
    environment: production
    url: https://prometheus.example.org
    bearer: {env: PROMETHEUS_TOKEN}
  - name: alerts
    kind: alert_files
    environment: production
    path: alerts
accepted_gaps:
  - {gap: "charts:templates/a.yaml", owner: shop, reason: rendered elsewhere, expires: 2027-01-31}
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = parse_config(GOOD, tmp_path / "driftbot.yaml")
    assert [(source.name, source.collector.kind, source.environment) for source in config.sources] == [
        ("prod", "prometheus", "production"),
        ("alerts", "alert_files", "production"),
    ]
    assert config.store_url == f"sqlite:///{tmp_path / 'history.db'}"
    assert [(root.path, root.source) for root in config.rule_roots] == [(tmp_path / "rules", "rules")]
    assert config.disabled_rules == {"noisy"}
    assert config.accepted_gaps[0].expires.isoformat() == "2027-01-31T00:00:00+00:00"


def test_a_database_url_stays_as_it_is(tmp_path: Path) -> None:
    config = parse_config(b"store: postgresql+psycopg://driftbot@db/driftbot", tmp_path / "driftbot.yaml")
    assert config.store_url == "postgresql+psycopg://driftbot@db/driftbot"


def test_every_problem_is_named_with_its_place_at_once(tmp_path: Path) -> None:
    broken = GOOD.replace(b"url: https", b"ulr: https").replace(b"store:", b"stoer:").replace(b"2027-01-31", b"soon")
    with pytest.raises(ConfigError) as refused:
        parse_config(broken, tmp_path / "driftbot.yaml")
    places = [(problem.origin.line, problem.message.partition(":")[0]) for problem in refused.value.problems]
    assert places == [(1, "stoer"), (7, "sources.0.url"), (10, "sources.0.ulr"), (17, "accepted_gaps.0.expires")]
    assert "1:1: stoer: there is no such setting (did you mean store?)" in str(refused.value)
    assert f"{tmp_path / 'driftbot.yaml'}:17:88" in str(refused.value)


def test_the_files_of_secrets_and_certificates_stand_beside_the_configuration(tmp_path: Path) -> None:
    text = GOOD.replace(
        b"{env: PROMETHEUS_TOKEN}", b"{file: token}\n    tls: {ca: tls/ca.pem, certificate: /etc/own.pem}"
    )
    options = parse_config(text, tmp_path / "driftbot.yaml").sources[0].options.model_dump()
    assert options["bearer"]["file"] == str(tmp_path / "token")
    assert (options["tls"]["ca"], options["tls"]["certificate"]) == (str(tmp_path / "tls/ca.pem"), "/etc/own.pem")


@pytest.mark.parametrize(
    "setting",
    [
        "url: 'https://ada:hunter2@prometheus.example.org'",
        "url: 'https://ada:hun/ter2@prometheus.example.org'",
        "url: 'http://x', bearer: hunter2",
        "url: 'http://x', basic: {username: ada, password: hunter2}",
        "url: 'http://x', basic: {username: 7732, password: {env: P}}",
        "url: 'http://x', bearer: {env: 7732}",
        "url: 'http://x', bearer: {token: hunter2}",
        "url: 'http://x', headers: {X-Api-Key: 7732}",
        "url: 'http://x', headers: {Authorization: [hunter2]}",
    ],
)
def test_a_secret_in_the_file_is_refused_without_being_told(tmp_path: Path, setting: str) -> None:
    text = f"sources:\n  - {{name: a, kind: prometheus, {setting}}}"
    with pytest.raises(ConfigError) as refused:
        parse_config(text.encode(), tmp_path / "driftbot.yaml")
    assert "ter2" not in str(refused.value)
    assert "7732" not in str(refused.value)


def test_an_unknown_source_kind_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"driftbot.yaml:2:.*alert_files.*prometheus"):
        parse_config(b"sources:\n  - {name: a, kind: promtheus, url: 'http://x'}", tmp_path / "driftbot.yaml")


WRONG = b"""\
slack:
  token: xoxb-hunter2
  people:
    U0123456: {nmae: Ann}
    ann: {name: Ann}
  owners: {shop: "@shop"}
channels:
  - name: sre
    kind: slack
    channel: sre
    entries: 0
    routes: [{owner: shop}]
  - {name: hook, kind: webhook, url: "https://hunter2", bounds: 3}
"""


def test_what_is_wrong_with_channels_is_told_in_words_at_its_own_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(WRONG, tmp_path / "driftbot.yaml")
    secret = "no secret is written here but its place: write {env: NAME} or {file: path}"
    person = "write a Slack user id like U0123456789 (in the profile: Copy member ID) (it says 'ann')"
    either = "write the id of a Slack user like U0123456789, or of a user group like S0123456789 (it says '@shop')"
    where = "write the channel's id like C0123456789, or its name like #sre (it says 'sre')"
    assert str(refused.value).replace(f"{tmp_path}/driftbot.yaml:", "").splitlines() == [
        f"2:10: slack.token: {secret}",
        "4:15: slack.people.U0123456.name: Field required",
        "4:16: slack.people.U0123456.nmae: there is no such setting (did you mean name?)",
        f"5:5: slack.people.ann: {person}",
        f"6:18: slack.owners.shop: {either}",
        f"10:14: channels.0.channel: {where}",
        "11:14: channels.0.entries: Input should be greater than or equal to 1 (it says 0)",
        "12:15: channels.0.routes.0.owner: there is no such setting (did you mean owners?)",
        f"13:38: channels.1.url: {secret}",
        "13:57: channels.1.bounds: there is no such setting",
    ]


def test_channels_have_names_of_their_own_and_the_section_that_their_kind_shares(tmp_path: Path) -> None:
    channel = "  - {name: sre, kind: slack, channel: C0123456}\n"
    with pytest.raises(ConfigError) as told:
        parse_config(f"channels:\n{channel}{channel}".encode(), tmp_path / "driftbot.yaml")
    assert [(one.origin.line, one.message) for one in told.value.problems] == [
        (3, "the channel name 'sre' is used twice"),
        (2, "a channel of kind slack needs what all channels of its kind share"),
        (3, "a channel of kind slack needs what all channels of its kind share"),
    ]
    assert {one.hint for one in told.value.problems[1:]} == {"write a section slack: beside channels:"}


def test_a_channels_notifier_knows_the_section_that_its_kind_shares(tmp_path: Path) -> None:
    content = b"slack: {token: {env: T}}\nchannels: [{name: sre, kind: slack, channel: C0123456}]"
    config = parse_config(content, tmp_path / "driftbot.yaml")
    assert config.slack is not None
    assert [channel.notifier for channel in config.channels] == [SlackNotifier(workspace=config.slack)]


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    doubled = b"sources:\n" + b"  - {name: a, kind: alert_files, path: x}\n" * 2
    with pytest.raises(ConfigError, match=r"driftbot.yaml:3:12: the source name 'a' is used twice"):
        parse_config(doubled, tmp_path / "driftbot.yaml")


def test_a_name_of_driftbots_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"driftbot.yaml:1:18: the source name 'approvals' is driftbot's own"):
        parse_config(b"sources: [{name: approvals, kind: alert_files, path: x}]", tmp_path / "driftbot.yaml")


@pytest.mark.parametrize("content", [b"", b"[]", b"just text", b"a: b: c", b"\xff\xfe\x00"])
def test_what_is_no_configuration_is_a_sentence(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"driftbot\.yaml"):
        parse_config(content, tmp_path / "driftbot.yaml")


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "driftbot.yaml").write_bytes(GOOD)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_config(below) == tmp_path / "driftbot.yaml"


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        load_config(tmp_path / "driftbot.yaml")
    assert "driftbot init" in failure.value.next_step


def test_a_mistake_in_an_entry_does_not_make_its_list_empty(tmp_path: Path) -> None:
    text = b"""\
sources:
  - name: clients
    kind: settings
    path: config
    extract:
      - {files: [a.yaml], subject: call, name: x, values: [{key: timeout.request, at: $.t, unit: second}]}
      - {files: [a.yaml], subject: call, name: x, values: []}
"""
    with pytest.raises(ConfigError) as refused:
        parse_config(text, tmp_path / "driftbot.yaml")
    places = [problem.message.partition(":")[0] for problem in refused.value.problems]
    assert places == ["sources.0.extract.0.values.0.unit", "sources.0.extract.1.values"]


def test_what_detectors_may_cost_is_the_estate_s_and_above_zero(tmp_path):
    path = tmp_path / "driftbot.yaml"
    assert parse_config(b"store: a.db\n", path).false_notices_a_week == 1.0
    assert parse_config(b"baselines: {false_notices_a_week: 0.2}\n", path).false_notices_a_week == 0.2
    with pytest.raises(ConfigError, match=r"driftbot\.yaml:1:.*greater than 0"):
        parse_config(b"baselines: {false_notices_a_week: 0}\n", path)
