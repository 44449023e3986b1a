"""What forges answer when they do not do it: told with what to do next, waited for within a budget, never leaking."""

from __future__ import annotations

import ssl
import subprocess
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from driftbot.forges.failure import FailureKind, ForgeFailure
from driftbot.forges.options import ForgeKind
from driftbot.forges.patience import Patience
from driftbot.forges.thread import Act, Person
from tests.forges.bench import Bench, bench, draft, token_of
from tests.servers.fake import Reply, fake_server
from tests.servers.forge_http import Fault
from tests.servers.github_server import TOKEN, Account
from tests.servers.process import binary

BRANCH = "driftbot/3f9c2a"


def failure(there: Bench, fault: Fault, **options: Any) -> ForgeFailure:
    """The failure of looking for a request while the fault lasts."""
    there.server.fail(fault)
    with pytest.raises(ForgeFailure) as caught:
        there.forge(**options).find_request(BRANCH)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "told", "next_step"),
    [
        (401, FailureKind.UNAUTHENTICATED, "answered 401", "expired, revoked or of another server"),
        (403, FailureKind.FORBIDDEN, "answered 403", "give the token of the variable FORGE_TOKEN the permission"),
        (404, FailureKind.NOT_FOUND, "answered 404", "it is gone, or private to the token"),
        (409, FailureKind.CONFLICT, "answered 409", "what stands there already"),
        (410, FailureKind.GONE, "answered 410", "switched off"),
        (418, FailureKind.REFUSED, "answered 418", "mend what the forge names"),
        (422, FailureKind.REFUSED, "answered 422", "mend what the forge names"),
        (500, FailureKind.UNAVAILABLE, "answered 500", "check the forge's status"),
        (503, FailureKind.UNAVAILABLE, "answered 503", "check the forge's status"),
    ],
)
def test_each_refusal_is_told(there: Bench, status: int, kind: FailureKind, told: str, next_step: str) -> None:
    found = failure(there, Fault(there.listing(), times=9, status=status, body={"message": "No \x1b[31mway"}))
    assert (found.kind, found.status, found.uncertain) == (kind, status, False)
    assert told in found.sentence
    assert f"requests from {BRANCH}" in found.sentence
    assert "No \\x1b[31mway" in found.sentence
    assert next_step in found.next_step


def test_reads_are_tried_again_and_refusals_are_not(there: Bench) -> None:
    there.server.fail(Fault(there.listing(), times=3, status=502))
    assert there.forge().find_request(BRANCH) is None
    assert there.pauses == [1.0, 2.0, 4.0]
    there.pauses.clear()
    assert failure(there, Fault(there.listing(), times=9, status=404)).kind is FailureKind.NOT_FOUND
    assert there.pauses == []


def test_creations_that_are_refused_for_now_are_sent_again(there: Bench) -> None:
    there.server.fail(Fault(there.creation("notice"), status=429, headers={"Retry-After": "7"}))
    assert there.forge().open_notice(draft()).act is Act.CREATED
    assert (there.pauses, len(there.notices())) == ([7.0], 1)


def test_a_pause_over_the_budget_is_told_and_not_waited(there: Bench) -> None:
    fault = Fault(there.listing(), status=429, headers={"Retry-After": "3600"})
    found = failure(there, fault)
    assert (found.kind, found.pause, there.pauses) == (FailureKind.RATE_LIMITED, 3600.0, [])
    assert "waiting 3,600 s more would be over the 120 s of one run" in found.sentence


def test_the_budget_is_one_for_everything(there: Bench) -> None:
    there.budget = 10.0
    forge = there.forge()
    there.server.fail(Fault(there.listing(), times=9, status=429, headers={"Retry-After": "4"}))
    for _ in range(2):
        with pytest.raises(ForgeFailure):
            forge.find_request(BRANCH)
    assert there.pauses == [4.0, 4.0]


def test_a_retry_after_may_be_a_date(there: Bench) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    there.server.fail(Fault(there.listing(), status=503, headers={"Retry-After": then}))
    assert there.forge().find_request(BRANCH) is None
    assert 25 <= there.pauses[0] <= 31


