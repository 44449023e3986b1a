"""What becomes of one file, whatever happens to it meanwhile: one value and no other, or a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from driftbot.actions.action import Standing
from driftbot.actions.address import Address, address_of
from driftbot.actions.file_change import replaced_text
from driftbot.actions.file_intent import FileIntent, intended, together
from driftbot.actions.inserted_change import added_document, inserted_value
from driftbot.edits.edit import Refused
from driftbot.edits.setting_file import Location, SettingFile
from driftbot.edits.value import set_value

PATH = "rules/shop.yml"
NAMES = ("Cart", "Till", "Shelf", "Door")
HOLDS = ("5m", "10m", "1h")

alerts = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(HOLDS), st.booleans()), min_size=1, max_size=6)


def written(rows: list[tuple[str, str, bool]], head: str = "") -> str:
    text = [f"{head}groups:", "  - name: shop", "    rules:"]
    for name, hold, commented in rows:
        text += [
            f"      - alert: {name}",
            "        expr: x > 5",
            f"        for: {hold}{'  # why' if commented else ''}",
        ]
    return "\n".join(text) + "\n"


def holds(content: bytes) -> list[tuple[str, str]]:
    """What an independent parser makes of the file."""
    return [(rule["alert"], rule["for"]) for rule in yaml.safe_load(content)["groups"][0]["rules"]]


def intent_for(text: str, index: int, to: str) -> FileIntent:
    file = SettingFile(PATH, text.encode())
    edit = set_value(file, (0, "groups", 0, "rules", index, "for"), to)
    return intended(file, [(replaced_text(file, edit), edit)])[0]


def outcome(act: Callable[[bytes], bytes | None], content: bytes) -> bytes | None:
    try:
        return act(content)
    except Refused:
        return None


@given(before=alerts, after=alerts, index=st.integers(0, 5), head=st.sampled_from(["", "# moved\n", "a: 1\n"]))
def test_in_any_other_file_the_same_value_changes_or_none(
    before: list[tuple[str, str, bool]], after: list[tuple[str, str, bool]], index: int, head: str
) -> None:
    assume(index < len(before))
    name, old, _ = before[index]
    intent = intent_for(written(before), index, "7m")
    content = written(after, head).encode()
    made = outcome(intent.made, content)
    if made is None:
        return
    differing = [(was, now) for was, now in zip(holds(content), holds(made), strict=True) if was != now]
    assert differing == [((name, old), (name, "7m"))]
    assert made.replace(b"for: 7m", f"for: {old}".encode()) == content
    assert intent.standing(content) is Standing.BEFORE
    assert intent.standing(made) is Standing.AFTER
    assert intent.reverted(made) == content


@given(rows=alerts, index=st.integers(0, 5))
def test_a_value_whose_alert_has_the_only_name_is_always_found(rows: list[tuple[str, str, bool]], index: int) -> None:
    assume(index < len(rows))
    assume([name for name, _, _ in rows].count(rows[index][0]) == 1)
    intent = intent_for(written(rows), index, "7m")
    moved = written([("New", "5m", False), *reversed(rows)], "# moved\n").encode()
    assert intent.standing(moved) is Standing.BEFORE
    assert intent.reverted(intent.made(moved)) == moved


@given(rows=alerts, picked=st.sets(st.integers(0, 5), min_size=1), order=st.randoms(use_true_random=False))
def test_intents_of_one_file_are_made_and_taken_back_in_any_order(
    rows: list[tuple[str, str, bool]], picked: set[int], order: object
) -> None:
    indices = sorted(index for index in picked if index < len(rows))
    assume(indices)
    names = [name for name, _, _ in rows]
    assume(all(names.count(names[index]) == 1 for index in indices))
    start = written(rows).encode()
    intents = [intent_for(written(rows), index, "7m") for index in indices]
    order.shuffle(intents)  # type: ignore[attr-defined]
    content: bytes | None = start
    for one in intents:
        content = one.made(content)
    assert together(intents).made(start) == content
    assert together(intents).standing(content) is Standing.AFTER
    assert together(intents).reverted(content) == start
    order.shuffle(intents)  # type: ignore[attr-defined]
    for one in intents:
        content = one.reverted(content)
    assert content == start


DEPLOYMENT = b"""\
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [a, b]
        - name: proxy
