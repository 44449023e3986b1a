"""A subject is the same one tomorrow whatever its labels say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.subject import Subject, SubjectId, labels_of

NAME = st.text(min_size=1).filter(str.strip)
WORD = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)


@given(WORD, WORD, NAME)
def test_an_identity_is_read_as_it_is_written(kind: str, environment: str, name: str) -> None:
    identity = SubjectId(kind, environment, name)
    assert SubjectId.parse(str(identity)) == identity


@pytest.mark.parametrize("text", ["", "workload", "workload:", "workload:production", "workload:/x", ":production/x"])
def test_what_is_no_identity_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="kind:environment/name"):
        SubjectId.parse(text)


def test_labels_describe_but_do_not_identify() -> None:
    plain = Subject("workload", "production", "shop/cart")
    labelled = Subject("workload", "production", "shop/cart", labels_of({"tier": "1"}))
    assert plain == labelled
    assert hash(plain) == hash(labelled)
    assert labelled.label("tier") == "1"
    assert labelled.label("owner") is None


def test_labels_that_a_subject_already_has_stay() -> None:
    subject = Subject("workload", "production", "shop/cart", labels_of({"tier": "1"}))
    assert subject.with_labels({"tier": "3", "owner": "shop"}).labels == (("owner", "shop"), ("tier", "1"))