@pytest.mark.parametrize(
    ("headers", "message", "pause"),
    [
        ({"Retry-After": "5"}, "You have exceeded a secondary rate limit.", 5.0),
        ({}, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", 60.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "RESET"}, "API rate limit exceeded for user ID 1.", 21.0),
    ],
)
def test_github_limits_with_403(on_github: Bench, headers: dict[str, str], message: str, pause: float) -> None:
    now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    told = {name: value.replace("RESET", str(int(now.timestamp()) + 20)) for name, value in headers.items()}
    sent = {**told, "Date": format_datetime(now, usegmt=True)}
    on_github.server.fail(Fault(on_github.listing(), status=403, headers=sent, body={"message": message}))
    assert on_github.forge().find_request(BRANCH) is None
    assert on_github.pauses == [pause]


def test_gitlab_limits_with_a_reset_time(on_gitlab: Bench) -> None:
    now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    headers = {"RateLimit-Reset": str(int(now.timestamp()) + 9), "Date": format_datetime(now, usegmt=True)}
    on_gitlab.server.fail(Fault(on_gitlab.listing(), status=429, headers=headers, body=b"Retry later\n"))
    assert on_gitlab.forge().find_request(BRANCH) is None
    assert on_gitlab.pauses == [10.0]


def test_a_missing_scope_is_named_on_github(on_github: Bench) -> None:
    headers = {"X-OAuth-Scopes": "read:org", "X-Accepted-OAuth-Scopes": "repo"}
    found = failure(on_github, Fault(on_github.listing(), status=403, headers=headers))
    assert found.next_step == "give the token of the variable FORGE_TOKEN the permission (repo); it has read:org"


def test_a_missing_scope_is_named_on_gitlab(on_gitlab: Bench) -> None:
    body = {"error": "insufficient_scope", "error_description": "Needs more.", "scope": "api"}
    found = failure(on_gitlab, Fault(on_gitlab.listing(), status=403, body=body))
    assert "insufficient_scope; Needs more.; needed scope: api" in found.sentence


def test_field_errors_are_told_on_github(on_github: Bench) -> None:
    errors = [{"resource": "PullRequest", "field": "head", "code": "invalid"}, "and a text"]
    on_github.server.fail(
        Fault(on_github.creation(), status=422, body={"message": "Validation Failed", "errors": errors})
    )
    with pytest.raises(ForgeFailure, match=r"Validation Failed \(PullRequest.head: invalid; and a text\)"):
        on_github.forge().open_request(BRANCH, "main", draft())


def test_field_errors_are_told_on_gitlab(on_gitlab: Bench) -> None:
    body = {"message": {"title": ["is too long", "is odd"], "base": ["no"]}}
    on_gitlab.server.fail(Fault(on_gitlab.creation(), status=400, body=body))
    with pytest.raises(ForgeFailure, match="title: is too long, is odd; base: no"):
        on_gitlab.forge().open_request(BRANCH, "main", draft())


def test_a_branch_that_is_not_there_is_told(there: Bench, tmp_path: Any) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)
    there.state.git = tmp_path
    with pytest.raises(ForgeFailure) as caught:
        there.forge().open_request(BRANCH, "main", draft())
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.REFUSED, False)
    assert "head: invalid" in caught.value.sentence or "source_branch: does not exist" in caught.value.sentence


def test_an_expired_token_is_told_and_never_shown(there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "expired-secret")
    body = {"message": "bad token expired-secret"}
    found = failure(there, Fault(r"GET .*/(repos|projects)/", status=401, body=body))
    assert found.kind is FailureKind.UNAUTHENTICATED
    assert "REDACTED" in found.sentence
    assert "expired-secret" not in f"{found.next_step} {''.join(traceback.format_exception(found))}"


