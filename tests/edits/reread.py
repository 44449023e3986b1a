"""A judge of edits of any format that shares nothing with the editor: other parsers read the file before and after.

It imports nothing of driftbot: PyYAML's C loader with constructors of its own, ``json``, ``tomllib``,
``javaproperties`` and ``configparser``. Templates are read with their placeholders cut out, not masked by length.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import javaproperties
import yaml

Path = tuple[str | int, ...]
PLACEHOLDER = re.compile(rb"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>", re.DOTALL)
STATEMENT = re.compile(rb"^[ \t]*(?:T9T[ \t]*)+(?:#.*)?\r?$", re.MULTILINE)


class Wrong(AssertionError):
    """An edit changed something that it was not meant to change, or did not change what it was."""


class Unreadable(Exception):
    """The other parser does not read the file either before or after, so that it can judge nothing."""


class _Pairs(list[tuple[Any, Any]]):
    """A mapping as it is written, so that order and keys of any kind are compared, too."""


def _yaml(content: bytes) -> Any:
    return [_constructed(document) for document in yaml.load_all(content, _LOADER)]


def _constructed(value: Any) -> Any:
    if isinstance(value, dict):
        return _Pairs((str(key), _constructed(one)) for key, one in value.items())
    return [_constructed(one) for one in value] if isinstance(value, list) else value


class _LOADER(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's own loader; tags that it does not know are kept beside the value."""


def _tagged(_loader: Any, suffix: str, node: Any) -> Any:
    return [suffix, node.tag, str(getattr(node, "value", ""))]


_LOADER.add_multi_constructor("", _tagged)


def _json(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_Pairs)


def _toml(content: bytes) -> Any:
    return tomllib.loads(content.decode().replace("\r\n", "\n").removeprefix("\ufeff"))


def _properties(content: bytes) -> Any:
    return javaproperties.loads(_text(content).removeprefix("\ufeff"))


def _ini(content: bytes) -> Any:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, inline_comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string("[ top ]\n" + _text(content).removeprefix("\ufeff"))
    return {name: {key: _unquoted(value) for key, value in parser[name].items()} for name in parser.sections()}


def _unquoted(value: str | None) -> str | None:
    quoted = re.fullmatch(r"""(["'])(.*)\1""", value or "")
    return quoted[2] if quoted else value


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


READERS: Mapping[str, Callable[[bytes], Any]] = {
    "yaml": _yaml, "json": _json, "toml": _toml, "properties": _properties, "ini": _ini,
}  # fmt: skip


@lru_cache(maxsize=8)
def read(content: bytes, format: str) -> Any:
    """What the other parser makes of the bytes.

    Raises:
        Unreadable: nothing.
    """
    try:
        return READERS[format](content)
    except (ValueError, KeyError, TypeError, RecursionError, yaml.YAMLError, configparser.Error) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def without_placeholders(content: bytes) -> bytes:
    """A template with a word for each placeholder, and without the lines that hold nothing else."""
    return STATEMENT.sub(b"", PLACEHOLDER.sub(b"T9T", content))


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """All values that differ, keys that came or went included."""
    if type(old) is not type(new):
        yield path, old, new
    elif isinstance(old, _Pairs):
        if [key for key, _ in old] != [key for key, _ in new]:
            yield path, old, new
        else:
            for (key, one), (_, other) in zip(old, new, strict=True):
                yield from differences(one, other, (*path, key))
    elif isinstance(old, dict):
        if list(old) != list(new):
            yield path, old, new
        else:
            for key in old:
                yield from differences(old[key], new[key], (*path, key))
    elif isinstance(old, list):
        if len(old) != len(new):
            yield path, old, new
        else:
            for index, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from differences(one, other, (*path, index))
    elif old != new and not (old is new or (old != old and new != new)):
        yield path, old, new


def check_bytes(before: bytes, after: bytes, start: int, end: int) -> None:
    """Refuse a change of any byte outside of the scalar's own."""
    tail = len(before) - end
    if before[:start] != after[:start] or before[end:] != (after[-tail:] if tail else b""):
        raise Wrong("bytes outside of the value changed")
    if len(after) < start + tail:
        raise Wrong("bytes outside of the value went")


def check_value(before: bytes, after: bytes, format: str, new: str, templated: bool = False) -> None:
    """Refuse an edit unless exactly one value differs, and is the new one: text where it was text.

    Raises:
        Unreadable: the other parser does not read the file as it was.
    """
    if templated:
        if PLACEHOLDER.findall(before) != PLACEHOLDER.findall(after):
            raise Wrong("a placeholder changed")
        before, after = without_placeholders(before), without_placeholders(after)
    old = read(before, format)
    try:
        changed = list(differences(old, read(after, format)))
    except Unreadable as error:
        raise Wrong(f"the file can no longer be read: {error}") from None
    if len(changed) != 1:
        raise Wrong(f"{len(changed)} values differ: {changed[:5]}")
    _, was, now = changed[0]
    if not is_meant(was, now, new, format):
        raise Wrong(f"{was!r} became {now!r}, and {new!r} was meant")


def is_meant(was: Any, now: Any, new: str, format: str) -> bool:
    """Whether the value is the text, or of what was no text, what the format makes of it."""
    if isinstance(was, str):
        return bool(now == new)
    if isinstance(was, list):
        return bool(was[:-1] == now[:-1] and now[-1] == new)
    try:
        bare = {"yaml": yaml.safe_load, "json": json.loads, "toml": lambda text: tomllib.loads(f"x = {text}")["x"]}
        meant = bare[format](new) if format in bare else new
    except (ValueError, yaml.YAMLError):
        meant = new
    return now in (meant, new)


def check_inserted(
    before: bytes, after: bytes, format: str, path: list[Any], value: Any, templated: bool = False
) -> None:
    """Refuse an insertion unless the value is at the path (None at its end: one more item) and all else is as it was.

    Mappings that were not there before, and nulls, may have been made into what holds the value.
    """
    if templated:
        before, after = without_placeholders(before), without_placeholders(after)
    old, new = _plain(read(before, format)), _plain(read(after, format))
    if format == "ini" and len(path) == 1:
        path = [" top ", *path]
    if format in ("properties", "ini"):
        value = str(value).lower() if isinstance(value, bool) else str(value)
    expected = _with(old, path, value)
    if json.dumps(expected, default=repr) != json.dumps(new, default=repr):
        raise Wrong(f"{new!r} was read, and {expected!r} was meant")


def _plain(value: Any) -> Any:
    """Mappings as such, their members sorted: where a key is inserted is not what is judged."""
    if isinstance(value, _Pairs | dict):
        pairs = value if isinstance(value, _Pairs) else list(value.items())
        return {key: _plain(one) for key, one in sorted(pairs, key=lambda pair: str(pair[0]))}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _with(holder: Any, path: list[Any], value: Any) -> Any:
    """What is there with the value put into it."""
    if not path:
        return _plain(value)
    step, rest = path[0], path[1:]
    if step is None:
        return [*(holder or []), _plain(value)]
    if isinstance(step, int):
        return [_with(one, rest, value) if number == step else one for number, one in enumerate(holder)]
    holder = dict(holder or {})
    holder[step] = _with(holder.get(step), rest, value)
    return _plain(holder)
