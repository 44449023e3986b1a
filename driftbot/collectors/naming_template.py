"""Templates that name subjects by what stands in a file and where the file stands."""

from __future__ import annotations

import posixpath
import re

from driftbot.documents.node import Shape
from driftbot.documents.path import BadPath, Found, Path

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_OF_FILE = ("file.path", "file.name", "file.stem", "file.parent")
WORDS = ("key", *_OF_FILE)


class Unnamed(ValueError):
    """A placeholder leads to nothing in this place; the message names it."""


def check_template(template: str) -> str:
    """The template itself.

    Raises:
        ValueError: it has a placeholder that is neither a word nor a path.
    """
    for match in _PLACEHOLDER.finditer(template):
        if match[1] in WORDS:
            continue
        try:
            Path(match[1])
        except BadPath:
            known = ", ".join(f"{{{word}}}" for word in WORDS)
            raise ValueError(f"{match[0]} is no placeholder; write {known} or a path like {{$.name}}") from None
    return template


def filled(template: str, found: Found, locator: str) -> str:
    """The template with its placeholders filled from a node and its file.

    ``{key}`` is the key or position that the node stands under, ``{file.stem}`` the file's name without its suffix,
    ``{file.parent}`` the name of its folder; a path starts at the node.

    Raises:
        Unnamed: a placeholder leads to nothing.
    """
    return _PLACEHOLDER.sub(lambda match: _value(match[1], found, locator), template)


def _value(word: str, found: Found, locator: str) -> str:
    if word == "key":
        text = str(found.location[-1]) if found.location else ""
    elif word in _OF_FILE:
        text = _file_part(word, locator)
    else:
        nodes = [below.node for below in Path(word).find(found.node)]
        text = nodes[0].text if nodes and nodes[0].shape is Shape.SCALAR else ""
    if not text:
        raise Unnamed(f"{{{word}}} leads to nothing here")
    return text


def _file_part(word: str, locator: str) -> str:
    folder, name = posixpath.split(locator)
    match word:
        case "file.path":
            return locator
        case "file.name":
            return name
        case "file.stem":
            return posixpath.splitext(name)[0]
    return posixpath.basename(folder)