"""
BUDGET = {"kind": "PodDisruptionBudget", "metadata": {"name": "cart", "namespace": "shop"}}


def insertion(location: Location, key: str | None, value: object) -> FileIntent:
    file = SettingFile("deploy/cart.yaml", DEPLOYMENT)
    change, edit = inserted_value(file, location, key, value)  # type: ignore[arg-type]
    return intended(file, [(change, edit)])[0]


CONTAINERS: Location = (0, "spec", "template", "spec", "containers")


@pytest.mark.parametrize(
    ("intent", "moved"),
    [
        (
            insertion((*CONTAINERS, 1), "image", "proxy:2"),
            DEPLOYMENT.replace(b"- name: web", b"- name: first\n        - name: web"),
        ),
        (insertion((*CONTAINERS, 0, "args"), None, "c"), b"# moved\n" + DEPLOYMENT),
        (insertion((0, "spec"), "replicas", 2), DEPLOYMENT + b"---\nkind: Other\n"),
    ],
    ids=["key", "item", "beside-a-new-document"],
)
def test_insertions_are_made_and_taken_back_where_their_place_moved(intent: FileIntent, moved: bytes) -> None:
    for content in (DEPLOYMENT, moved):
        made = intent.made(content)
        assert intent.standing(content) is Standing.BEFORE
        assert intent.standing(made) is Standing.AFTER
        assert intent.reverted(made) == content


def test_an_insertion_whose_place_has_another_value_is_other() -> None:
    intent = insertion((*CONTAINERS, 1), "image", "proxy:2")
    other = DEPLOYMENT.replace(b"- name: proxy", b"- name: proxy\n          image: proxy:3")
    assert intent.standing(other) is Standing.OTHER
    assert outcome(intent.made, other) is None
    assert outcome(intent.reverted, other) is None


def test_a_document_is_added_once_and_taken_out_of_the_middle() -> None:
    file = SettingFile("deploy/cart.yaml", DEPLOYMENT)
    intent, _ = intended(file, [added_document(file, BUDGET)])
    made = intent.made(DEPLOYMENT)
    longer = made + b"---\nkind: Other\n"
    assert intent.standing(longer) is Standing.AFTER
    assert intent.reverted(longer) == DEPLOYMENT + b"---\nkind: Other\n"
    assert outcome(intent.made, longer) is None
    with pytest.raises(Refused, match="stands in the file already"):
        added_document(file.changed(longer), BUDGET)
    changed = made.replace(b"name: cart\n", b"name: cart\n  labels: {a: b}\n")
    assert intent.standing(changed) is Standing.OTHER
    assert outcome(intent.reverted, changed) is None


def test_two_numbers_of_one_expression_are_one_change() -> None:
    text = "groups:\n  - rules:\n      - alert: A\n        expr: x > 5 or y > 6\n"
    file = SettingFile(PATH, text.encode())
    start = text.index("5")
    edits = [file.edit(start, start + 1, b"50"), file.edit(text.index("6"), text.index("6") + 1, b"60")]
    one, two = (intended(file, [(replaced_text(file, edit), edit)])[0] for edit in edits)
    both = together([one, two])
    assert len(both.changes) == 1
    made = both.made(text.encode())
    assert made == text.replace("> 5", "> 50").replace("> 6", "> 60").encode()
    moved = b"# moved\n" + text.encode()
    assert both.reverted(both.made(moved)) == moved
    assert together([one, one]).made(text.encode()) == one.made(text.encode())


def test_what_excludes_itself_is_refused() -> None:
    text = written([("Cart", "5m", False)])
    with pytest.raises(Refused, match="exclude each other"):
        together([intent_for(text, 0, "7m"), intent_for(text, 0, "8m")])
    with pytest.raises(Refused, match="different content"):
        together([intent_for(text, 0, "7m"), intent_for(f"# moved\n{text}", 0, "7m")])


@pytest.mark.parametrize(
    ("text", "location", "moved", "found"),
    [
        ("a: [{name: x, v: 1}]", (0, "a", 0, "v"), "a: [{name: y, v: 1}, {name: x, v: 1}]", (0, "a", 1, "v")),
        ("a: [{v: 1}, {v: 2}]", (0, "a", 1, "v"), "a: [{v: 1}, {v: 3}]", (0, "a", 1, "v")),
        ("a: [{v: 1, w: 1}, {v: 2, w: 2}]", (0, "a", 1, "v"), "a: [{v: 2, w: 2}, {v: 1, w: 1}]", None),
        ("a: [{v: 1}, {v: 2}]", (0, "a", 1, "v"), "a: [{v: 0}, {v: 1}, {v: 2}]", None),
        ("a: [{name: x}]", (0, "a", 0, "name"), "a: [{name: z}]", (0, "a", 0, "name")),
        ("a: [{name: x, v: 1}]", (0, "a", 0, "v"), "a: [{name: x, v: 1}, {name: x, v: 2}]", None),
        ("a: 1\n---\nb: 1", (1, "b"), "b: 1\n---\na: 1", None),
        ("a: {b: 1}", (0, "a", "b"), "a: [b]", None),
        ("a: {b: 1}", (0, "a", "b"), "a: [", None),
        ("", (), "a: 1", ()),
    ],
)  # fmt: skip
def test_addresses(text: str, location: Location, moved: str, found: Location | None) -> None:
    address = address_of(location, SettingFile(PATH, text.encode()).documents)
    again = Address.model_validate_json(address.model_dump_json())
    assert again.find(SettingFile(PATH, text.encode()).documents) == location
    assert again.find(SettingFile(PATH, moved.encode()).documents) == found
