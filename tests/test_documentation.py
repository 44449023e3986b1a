"""Documentation that cannot fall behind: rendered pages, commands, examples and links are compared with the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import yaml
from jsonschema import Draft202012Validator

from docs.render.commands import helps
from docs.render.rendered import difference, files
from driftbot.cli.main import command_line
from driftbot.collectors.collector import Context
from driftbot.config import parse_config
from driftbot.core.body import Body
from driftbot.core.exit_code import ExitCode
from driftbot.core.fact import show
from driftbot.inventory import vocabulary
from driftbot.plugins import collectors, notifiers
from driftbot.rules.reading import read_rules
from driftbot.shipped import rules_root
from driftbot.tape import LiveTape

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
RENDERED = files()
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(page for page in PAGES if page.parent.name != "reference")]
MAKE_TARGETS = frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def headings(page: str, level: int = 2) -> set[str]:
    return set(re.findall(rf"^{'#' * level} (.+)$", RENDERED[f"docs/reference/{page}"], re.MULTILINE))


def blocks(path: Path, language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", sorted(RENDERED))
def test_every_rendered_file_is_up_to_date(path):
    different = difference(path, RENDERED[path])
    assert different[:10] == [], "run `make docs`"


def rendered_elsewhere(seed: str) -> str:
    script = "from docs.render.rendered import difference, files; print(sorted(files().items()))"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": seed}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=True).stdout


def test_rendering_does_not_depend_on_the_process():
    assert rendered_elsewhere("60") == rendered_elsewhere("150")


def test_every_page_of_the_reference_is_rendered_and_every_rendered_file_is_there():
    present = {name(path) for folder in ("docs/reference", "schemas") for path in (ROOT / folder).rglob("*.*")}
    assert present == set(RENDERED) - {"README.md"}


def test_nothing_rendered_names_a_machine():
    assert [path for path, text in RENDERED.items() if re.search(r"/(home|root|tmp|work|usr)/", text)] == []


def test_every_command_is_documented_and_every_documented_command_is_real():
    assert headings("commands.md") - {"Exit codes"} == {" ".join(path) for path, _ in helps()}


def test_every_command_has_help_with_an_example():
    texts = {" ".join(path): " ".join(text.split()) for path, text in helps() if "COMMAND [ARGS]" not in text}
    assert texts
    assert [command for command, text in texts.items() if f"`{command}" not in text] == []


def test_every_kind_of_subject_and_every_key_is_documented():
    keys = vocabulary(())
    assert headings("vocabulary.md") == set(keys.kinds)
    page = RENDERED["docs/reference/vocabulary.md"]
    assert [key.name for key in keys if f"| `{key.name}` | {key.type} |" not in page] == []
    assert len(keys) == len(re.findall(r"^\| `", page, re.MULTILINE))


def test_every_key_says_what_it_means_in_a_sentence_and_who_provides_it():
    assert [str(key) for key in vocabulary(()) if len(key.meaning.split()) < 3 or not key.providers] == []


def test_every_kind_of_source_is_documented_and_every_documented_one_is_real():
    found = {title for title in headings("configuration.md") if title.startswith("A source of kind")}
    assert found == {f"A source of kind `{kind}`" for kind in collectors()}


def test_every_kind_of_channel_is_documented_and_every_documented_one_is_real():
    found = {title for title in headings("configuration.md") if title.startswith("A channel of kind")}
    assert found == {f"A channel of kind `{kind}`" for kind in notifiers()}


def test_every_shipped_rule_is_documented_and_every_documented_one_is_shipped():
    shipped = {path.stem for path in rules_root().rglob("*.yaml")}
    assert shipped
    page = RENDERED["docs/reference/rules.md"]
    assert set(re.findall(r"^## `?([a-z0-9-]+)`?$", page, re.MULTILINE)) == shipped


def test_every_exit_code_is_explained():
    page = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d) \| (\w+) \|", page, re.MULTILINE) == [(str(int(c)), c.name.lower()) for c in ExitCode]


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_every_command_line_in_the_prose_is_real(path):
    lines = [line for language in ("console", "sh") for block in blocks(path, language) for line in block.splitlines()]
    called = [line.partition("$ ")[2].split("#")[0].split() for line in lines if line.startswith("$ ")]
    inline = [
        text.split() for text in re.findall(r"`((?:driftbot|make) [a-z][^`]*)`", path.read_text(encoding="utf-8"))
    ]
    for words in (*called, *inline):
        if words[0] == "make":
            assert words[1] in MAKE_TARGETS, f"make {words[1]}"
        elif words[0].rpartition("/")[2] == "driftbot":
            assert_is_a_command(words[1:])


def assert_is_a_command(words: list[str]) -> None:
    command: click.Command | None = command_line
    for position, word in enumerate(words):
        if word.startswith("-"):
            option = word.partition("=")[0]
            known = {text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)}
            assert option in {*known, "--help"}, f"driftbot {' '.join(words)}: no option {option}"
        elif isinstance(command, click.Group) and word.islower() and "|" not in word:
            command = command.get_command(click.Context(command), word)
            assert command is not None, f"driftbot {' '.join(words[: position + 1])} is no command"


def test_every_make_target_has_help():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z]+):.*## .+$", makefile, re.MULTILINE)) == MAKE_TARGETS


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_every_link_inside_the_project_leads_somewhere(path):
    links = re.findall(r"\]\((?!\w+://)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_every_configuration_in_the_prose_is_accepted(path):
    top_level = set(json.loads(RENDERED["schemas/driftbot.schema.json"])["properties"])
    for block in blocks(path, "yaml"):
        if isinstance(data := yaml.safe_load(block), dict) and set(data) & top_level and "for_each" not in data:
            parse_config(block.encode(), path)


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_every_rule_in_the_prose_is_valid(path):
    for block in blocks(path, "yaml"):
        if "for_each:" in block:
            (rule_id,) = re.findall(r"^id: (\S+)$", block, re.MULTILINE)
            book = read_rules([Body(f"area/{rule_id}.yaml", block.encode())], vocabulary(()))
            assert [str(problem) for problem in book.problems] == []
            assert [rule.id for rule in book.rules] == [rule_id]


@pytest.mark.parametrize("schema", [path for path in sorted(RENDERED) if path.endswith(".json")])
def test_every_schema_is_one(schema):
    Draft202012Validator.check_schema(json.loads(RENDERED[schema]))


def test_the_house_on_the_architecture_page_is_the_house():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^  (\w+(?:/|\.py)) ", page, re.MULTILINE))
    folders = {f"{path.parent.name}/" for path in (ROOT / "driftbot").glob("*/__init__.py")}
    assert {entry for entry in named if entry.endswith("/")} == folders
    assert [entry for entry in named if not (ROOT / "driftbot" / entry).exists()] == []


def test_every_decision_has_a_number_of_its_own_and_says_what_was_decided():
    decisions = sorted((DOCS / "decisions").glob("0*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert len(set(numbers)) == len(numbers)
    titles = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in decisions}
    assert [name(path) for path, title in titles.items() if not title.startswith(f"# {int(path.name[:4])}. ")] == []


def test_the_settings_example_reads_the_file_that_stands_beside_it(tmp_path):
    examples = list(blocks(DOCS / "configuration.md", "yaml"))
    (file,) = [block for block in examples if block.startswith("# config/")]
    (source,) = parse_config(next(b for b in examples if "kind: settings" in b).encode(), tmp_path / "x").sources
    path = tmp_path / file.partition("\n")[0].removeprefix("# ")
    path.parent.mkdir(parents=True)
    path.write_text(file, encoding="utf-8")
    context = Context(source.name, source.environment, datetime(2026, 5, 1, tzinfo=UTC), LiveTape(tmp_path), print)
    reading = source.collector.read(source.options, context)
    told = {(fact.subject.name, fact.key): (show(fact.value), fact.provenance.value) for fact in reading.facts}
    assert told == {
        ("cart->pricing", "timeout.request"): ("500ms", "explicit"),
        ("cart->pricing", "retries.max"): ("2", "explicit"),
        ("cart->pricing", "fallbacks"): ("cache, list-price", "explicit"),
        ("cart->stock", "retries.max"): ("0", "default"),
    }
    assert all(entry.complete for entry in reading.coverage)


def test_every_kind_of_source_has_a_working_example():
    shown = {
        entry["kind"]
        for block in blocks(DOCS / "configuration.md", "yaml")
        for entry in (yaml.safe_load(block) or {}).get("sources", ())
    }
    assert shown == set(collectors())
