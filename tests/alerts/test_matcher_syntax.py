"""Matchers: what is read, what is refused with which words, and that the one written form reads back."""

from __future__ import annotations

import random
import re
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from driftbot.alerts.label_matcher import LONGEST_REGEX, NotAMatcher, all_match, matches
from driftbot.alerts.matcher_syntax import read_matchers, written
from driftbot.promql.selector import Match, Matcher
from tests.servers.process import binary

READ = {
    "severity=page": ['severity="page"'],
    ' severity = "page" ': ['severity="page"'],
    '{team="a,b", severity!=page,}': ['team="a,b"', 'severity!="page"'],
    "": [],
    "{}": [],
    "team=": ['team=""'],
    'team=~"db|web"': ['team=~"db|web"'],
    "team!~d.*": ['team!~"d.*"'],
    r'path="a\\b\"c\nd\e"': [r'path="a\\b\"c\nd\\e"'],
    r"path=a\b": [r'path="a\\b"'],
    "a:b=c": ['a:b="c"'],
    '"foo.bar"="x y"': ['"foo.bar"="x y"'],
    "foo.bar=x": ['"foo.bar"="x"'],
    r'{"foo.bar"="d\u00e9\x41\101", team!="b"}': ['"foo.bar"="déAA"', 'team!="b"'],
    '"größe"=~"x|y"': ['"größe"=~"x|y"'],
}
REFUSED = {
    "severity": "'severity' is no label matcher; write it like",
    "=page": "'=page' is no label matcher",
    'severity="page': "is no label matcher",
    'severity="pa"ge"': "is no label matcher",
    r'severity="page\"': "is no label matcher",
    "a=b,,c=d": "'' is no label matcher",
    '"a\\uD800.b"=x': "is no label matcher",
    'a=~"(b"': "'(b' is no regular expression of RE2: missing )",
    'a=~"(?=b)"': "is no regular expression of RE2: invalid perl operator: (?=",
    r'a=~"(.)\\1"': "is no regular expression of RE2: invalid escape sequence",
    f'a=~"{"x" * (LONGEST_REGEX + 1)}"': "a regular expression of 20,001 characters is not read",
}


@pytest.mark.parametrize("text", READ)
def test_a_line_is_read(text):
    assert [written(matcher) for matcher in read_matchers(text)] == READ[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_what_is_no_matcher_is_refused_with_the_reason(text):
    with pytest.raises(NotAMatcher, match=re.escape(REFUSED[text])):
        read_matchers(text)


LABELS = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,5}", fullmatch=True) | st.text(min_size=1, max_size=5)
MATCHERS = st.builds(Matcher, LABELS, st.sampled_from([Match.EQUAL, Match.NOT_EQUAL]), st.text(max_size=8))


@given(st.lists(MATCHERS.filter(lambda one: "\n" not in one.label), max_size=4))
def test_the_written_form_reads_back(matchers):
    plain = [one for one in matchers if one.label.isascii() and one.label.isidentifier()]
    assert list(read_matchers("{" + ",".join(map(written, plain)) + "}")) == plain
    for one in matchers:
        assert read_matchers(written(one)) == (one,)


@pytest.mark.parametrize(
    ("matcher", "value", "holds"),
    [
        ("a=b", "b", True),
        ("a=", "", True),
        ("a!=b", "", True),
        ("a=~b|c", "c", True),
        ("a=~b|c", "bc", False),
        ("a=~b", "xb", False),
        ("a!~b.*", "x", True),
        ('a=~""', "", True),
        ("a=~.+", "", False),
        ("a=~.*", "x\ny", False),
        (r'a=~"\\d+"', "٣", False),
        ("a=~(?i)db", "DB", True),
        ("a=~b$", "b\n", False),
        (r'a=~"a)(b"', "ab", True),
    ],
)
def test_a_regular_expression_is_that_of_go(matcher, value, holds):
    """Anchored, an empty value for a missing label, ASCII classes, no dot for a line break."""
    (one,) = read_matchers(matcher)
    assert matches(one, value) is holds
    assert all_match([one], {"a": value} if value else {}) is holds


def test_a_hostile_expression_takes_no_time_that_grows_with_its_steps():
    (one,) = read_matchers('a=~"(a*)*b"')
    assert not matches(one, "a" * 20_000)


PIECES = ["a", "b1", "=", "!=", "=~", "!~", '"', "\\", ",", "{", "}", " ", "x", "|", ".*", "(", ")", "é", '"c,d"', "="]


@pytest.mark.server
@pytest.mark.parametrize("seed", range(6))
def test_lines_are_read_as_alertmanager_reads_them(seed, tmp_path):
    """amtool 0.25 knows the classic syntax only: what it takes we take alike."""
    chance = random.Random(seed)
    lines = ["".join(chance.choice(PIECES) for _ in range(chance.randint(1, 9))) for _ in range(60)]
    lines += [f"{chance.choice('ab')}{chance.choice(['=', '!=', '=~'])}{line}" for line in lines]
    taken = 0
    for line in lines:
        shown = shown_by_amtool(line, tmp_path / "alertmanager.yml")
        if shown is None:
            continue
        taken += 1
        assert sorted(map(go_written, read_matchers(line))) == shown, line
    assert taken > 10


def shown_by_amtool(line, config):
    routes = {"receiver": "r", "routes": [{"receiver": "r", "matchers": [line], "routes": [{"receiver": "r"}]}]}
    config.write_text(yaml.safe_dump({"route": routes, "receivers": [{"name": "r"}]}))
    command = [binary("amtool"), "config", "routes", "show", f"--config.file={config}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode or "receiver: r" not in done.stdout:
        return None
    shown = done.stdout.splitlines()[3].partition("── ")[2].rpartition("  receiver: r")[0]
    return sorted(go_split(shown.strip()[1:-1])) if shown.startswith("{") else []


def go_written(matcher):
    return f"{matcher.label}{matcher.match}" + '"' + matcher.value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def go_split(text):
    return [found[0] for found in re.finditer(r'[^",]+"(?:[^"\\]|\\.)*"', text)]
