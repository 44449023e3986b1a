"""HTML as a tree of elements: what collected text says can only ever be text, since nobody joins strings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

from driftbot.sandbox.whole_text import whole

Node: TypeAlias = "Element | str | None"
"""A child of an element; None is left out."""


def h(tag: str, *children: Node | Iterable[Node], **attributes: str | bool | None) -> Element:
    """An element: ``class_`` is written ``class``, ``data_ts`` ``data-ts``; False and None leave an attribute out."""
    named = {
        name.rstrip("_").replace("_", "-"): "" if value is True else _clean(value)
        for name, value in attributes.items()
        if value is not None and value is not False
    }
    made = Element(tag, named)
    for child in children:
        for node in [child] if child is None or isinstance(child, (str, Element)) else child:
            _append(made, node)
    return made


def html(element: Element) -> str:
    """The element as HTML."""
    return tostring(element, encoding="unicode", method="html")


def _append(parent: Element, node: Node) -> None:
    if isinstance(node, Element):
        parent.append(node)
    elif node is not None and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + _clean(node)
    elif node is not None:
        parent.text = (parent.text or "") + _clean(node)


def _clean(text: str) -> str:
    """Text that can be sent: half a character of UTF-16, or NUL, is shown as U+FFFD."""
    return whole(text).replace("\x00", "�")