def test_a_token_that_rotates_is_read_again(there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    forge = there.forge()
    monkeypatch.setenv("FORGE_TOKEN", "old")
    with pytest.raises(ForgeFailure):
        forge.find_request(BRANCH)
    monkeypatch.setenv("FORGE_TOKEN", token_of(there.kind))
    assert forge.find_request(BRANCH) is None


def test_no_token_is_told_and_nothing_sent(there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORGE_TOKEN")
    with pytest.raises(ForgeFailure) as caught:
        there.forge().open_notice(draft())
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.NO_TOKEN, False)
    assert "FORGE_TOKEN is not set" in caught.value.sentence
    assert there.server.requests == []


def test_netrc_is_not_read(there: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    there.forge().find_request(BRANCH)
    sent = {one.headers["Authorization"] for one in there.server.requests}
    assert sent == {f"Bearer {token_of(there.kind)}"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(there: Bench, status: int) -> None:
    with fake_server(lambda _: Reply(200, "[]")) as elsewhere:
        url = elsewhere.url.replace("127.0.0.1", "localhost") + "/api/v3/x"
        found = failure(there, Fault(there.listing(), times=9, status=status, body={}, headers={"Location": url}))
        assert elsewhere.requests == []
    assert found.kind in (FailureKind.REDIRECTED, FailureKind.UNREADABLE)
    assert there.kind is ForgeKind.GITHUB or found.kind is FailureKind.REDIRECTED


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_creation_is_not_sent_to_another_server(there: Bench, status: int) -> None:
    with fake_server(lambda _: Reply(201, "{}")) as elsewhere:
        url = elsewhere.url.replace("127.0.0.1", "localhost") + "/api/v3/repos/org/shop/pulls"
        there.server.fail(Fault(there.creation(), times=9, status=status, body={"url": url}, headers={"Location": url}))
        with pytest.raises(ForgeFailure) as caught:
            there.forge().open_request(BRANCH, "main", draft())
        assert elsewhere.requests == []
    assert caught.value.kind in (FailureKind.REDIRECTED, FailureKind.UNREADABLE)
    assert there.requests() == []


def test_a_next_page_on_another_server_is_not_fetched(there: Bench) -> None:
    with fake_server(lambda _: Reply(200, "[]")) as elsewhere:
        link = (
            f'<{elsewhere.url.replace("127.0.0.1", "localhost")}/api/v4/projects/12/merge_requests?page=2>; rel="next"'
        )
        there.server.fail(Fault(there.listing(), status=200, body=[], headers={"Link": link}))
        there.forge().find_request(BRANCH)
        assert elsewhere.requests == []


def test_a_repository_that_was_renamed_is_followed_on_its_server(there: Bench) -> None:
    if there.kind is ForgeKind.GITHUB:
        there.state.old_names = {"org/store"}
        forge = there.forge(repository="org/store")
    else:
        there.state.old_paths = {"org/store"}
        forge = there.forge(repository="org/store")
    assert forge.open_request(BRANCH, "main", draft()).act is Act.CREATED
    assert forge.open_notice(draft()).act is Act.CREATED
    assert (len(there.requests()), len(there.notices())) == (1, 1)


def test_a_private_or_gone_repository_is_told_as_both(there: Bench) -> None:
    with pytest.raises(ForgeFailure) as caught:
        there.forge(repository="org/secret").find_notice("3f9c2a")
    assert caught.value.kind is FailureKind.NOT_FOUND
    assert "it is gone, or private to the token" in caught.value.next_step
    assert "org/secret" in caught.value.next_step


@pytest.mark.parametrize(
    "body", [b"<html>login</html>", b"[1, 2", b"", b"null", b"{}", b'{"a": 1}', b"[null]", b"[3]", b"\xff\xfe"]
)
def test_answers_that_are_no_answers(there: Bench, body: bytes) -> None:
    headers = {"Content-Type": "text/html"} if body.startswith(b"<") else {}
    there.server.fail(Fault(there.listing(), times=9, status=200, body=body, headers=headers))
    with pytest.raises(ForgeFailure) as caught:
        there.forge().find_request(BRANCH)
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.UNREADABLE, False)
    assert "cannot be read" in caught.value.sentence


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"number": 1}', b"[]", b'{"message": "x", "errors": 3}'])
def test_answers_to_a_change_that_are_no_answers_are_uncertain(there: Bench, body: bytes) -> None:
    there.server.fail(Fault(there.creation("notice"), times=9, status=201, body=body))
    with pytest.raises(ForgeFailure) as caught:
        there.forge().open_notice(draft())
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.UNREADABLE, True)


