"""Files of settings as people write them, made without any parser: what each says is known before it is written.

A generator draws a tree of values and writes it in styles that it draws as well. It shares nothing with driftbot; that
the written file says the tree is asserted with the format's other parser.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

Path = tuple[str | int, ...]

KEYS = ("timeout", "retries", "max-size", "name", "url", "enabled", "memory", "rate", "on", "a b", "é", "x.y", "limits")
TEXTS = (
    "30s", "512Mi", "1.5Gi", "500m", "1h30m", "PT2H", "85%", "plain words", "a: b", "# no comment", "it's", 'say "hi"',
    "back\\slash", "true", "yes", "null", "007", "1e3", "2024-01-31", "é ü", "🧨", "{{x}}", "[a]", "- b", "%TAG", "&a",
    "*b", "!c", "@d", "`e`", "a,b", "x #y", "tab\there", "=", "<<", ":", "", " led", "trailed ", "two\nlines",
    "three\nlines\n", "a;b", "${HOME}/x", "http://example.org:8080/a?b=c#d",
)  # fmt: skip
NUMBERS = ("0", "5", "30", "30000", "-3", "0.5", "1.25", "true", "false")
NEW = (
    *TEXTS,
    "45s",
    "1180Mi",
    "700m",
    "90",
    "45000",
    "0.85",
    "off",
    "~",
    "\u2028",
    "x\x7fy",
    "'",
    '"',
    "'''",
    '"""',
    "\\",
)


@dataclass(frozen=True)
class Written:
    """A file, the place of every scalar in it, and those that an editor may refuse."""

    content: bytes
    places: tuple[Path, ...]
    doubtful: frozenset[Path] = frozenset()


@dataclass
class _Yaml:
    """Writes one YAML file; ``places`` are filled on the way, documents counted from 0."""

    draw: Random
    places: list[Path] = field(default_factory=list)
    doubtful: set[Path] = field(default_factory=set)
    anchors: int = 0

    def comment(self) -> str:
        return self.draw.choice(["", "", "", "  # 5 > 3: no value"])

    def scalar(self, path: Path, indent: int, flow: bool = False) -> str:
        self.places.append(path)
        if self.draw.random() < 0.4:
            return self.draw.choice(NUMBERS)
        text = self.draw.choice(TEXTS)
        styles = [_double, _single] if flow else [_double, _single, _literal, _folded, _double_over_lines]
        written = self.draw.choice(styles)(text, indent)
        if written is None and not flow and self.draw.random() < 0.1:
            return ""
        plain = self.draw.choice(["30s", "plain words", "a-b", "512Mi", "x://y", "a #b".replace(" ", "")])
        return plain if written is None or self.draw.random() < 0.3 else written

    def value(self, path: Path, indent: int, depth: int) -> str:
        """What follows a colon or dash, from the space on."""
        kind = self.draw.random()
        if depth and kind < 0.25:
            return self.comment() + "\n" + self.mapping(path, indent + self.draw.choice([2, 4]), depth - 1)
        if depth and kind < 0.4:
            return self.comment() + "\n" + self.sequence(path, indent + self.draw.choice([0, 2]), depth - 1)
        if kind < 0.5:
            return f" {self.flow(path, 2)}{self.comment()}\n"
        written = self.scalar(path, indent)
        if written.endswith("\n"):
            return f" {written}"
        if written and self.draw.random() < 0.1:
            self.anchors += 1
            written = f"&a{self.anchors} {written}"
            if self.draw.random() < 0.5:
                self.doubtful.add(path)
                return f" {written}\n{' ' * indent}alias{self.anchors}: *a{self.anchors}\n"
        tag = self.draw.choice(["", "", "", "", "!!str ", "!mine "]) if written else ""
        return f" {tag}{written}{self.comment()}\n" if written else f"{self.comment()}\n"

    def mapping(self, path: Path, indent: int, depth: int) -> str:
        parts = []
        for key in self.draw.sample(KEYS, self.draw.randrange(1, 5)):
            if self.draw.random() < 0.1:
                parts.append(f"{' ' * indent}# {key}: 5\n")
            written = key if key != "on" or self.draw.random() < 0.5 else '"on"'
            parts.append(f"{' ' * indent}{written}:{self.value((*path, key), indent, depth)}")
        return "".join(parts)

    def sequence(self, path: Path, indent: int, depth: int) -> str:
        parts = []
        for number in range(self.draw.randrange(1, 4)):
            below = (*path, number)
            if depth and self.draw.random() < 0.5:
                mapping = self.mapping(below, indent + 2, depth - 1)
                parts.append(
                    f"{' ' * indent}- {mapping[indent + 2 :]}"
                    if mapping[indent + 2] != "#"
                    else f"{' ' * indent}-\n{mapping}"
                )
            else:
                written = self.scalar(below, indent)
                parts.append(f"{' ' * indent}- {written}" + ("" if written.endswith("\n") else "\n"))
        return "".join(parts)

    def flow(self, path: Path, depth: int) -> str:
        if depth and self.draw.random() < 0.4:
            keys = self.draw.sample(KEYS[:8], self.draw.randrange(1, 4))
            return "{" + ", ".join(f"{key}: {self.flow((*path, key), depth - 1)}" for key in keys) + "}"
        if depth and self.draw.random() < 0.3:
            return (
                "["
                + ", ".join(self.flow((*path, number), depth - 1) for number in range(self.draw.randrange(1, 4)))
                + "]"
            )
        return self.scalar(path, 0, flow=True)


