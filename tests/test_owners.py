"""CODEOWNERS as GitHub and GitLab read it: last match wins, sections add up, bad lines lose nothing good."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.fact import Fact, Origin
from driftbot.core.subject import Subject
from driftbot.owners import Dialect, find_owners, read_codeowners, team_name, with_owners

GITHUB = """\
# comment
*                @everybody
*.js             @js-team  # inline comment
/build/logs/     @octocat
docs/*           docs@example.org
apps/            @apps
/scripts/        @org/tools @org/platform
**/logs          @logs
/apps/github     @github
/apps/open
/with\\ space/    @spaced
"""

GITLAB = """\
*           @default

[Payments] @org/payments
payments/
/payments/ledger/  @org/ledger
!payments/README.md

^[Documentation][2] @docs
*.md

[payments]
/terminals/
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@everybody",)),
        ("src/deep/app.js", ("@js-team",)),
        ("build/logs/today.txt", ("@logs",)),
        ("sub/build/logs", ("@logs",)),
        ("docs/start.md", ("docs@example.org",)),
        ("docs/build/trouble.md", ("@everybody",)),
        ("sub/docs/start.md", ("@everybody",)),
        ("sub/apps/x", ("@apps",)),
        ("scripts/run.sh", ("@org/tools", "@org/platform")),
        ("deploy/logs/a/b", ("@logs",)),
        ("apps/github/main.go", ("@github",)),
        ("apps/open/main.go", ()),
        ("with space/file", ("@spaced",)),
    ],
)
def test_github(path: str, owners: tuple[str, ...]) -> None:
    assert read_codeowners(GITHUB).of(path) == owners


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.go", ("@default",)),
        ("sub/payments/a.go", ("@default", "@org/payments")),
        ("payments/ledger/a.go", ("@default", "@org/ledger")),
        ("payments/README.md", ("@default", "@docs")),
        ("terminals/a.go", ("@default", "@org/payments")),
    ],
)
def test_gitlab(path: str, owners: tuple[str, ...]) -> None:
    assert read_codeowners(GITLAB).of(path) == owners


def test_the_dialects_differ_where_the_forges_do() -> None:
    text = "internal/docs @a\n"
    github, gitlab = (read_codeowners(text, dialect=dialect) for dialect in Dialect)
    assert (github.of("internal/docs/x"), gitlab.of("internal/docs/x")) == (("@a",), ())
    assert (github.of("sub/internal/docs"), gitlab.of("sub/internal/docs")) == ((), ("@a",))


def test_bad_lines_are_named_and_lose_nothing_good() -> None:
    owners = read_codeowners("* @good\n*.py nobody\n!x @y\n*.go @go\n", ".github/CODEOWNERS")
    assert [str(problem).split(" ")[0] for problem in owners.problems] == [
        ".github/CODEOWNERS:2:1:",
        ".github/CODEOWNERS:3:1:",
    ]
    assert owners.of("a.py") == ("@good",)
    assert owners.of("a.go") == ("@go",)


@pytest.mark.parametrize(
    ("owner", "team"), [("@org/payments", "payments"), ("@ada", "ada"), ("@a/b/c", "c"), ("x@y.org", "x@y.org")]
)
def test_team_names(owner: str, team: str) -> None:
    assert team_name(owner) == team


def test_the_file_is_found_from_a_folder_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("/deploy/shop/ @org/shop\n")
    (tmp_path / "CODEOWNERS").write_text("* @never\n")
    (tmp_path / "deploy").mkdir()
    owners = find_owners(tmp_path / "deploy")
    assert owners is not None
    assert (owners.locator, owners.below) == (".github/CODEOWNERS", "deploy")
    assert owners.of("shop/cart.yaml") == ("@org/shop",)
    assert owners.teams() == ("shop",)


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @outside\n")
    inner = tmp_path / "inner"
    (inner / ".git").mkdir(parents=True)
    assert find_owners(inner) is None


def test_subjects_without_an_owner_take_their_files() -> None:
    owners = read_codeowners("/a.yaml @org/cart\n")
    bare = Subject("workload", "production", "shop/cart")
    owned = Subject("workload", "production", "shop/pay", (("team", "pay"),))
    facts = [
        Fact(subject, "image.tag", "v1", origin=Origin("git", locator, 3))
        for subject, locator in ((bare, "a.yaml"), (bare, "b.yaml"), (owned, "a.yaml"))
    ]
    labels = {fact.origin.locator + str(fact.subject): fact.subject.labels for fact in with_owners(facts, owners)}
    cart = (("owner", "@org/cart"), ("team", "cart"))
    assert labels == {
        "a.yamlworkload:production/shop/cart": cart,
        "b.yamlworkload:production/shop/cart": cart,
        "a.yamlworkload:production/shop/pay": (("team", "pay"),),
    }


@given(st.text(alphabet="a/*?!#[]\\@ \n^.-é"), st.text(alphabet="a/.-é"))
def test_no_file_is_too_odd(text: str, path: str) -> None:
    owners = read_codeowners(text)
    assert all(owner in text for owner in owners.of(path))
