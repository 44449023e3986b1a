"""A declared fact changed to another value, where its file states it: any kind of subject, any format of file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from driftbot.core.fact import Fact, Provenance, Value, View, provenance_told, show
from driftbot.core.quantity import Quantity
from driftbot.documents.node import Node, Shape
from driftbot.edits.edit import Edit, Refusal, Refused
from driftbot.edits.editable import place, refuse_template
from driftbot.edits.replacement import Replacement
from driftbot.edits.rounding import Rounding
from driftbot.edits.scalar import replace_in_scalar
from driftbot.edits.setting import can_edit, edit_setting
from driftbot.edits.setting_file import SettingFile
from driftbot.edits.spelling import reads_as, spell
from driftbot.edits.value import set_at

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_APART = frozenset({b"", *(bytes([sign]) for sign in b" \t\r\n'\"/:@,]}")})
"""What stands around a part of a value: with other bytes there, it is a part of a longer one by now."""

_FLAGS = {"true": "false", "yes": "no", "on": "off", "1": "0", "y": "n", "enabled": "disabled"}
_OPPOSITES = {**_FLAGS, **{off: on for on, off in _FLAGS.items()}}


def edit_fact(
    fact: Fact,
    value: Value,
    file: SettingFile,
    stated: Mapping[str, Value] = _NOTHING,
    rounding: Rounding = Rounding.UP,
) -> Edit:
    """Change what a declared fact was read from, and nothing else; the author's notation is kept.

    ``file`` is the file that the fact's origin names, as it is now. A quantity is written in the unit and style that
    stand there, ``rounding`` to where those cannot hold it; the settings of alerts are written exactly, and what else
    was ``stated`` of a condition tells that it is the same one.

    Raises:
        Refused: nobody wrote the value there, the file does not say it any more, or no edit could be proved.
    """
    if can_edit(fact.subject.kind, fact.key):
        return edit_setting(fact, value, file, stated)
    _refuse_unwritten(fact, file)
    origin = fact.origin
    exact = file.span(origin.start, origin.end) if file.documents.complete else None
    if exact is not None:
        refuse_template(file, exact)
        return set_at(file, origin.start, origin.end, _written(fact, value, exact.text, file, exact, rounding))
    node, replacement = _part(fact, file)
    new = _written(fact, value, node.text[replacement.start : replacement.end], file, node, rounding)
    return replace_in_scalar(file, node, Replacement(replacement.start, replacement.end, new))


def _refuse_unwritten(fact: Fact, file: SettingFile) -> None:
    if fact.view is not View.DECLARED or not fact.origin.locator:
        raise Refused(f"{fact.key} is {fact.view}: no file states it", Refusal.UNWRITTEN)
    if fact.provenance is Provenance.INHERITED:
        reason = f"{fact.origin}: {fact.key} stands a level above and counts for all below it"
        raise Refused(reason, Refusal.UNWRITTEN)
    if fact.provenance is not Provenance.EXPLICIT:
        told = provenance_told(fact.provenance)
        reason = f"{fact.origin}: {fact.key} is {told}, nobody wrote it there; insert it"
        raise Refused(reason, Refusal.UNWRITTEN)
    if fact.origin.end <= fact.origin.start:
        raise Refused(f"{fact.origin}: where in {file.path} {fact.key} is written is not known", Refusal.UNWRITTEN)


def _written(fact: Fact, value: Value, text: str, file: SettingFile, node: Node, rounding: Rounding) -> str:
    """The new text, after the old one, which stands in a node of the file, was seen to say the fact's value."""
    try:
        match fact.value, value:
            case Quantity() as was, Quantity() as wanted:
                if reads_as(text, wanted) and not reads_as(text, was):
                    raise Refused(
                        f"the file has been changed since the scan, and says {wanted} already", Refusal.ALREADY
                    )
                return spell(wanted, text, was, rounding).text
            case bool() as was, bool() as wanted:
                if wanted is was:
                    raise Refused(f"it says {text!r} already", Refusal.ALREADY)
                return _flag(text, was)
            case str() as was, str() as wanted:
                _refuse_changed(text, was, wanted)
                return wanted
    except Refused as refusal:
        raise Refused(f"{place(file, node)}: {fact.key}: {refusal.reason}", refusal.kind) from None
    reason = f"{place(file, node)}: {fact.key} is {show(fact.value)}, which is not edited to {show(value)}"
    raise Refused(reason, Refusal.NOT_EDITED)


def _flag(text: str, was: bool) -> str:
    """The other flag, in the words and letters of this one."""
    word = text.lower()
    if word not in _OPPOSITES or (word in _FLAGS) is not was:
        raise Refused(f"the file has changed, it says {text!r} and the scan read {show(was)}", Refusal.MOVED)
    other = _OPPOSITES[word]
    return other.upper() if text.isupper() and len(text) > 1 else other.capitalize() if text[0].isupper() else other


def _refuse_changed(text: str, was: str, wanted: str) -> None:
    if text == was:
        return
    if text == wanted:
        raise Refused(f"the file has been changed since the scan, and says {wanted!r} already", Refusal.ALREADY)
    raise Refused(f"the file has changed, it says {text!r} and the scan read {was!r}; scan again", Refusal.MOVED)


def _part(fact: Fact, file: SettingFile) -> tuple[Node, Replacement]:
    """The scalar that the fact is a part of (a tag in an image's name), and which part."""
    file.refuse_unreadable()
    start, end = fact.origin.start, fact.origin.end
    around = {file.readable[start - 1 : start], file.readable[end : end + 1]}
    is_part = isinstance(fact.value, str) and around <= _APART
    for _, node in file.nodes:
        if node.shape is not Shape.SCALAR and (node.start, node.end) == (start, end):
            raise Refused(f"{fact.origin}: {fact.key} is computed from several values there", Refusal.UNWRITTEN)
        if is_part and node.shape is Shape.SCALAR and node.start <= start < end <= node.end:
            inset = node.raw.find(node.text)
            if inset >= 0 and len(node.raw) == node.end - node.start:
                first = start - node.start - inset
                return node, Replacement(first, first + end - start, "")
    reason = f"{file.path}: the file has changed, what was read stands elsewhere now; scan again"
    raise Refused(reason, Refusal.MOVED)