def _double(text: str, _indent: int) -> str | None:
    return json.dumps(text, ensure_ascii=False)


def _single(text: str, _indent: int) -> str | None:
    return None if "\n" in text or "\t" in text else "'" + text.replace("'", "''") + "'"


def _double_over_lines(text: str, indent: int) -> str | None:
    return json.dumps(text).replace(" ", f" \\\n{' ' * (indent + 3)}", 1) if " " in text.strip() else None


def _literal(text: str, indent: int) -> str | None:
    if not text.strip() or text[0] in " \n" or "\t" in text:
        return None
    chomp = "" if text.endswith("\n") else "-"
    lines = text.removesuffix("\n").split("\n")
    return f"|{chomp}  # kept\n" + "".join(f"{' ' * (indent + 2)}{line}\n" for line in lines)


def _folded(text: str, indent: int) -> str | None:
    written = _literal(text, indent)
    return None if written is None or "\n" in text.strip("\n") else ">" + written[1:]


def yaml_file(draw: Random) -> Written:
    """One or several documents."""
    writer = _Yaml(draw)
    documents = [
        writer.mapping((number,), 0, 3) if draw.random() < 0.9 else writer.sequence((number,), 0, 2)
        for number in range(draw.choice([1, 1, 1, 2, 3]))
    ]
    text = "---\n".join(documents)
    if draw.random() < 0.3:
        text = "# a file\n---\n" + text
    return _encoded(draw, text, writer.places, writer.doubtful, wide=True)


def _encoded(draw: Random, text: str, places: list[Path], doubtful: set[Path], wide: bool = False) -> Written:
    """The text with the line ends, byte order mark and final line end of some editor."""
    if draw.random() < 0.25:
        text = text.replace("\n", "\r\n")
    if draw.random() < 0.2 and not text.endswith(("\n\n", "\r\n\r\n")):
        text = text.rstrip("\r\n")
    encoding, mark = draw.choice(
        [("utf-8", b"")] * 8 + [("utf-8", codecs.BOM_UTF8)] * 2 + [("utf-16-le", codecs.BOM_UTF16_LE)] * wide
    )
    return Written(mark + text.encode(encoding), tuple(places), frozenset(doubtful))


def _tree(draw: Random, path: Path, depth: int, places: list[Path]) -> object:
    kind = draw.random()
    if depth and kind < 0.35:
        return {key: _tree(draw, (*path, key), depth - 1, places) for key in draw.sample(KEYS, draw.randrange(0, 5))}
    if depth and kind < 0.5:
        return [_tree(draw, (*path, number), depth - 1, places) for number in range(draw.randrange(0, 4))]
    places.append(path)
    return draw.choice([draw.choice(TEXTS), json.loads(draw.choice([*NUMBERS, "null", "1e5", "12345678901234567890"]))])


def json_file(draw: Random) -> Written:
    """One document, spaced and escaped in one of the usual ways."""
    places: list[Path] = []
    tree = {key: _tree(draw, (0, key), 3, places) for key in draw.sample(KEYS, draw.randrange(1, 6))}
    text = json.dumps(tree, indent=draw.choice([None, 2, 4, "\t"]), ensure_ascii=draw.random() < 0.5,
                      separators=draw.choice([None, (",", ":"), (" , ", " : ")]))  # fmt: skip
    return _encoded(draw, text + "\n", places, set())


def toml_file(draw: Random) -> Written:
    """Root keys, tables, sub-tables, dotted keys, inline tables, arrays, arrays of tables."""
    places: list[Path] = []
    parts = [_pairs(draw, (0,), places, "")]
    for number, name in enumerate(draw.sample(["server", "client", '"quoted name"', "db.pool"], draw.randrange(0, 4))):
        path = (0, *(part.strip('"') for part in name.split(".")))
        parts.append(
            f"\n[{name}]{draw.choice(['', '  # table'])}\n" + _pairs(draw, path, places, draw.choice(["", "  "]))
        )
        if draw.random() < 0.3:
            parts.append(f"[{name}.below]\n" + _pairs(draw, (*path, "below"), places, ""))
        if draw.random() < 0.3:
            parts += [f"[[rule{number}]]\n" + _pairs(draw, (0, f"rule{number}", item), places, "") for item in range(2)]
    return _encoded(draw, "".join(parts), places, set())


