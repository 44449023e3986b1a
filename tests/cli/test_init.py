"""``driftbot init``: writes what a scan takes as it is, whatever it finds, and never writes over a file unasked."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from driftbot.config import load_config
from driftbot.discovery.proposal import scalar

SHOP = Path(__file__).parents[2] / "fixtures" / "init" / "shop"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SHOP, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def kinds(folder: Path) -> dict[str, tuple[str, str]]:
    sources = load_config(folder / "driftbot.yaml").sources
    return {source.name: (source.collector.kind, getattr(source.options, "path", "")) for source in sources}


def test_what_is_found_becomes_sources_with_their_own_folders(shop, run):
    answer = run("init")
    assert answer.code == 0, answer
    assert kinds(shop) == {
        "alert-files": ("alert_files", "alerts"),
        "manifests": ("kubernetes_manifests", "deploy"),
        "catalog": ("catalog", "."),
    }
    for told in ("2 alert, 1 recording rule", "1 Deployment, 1 Service", "2 service", "1 Component", "CODEOWNERS",
                 "deploy/chart.yaml:4", "checkout", "platform", "Next: driftbot scan"):  # fmt: skip
        assert told in answer.out, told


@pytest.mark.parametrize(
    ("alerts", "lessons", "start"),
    [
        (("alerts/a.yaml",), "rules", "`driftbot rules new`"),
        (("rules/a.yaml",), "lessons", "`driftbot rules new --into lessons`"),
        (("rules/a/b.yaml", "other/a.yaml"), "lessons", "`driftbot rules new --into lessons`"),
        (("rules/a.yaml", "lessons/a.yaml"), "lessons-2", "`driftbot rules new --into lessons-2`"),
    ],
)
def test_own_lessons_get_a_folder_in_which_nothing_was_found(tmp_path, run, monkeypatch, alerts, lessons, start):
    monkeypatch.chdir(tmp_path)
    for name in alerts:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("groups: [{name: g, rules: [{alert: Down, expr: up == 0}]}]\n")
    assert run("init").code == 0
    text = (tmp_path / "driftbot.yaml").read_text()
    assert f"  # paths: [{lessons}]\n" in text and f"# {start} starts one." in text
    (tmp_path / lessons).mkdir()
    (tmp_path / "driftbot.yaml").write_text(text.replace("  # paths:", "  paths:"))
    assert run("scan").code == 0


def test_the_file_has_both_modelines_and_obeys_the_schema_beside_it(shop, run):
    run("init")
    text = (shop / "driftbot.yaml").read_text()
    assert text.startswith(
        "# yaml-language-server: $schema=./driftbot.schema.json\n# $schema: ./driftbot.schema.json\n"
    )
    schema = json.loads((shop / "driftbot.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text))) == []


def test_the_starting_pack_holds_the_rules_that_the_sources_can_answer(shop, run):
    run("init")
    pack = yaml.safe_load((shop / "driftbot.yaml").read_text())["rules"]["shipped"]
    assert "readiness-noticed-in-time" in pack
    assert "memory-limit-has-room" not in pack, "nobody measures memory here"
    assert "# - memory-limit-has-room  # needs workload memory.working_set" in (shop / "driftbot.yaml").read_text()


def test_rules_that_ask_for_releases_belong_to_the_pack_of_whoever_measures(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("init", "--prometheus", NOBODY)
    text = (tmp_path / "driftbot.yaml").read_text()
    drifting = {"latency-does-not-creep", "release-does-not-slow", "errors-do-not-creep", "hit-ratio-holds",
                "requests-do-not-get-dearer"}  # fmt: skip
    assert drifting <= set(yaml.safe_load(text)["rules"]["shipped"])
    assert "needs markers" not in text
    assert "# - more-than-one-replica  # needs workload replicas.minimum" in text


def test_what_it_writes_can_be_scanned_as_it_is(shop, run):
    run("init")
    (shop / "deploy" / "chart.yaml").unlink()
    answer = run("scan")
    assert answer.code in (0, 2), answer
    assert "ok" in answer.out


def test_a_server_that_does_not_answer_is_a_source_all_the_same_so_that_no_scan_passes_it_by(shop, run):
    answer = run("init", "--prometheus", NOBODY)
    assert answer.code == 0, answer
    assert answer.out.count("cannot be reached") == 1, "what six endpoints say alike is said once"
    assert "and 5 more" in answer.out
    text = (shop / "driftbot.yaml").read_text()
    assert "# It did not answer when this file was written" in text
    assert "bearer" not in text
    assert kinds(shop)["prometheus"] == ("prometheus", "")
    answer = run("scan")
    assert (answer.code, "Blind is not clean" in answer.out) == (1, True), answer


def test_an_address_that_can_be_no_source_is_a_comment(shop, run):
    assert run("init", "--prometheus", "ftp://host").code == 0
    assert '#   url: "ftp://host"' in (shop / "driftbot.yaml").read_text()
    assert "prometheus" not in kinds(shop)


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_credentials_gets_a_place_for_them(shop, run, status):
    class Closed(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Closed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            answer = run("init", "--prometheus", f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
    assert (answer.code, answer.out.count("failed  http")) == (0, 1), answer
    text = (shop / "driftbot.yaml").read_text()
    assert "    # bearer: {env: PROMETHEUS_TOKEN}\n" in text
    load_config(shop / "driftbot.yaml")
    (shop / "driftbot.yaml").write_text(text.replace("# bearer:", "bearer:"))
    assert load_config(shop / "driftbot.yaml").sources[0].options.bearer.env == "PROMETHEUS_TOKEN"


def test_the_store_is_kept_out_of_git(shop, run):
    assert ".gitignore" not in run("init").out
    (shop / ".git").mkdir()
    assert "in .gitignore: driftbot.db*" in run("init", "--force").out
    (shop / ".gitignore").write_text("driftbot.db*\n")
    assert ".gitignore" not in run("init", "--force").out


def test_nothing_to_look_at_is_blind_and_said(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "driftbot.yaml").write_text("sources: []\nrules: {shipped: none}\n")
    answer = run("scan")
    assert (answer.code, "no source is configured" in answer.out, "no rule is enabled" in answer.out) == (1, True, True)


@pytest.mark.server
def test_a_server_that_answers_becomes_a_source(shop, run, prometheus_server):
    running = prometheus_server()
    answer = run("init", "--prometheus", running.url, "--environment", "staging")
    assert answer.code == 0, answer
    (source,) = [source for source in load_config(shop / "driftbot.yaml").sources if source.name == "prometheus"]
    assert (source.options.url, source.environment) == (running.url, "staging")
    pack = yaml.safe_load((shop / "driftbot.yaml").read_text())["rules"]["shipped"]
    assert "memory-limit-has-room" in pack


def test_two_folders_make_two_sources_of_each_kind(shop, run):
    assert run("init", "--config-dir", "deploy", "--config-dir", "deploy").code == 0
    assert sorted(kinds(shop)) == ["manifests", "manifests-2"]


def test_nothing_found_is_still_a_configuration_and_says_what_to_add(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = run("init", "--config-dir", "nowhere")
    assert answer.code == 0, answer
    assert "add a source" in answer.out
    assert load_config(tmp_path / "driftbot.yaml").sources == ()
    assert "kind: prometheus" in (tmp_path / "driftbot.yaml").read_text()


def test_a_file_that_is_there_stays_unless_forced(shop, run):
    (shop / "driftbot.yaml").write_text("mine\n")
    answer = run("init")
    assert (answer.code, "already there" in answer.err, "--force" in answer.err) == (1, True, True)
    assert (shop / "driftbot.yaml").read_text() == "mine\n"
    assert run("init", "--force").code == 0
    assert load_config(shop / "driftbot.yaml").sources


def test_a_place_that_cannot_be_written_is_said(shop, run):
    answer = run("init", "--config", "nowhere/driftbot.yaml", "--config-dir", str(shop))
    assert (answer.code, "cannot be written" in answer.err) == (1, True)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20))
def test_any_text_is_a_scalar_of_the_same_text(text):
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text}


@pytest.mark.parametrize(
    "text", ["true", "No", "1.5", "0x1F", "1_000", "12:30:45", "-", "a: b", "null", "", "#", "2026-01-01"]
)
def test_what_yaml_would_read_as_something_else_is_quoted(text):
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text}