def test_odd_refusals_are_refusals(there: Bench) -> None:
    for body in (b"", b"[]", b'"text"', b'{"message": {"a": 1}}', b'{"message": 3}', b"{"):
        fault = Fault(there.listing(), times=9, status=503, body=body)
        found = failure(there, fault)
        there.server.faults.clear()
        assert found.kind in (FailureKind.UNAVAILABLE, FailureKind.UNREADABLE), body


def test_a_forge_that_is_silent_for_too_long(there: Bench) -> None:
    there.server.fail(Fault(there.listing(), status=200, body=[], delay=1.5))
    forge = there.forge(timeout=1)
    forge.patience.attempts = 1
    with pytest.raises(ForgeFailure) as caught:
        forge.find_request(BRANCH)
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.NO_ANSWER, False)


def test_a_forge_that_is_not_there(there: Bench) -> None:
    url = there.options().url.replace(there.server.url, "http://127.0.0.1:9")
    with pytest.raises(ForgeFailure) as caught:
        there.forge(url=url).open_notice(draft())
    assert (caught.value.kind, caught.value.uncertain) == (FailureKind.UNREACHABLE, False)
    assert "cannot be reached" in caught.value.sentence
    assert "0x" not in caught.value.sentence


def test_issues_that_are_switched_off_are_told(on_github: Bench) -> None:
    on_github.state.issues_enabled = False
    with pytest.raises(ForgeFailure) as caught:
        on_github.forge().open_notice(draft())
    assert caught.value.kind is FailureKind.GONE


def test_the_token_of_an_app_need_not_say_who_it_is(on_github: Bench) -> None:
    on_github.state.accounts = {TOKEN: Account("driftbot[bot]", app=True)}
    posting = on_github.forge().open_request(BRANCH, "main", draft())
    assert (posting.act, posting.thread.author) == (Act.CREATED, Person.UNKNOWN)
    named = on_github.forge(account="driftbot[bot]").find_request(BRANCH)
    assert named is not None
    assert named.author is Person.US


def test_one_reviewer_on_the_free_tier_of_gitlab(on_gitlab: Bench) -> None:
    on_gitlab.state.most_reviewers = 1
    posting = on_gitlab.forge().open_request(BRANCH, "main", draft(), ["@ada", "@ben"])
    assert on_gitlab.requests()[0].reviewers == ("ada",)
    assert posting.remarks == ("@ben was not asked for a review: GitLab did not take them as a reviewer",)


def test_teams_are_asked_on_github_and_the_author_is_not(on_github: Bench) -> None:
    owners = ["@org/payments", "@driftbot-of-shop", "@Org/Payments"]
    posting = on_github.forge().open_request(BRANCH, "main", draft(), owners)
    assert on_github.requests()[0].reviewers == ("payments",)
    assert posting.remarks == ("@driftbot-of-shop was not asked for a review: it is the author",)


def test_patience_sleeps_for_real_unless_told() -> None:
    patience = Patience(budget=1.0)
    assert patience.wait(0.0)
    assert not patience.wait(1.1)


@pytest.mark.parametrize("kind", list(ForgeKind))
def test_an_own_authority_is_named_or_its_certificate_is_told(
    kind: ForgeKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = binary("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    asked = f"req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {key} -out {certificate} -subj /CN=127.0.0.1"
    extended = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *asked.split(), *extended], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    monkeypatch.setenv("FORGE_TOKEN", token_of(kind))
    with bench(kind, tls=tls) as there:
        assert there.forge(ca=str(certificate)).open_request(BRANCH, "main", draft()).act is Act.CREATED
        with pytest.raises(ForgeFailure) as caught:
            there.forge().open_request("driftbot/other", "main", draft("other"))
        assert (caught.value.kind, caught.value.uncertain) == (FailureKind.DISTRUSTED, False)
        assert there.pauses == []
        assert "in `ca`" in caught.value.next_step
        with pytest.raises(ForgeFailure) as caught:
            there.forge(ca=str(tmp_path / "nowhere.pem")).find_request(BRANCH)
        assert "in `ca`" in caught.value.next_step
