"""Who may ask for what in a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.chat.person import Person, person_of, refusal
from driftbot.core.chat_decision import ChatVerb
from driftbot.credential import Credential
from driftbot.notifiers.slack.workspace import SlackPerson, SlackWorkspace

ANN, BEN = "Ann <ann@example.org>", "Ben <ben@example.org>"


def workspace(*approvers: str) -> SlackWorkspace:
    people = {"U0ANN": SlackPerson(name=ANN), "U0BEN": SlackPerson(name=BEN)}
    # Whom a configuration would refuse is refused here once more.
    return SlackWorkspace(token=Credential(env="T"), people=people).model_copy(update={"approvers": approvers})


DECIDING = (ChatVerb.SNOOZE, ChatVerb.WAIVE, ChatVerb.NOT_USEFUL)
TABLE = [
    *((verb, "U0ANN", (), (), "") for verb in DECIDING),
    *((verb, "U0NEW", ("U0NEW",), (), "does not know who U0NEW is") for verb in (*DECIDING, ChatVerb.APPROVE)),
    *((verb, "", (), (), "does not know who this is") for verb in (*DECIDING, ChatVerb.APPROVE, ChatVerb.UNREADABLE)),
    (ChatVerb.EXPLAIN, "U0NEW", (), (), ""),
    (ChatVerb.EXPLAIN, "", (), (), ""),
    (ChatVerb.APPROVE, "U0ANN", (), (), "slack.approvers names nobody"),
    (ChatVerb.APPROVE, "U0ANN", ("U0BEN",), (), "slack.approvers does not name U0ANN"),
    (ChatVerb.APPROVE, "U0ANN", ("U0ANN",), (), ""),
    (ChatVerb.APPROVE, "U0ANN", ("U0ANN",), ("ann@example.org",), ""),
    (ChatVerb.APPROVE, "U0ANN", ("U0ANN", "U0BEN"), ("ben@example.org",), "acting.approvers names ben@example.org"),
    (ChatVerb.APPROVE, "U0ANN", (), ("ann@example.org",), "slack.approvers names nobody"),
]


@pytest.mark.parametrize(("verb", "user", "approvers", "acting", "told"), TABLE)
def test_who_may(verb: ChatVerb, user: str, approvers: tuple[str, ...], acting: tuple[str, ...], told: str):
    known = workspace(*approvers)
    why = refusal(verb, person_of(user, known), known, acting)
    assert (told in why) if told else why == ""


@given(st.text())
def test_only_whom_the_configuration_names_has_a_name(user: str):
    found = person_of(user, workspace())
    assert (found.name != "") == (user in ("U0ANN", "U0BEN"))
    assert found.user == "" or found.user.isalnum()


def test_the_audit_names_a_person_and_the_id():
    assert person_of("U0ANN", workspace()).told == f"{ANN} (U0ANN)"
    assert Person("").told == "unknown (no user)"