_BARE = (
    "5",
    "1_000",
    "0x1F",
    "-3",
    "0.5",
    "1e6",
    "true",
    "false",
    "1979-05-27T07:32:00Z",
    "1979-05-27",
    "07:32:00",
    "inf",
)


def _pairs(draw: Random, path: Path, places: list[Path], indent: str) -> str:
    lines = []
    for key in draw.sample(
        ["timeout", "retries", "max-size", "name", "url", "a.b", '"a b"', "'q'"], draw.randrange(0, 5)
    ):
        below = (*path, *(part.strip("\"'") for part in key.split(".")))
        joint = draw.choice([" = ", "=", "  =  "])
        lines.append(f"{indent}{key}{joint}{_toml_value(draw, below, places, 2)}{draw.choice(['', '', '  # 5 > 3'])}\n")
        if draw.random() < 0.1:
            lines.append(f"{indent}# {key} = 5\n\n")
    return "".join(lines)


def _toml_value(draw: Random, path: Path, places: list[Path], depth: int, line: bool = True) -> str:
    kind = draw.random()
    if depth and kind < 0.12:
        keys = draw.sample(["x", "y", '"z z"'], draw.randrange(0, 3))
        members = ", ".join(
            f"{key} = {_toml_value(draw, (*path, key.strip(chr(34))), places, depth - 1, False)}" for key in keys
        )
        return f"{{ {members} }}" if members else "{}"
    if depth and kind < 0.25:
        items = [_toml_value(draw, (*path, number), places, depth - 1, line) for number in range(draw.randrange(0, 3))]
        return (
            f"[\n  {f',{chr(10)}  '.join(items)},  # last\n]"
            if items and line and draw.random() < 0.5
            else f"[{', '.join(items)}]"
        )
    places.append(path)
    if kind < 0.5:
        return draw.choice(_BARE)
    text = draw.choice(TEXTS)
    styles: list[str] = [json.dumps(text, ensure_ascii=False)]
    if "'" not in text and "\n" not in text:
        styles.append(f"'{text}'")
    if line and "'''" not in text and not text.endswith("'"):
        styles.append(f"'''\n{text}'''")
    if line and "\\" not in text and not text.endswith('"'):
        styles.append(f'"""\n{text}"""')
    return draw.choice(styles)


def properties_file(draw: Random) -> Written:
    """Keys with every separator, escapes, continued lines, comments."""
    places: list[Path] = []
    lines = []
    for number in range(draw.randrange(1, 8)):
        key, name = draw.choice(
            [("server.port", "server.port"), ("a\\ b", "a b"), ("x\\:y", "x:y"), ("caf\\u00e9", "café"), ("k", "k")]
        )
        value = draw.choice([
            "8080", "30s", "", "a\\\n    continued\\\n    twice", "tab\\tx", "C:\\\\dir", "\\u00e9", "= x",
            "trailing  ", "a=b:c", "#no", "plain words",
        ])  # fmt: skip
        places.append((0, f"{name}{number}"))
        lines.append(f"{draw.choice(['', '', '  '])}{key}{number}{draw.choice(['=', ' = ', ': ', ' ', ':'])}{value}\n")
        lines += draw.sample(["# a = 5\n", "! b = 5\n", "\n", "  # c\n"], draw.choice([0, 0, 1]))
    latin = draw.random() < 0.2
    written = _encoded(draw, "".join(lines), places, set())
    return Written(b"# caf\xe9\n" + written.content.removeprefix(codecs.BOM_UTF8), written.places) if latin else written


def ini_file(draw: Random) -> Written:
    """Keys before any section, sections, comments, lines that go on."""
    places: list[Path] = []
    parts = [_ini_pairs(draw, (0,), places)] if draw.random() < 0.5 else []
    for name in draw.sample(["server", "client section", "a.b", "DEFAULTS"], draw.randrange(1, 4)):
        parts.append(f"[{name}]{draw.choice(['', '  ; section'])}\n" + _ini_pairs(draw, (0, name), places))
        parts.append(draw.choice(["", "\n", "# x = 5\n", "; y = 5\n"]))
    return _encoded(draw, "".join(parts), places, set())


def _ini_pairs(draw: Random, path: Path, places: list[Path]) -> str:
    lines = []
    for key in draw.sample(["timeout", "max size", "url", "retries", "on", "flag"], draw.randrange(0, 5)):
        places.append((*path, key))
        value = draw.choice(
            ["30s", "5", "plain words", "a=b", "x://y#z", "first\n    second\n    third", "", "0.5", "'quoted'", '"5m"']
        )
        lines.append(
            f"{key}{draw.choice([' = ', '=', ': '])}{value}{draw.choice(['', '', '  ; why']) if value else ''}\n"
        )
    return "".join(lines)


GENERATORS: Mapping[str, Callable[[Random], Written]] = {
    "yaml": yaml_file, "json": json_file, "toml": toml_file, "properties": properties_file, "ini": ini_file,
}  # fmt: skip
