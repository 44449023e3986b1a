"""Evidence: the values that a judgement rests on, where each was read, and for unread ones what would have to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftbot.core.coverage import Coverage
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.finding import Evidence
from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.core.subject import Subject
from driftbot.engine.detection_sentence import found_by_detector
from driftbot.engine.scene import Leaf, Scene, shortened
from driftbot.engine.sentence import name_of
from driftbot.engine.table import SELF_VIEWS, Unread
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES
from driftbot.rules.scope import LABEL_PREFIX

MOST_GAPS = 3
"""How many gaps a sentence names."""

LONGEST_GAP = 200
"""Characters of each of them."""


def evidence(scene: Scene, nodes: Iterable[ex.Node], line: int) -> tuple[Evidence, ...]:
    """The named values below these nodes: names of ``let`` first, then what was read, each once."""
    names, leaves = _named(scene, nodes)
    found = [_of_let(scene, name, line) for name in names]
    bound = [scene.lets[name] for name in names]
    leaves = [leaf for leaf in leaves if leaf not in bound]
    return (*found, *(_of_leaf(scene, leaf, line) for leaf in leaves))


def unread(scene: Scene, nodes: Iterable[ex.Node], line: int) -> tuple[str, ...]:
    """For each value below these nodes that is not known, what would have to be readable."""
    _, leaves = _named(scene, nodes)
    notes = [note_of(scene, leaf, line) for leaf in leaves if not scene.known(leaf, line)]
    return tuple(dict.fromkeys(note for note in notes if note))


def _named(scene: Scene, nodes: Iterable[ex.Node]) -> tuple[list[str], list[Leaf]]:
    """Names of ``let`` and leaves below the nodes, each once, in the order of the rule."""
    names: dict[str, None] = {}
    leaves: dict[Leaf, None] = {}
    for node in nodes:
        below = scene.below(node)
        names.update(dict.fromkeys(below.names))
        leaves.update(dict.fromkeys(below.leaves))
    order = {name: index for index, name in enumerate(scene.lets)}
    return sorted(names, key=order.__getitem__), list(leaves)


def _of_let(scene: Scene, name: str, line: int) -> Evidence:
    node = scene.lets[name]
    bound = ex.Bound(name, node.type)
    value = scene.fact_value(bound, line)
    if isinstance(node, Leaf):
        found = _of_leaf(scene, node, line)
        return Evidence(name, value, found.view, found.provenance, found.origins, found.note)
    note = "" if value is not None else "; ".join(unread(scene, [node], line)) or "its arithmetic has no finite result"
    return Evidence(name, value, note=note)


def _of_leaf(scene: Scene, leaf: Leaf, line: int) -> Evidence:
    name, value = name_of(leaf), scene.fact_value(leaf, line)
    note = "" if value is not None else note_of(scene, leaf, line)
    row = int(scene.rows[line])
    match leaf:
        case ex.Label():
            return Evidence(name, value, note=note)
        case ex.Measure():
            series = scene.table.statistics.series_of(leaf.key, row)
            if value is not None and leaf.name in DETECTOR_MEASURES:
                note = found_by_detector(scene, leaf, line)
            return Evidence(name, value, View.OBSERVED, None, tuple(part.origin for part in series), note)
        case ex.Reference():
            facts = scene.table.facts_of(leaf.key, row, _views(leaf))
            view = facts[0].view if facts else None
            origins = tuple(fact.origin for fact in facts)
            elsewhere = dict.fromkeys(fact.origin for fact in _agreeing(scene, leaf, row, facts))
            origins += tuple(origin for origin in elsewhere if origin not in origins)
            return Evidence(name, value, view, _provenance(facts), origins, note)


def _views(reference: ex.Reference) -> tuple[View, ...]:
    return SELF_VIEWS if reference.view is None else (reference.view,)


def _agreeing(scene: Scene, leaf: ex.Reference, row: int, chosen: tuple[Fact, ...]) -> Iterator[Fact]:
    """What the other views of ``self`` state alike: a server's value often stands in a file, too."""
    said = {(fact.subject, fact.value) for fact in chosen}
    if leaf.view is None and len(said) == len({subject for subject, _ in said}):
        for view in (View.DECLARED, View.EFFECTIVE, View.OBSERVED):
            facts = scene.table.facts_of(leaf.key, row, (view,))
            alike = (fact for fact in facts if (fact.subject, fact.value) in said)
            yield from sorted(alike, key=lambda fact: not fact.origin.line)


def _provenance(facts: tuple[Fact, ...]) -> Provenance | None:
    return facts[0].provenance if facts else None


def note_of(scene: Scene, leaf: Leaf, line: int) -> str:
    """Why a value is not known, and what would have to be readable."""
    row = int(scene.rows[line])
    match leaf:
        case ex.Label(name=name):
            return f"the label {name} was not read{_gaps(scene, scene.table.subjects[row], LABEL_PREFIX + name)}"
        case ex.Measure():
            return _measure_note(scene, leaf, row)
        case ex.Reference():
            return _reference_note(scene, leaf, row)


def _reference_note(scene: Scene, leaf: ex.Reference, row: int) -> str:
    parts = list(scene.table.unread(leaf, row))
    said = [_unread_note(scene, leaf, part) for part in parts[:MOST_GAPS]]
    more = f" (and {len(parts) - MOST_GAPS} more)" if len(parts) > MOST_GAPS else ""
    return "; ".join(said) + more


def _unread_note(scene: Scene, leaf: ex.Reference, part: Unread) -> str:
    view = f"{leaf.view} " if leaf.view else ""
    of = "" if part.subject.kind == scene.table.kind else f" of {part.subject.name}"
    name = f"{view}{part.key}{of}"
    if part.conflict:
        told = " and ".join(f"{shortened(fact.value)} ({_place(fact.origin)})" for fact in part.facts)
        return f"{name} is stated differently: {told}"
    if part.facts:
        found = part.facts[0]
        return f"{name} was read as {shortened(found.value)} ({_place(found.origin)}), which is not {leaf.type}"
    if part.absent:
        return f"{name} is not set; all that could set it was read"
    if leaf.view is View.APPROVED:
        return f"no {part.key}{of} was approved; driftbot approve --key {part.key} makes the one last seen the baseline"
    if part.key in scene.table.beyond and not _looked(scene, part.subject, part.key):
        return f"{name} follows from other facts, and not all of them are known"
    return f"{name} was not read{_gaps(scene, part.subject, part.key, leaf.view)}"


def _measure_note(scene: Scene, leaf: ex.Measure, row: int) -> str:
    series = scene.table.statistics.series_of(leaf.key, row)
    window = format_quantity(Quantity(leaf.window, Unit.SECONDS))
    if not series:
        return _unmeasured(scene, scene.table.subjects[row], leaf.key)
    if scene.table.statistics.conflicts(leaf.key)[row]:
        told = " and ".join(_place(part.origin) for part in series)
        return f"{leaf.key} is measured twice over the same time: {told}"
    if leaf.name in DETECTOR_MEASURES:
        lack = scene.answer(leaf).lack(row, leaf.name)
        return f"the {leaf.name} of {leaf.key} for {window} is not known: {lack}"
    start = scene.table.as_of - leaf.window
    count = sum(int(((part.times >= start) & (part.times <= scene.table.as_of)).sum()) for part in series)
    return f"{leaf.key} has too little data for {leaf.name} over {window}: {count} samples"


def _place(origin: Origin) -> str:
    return str(origin) or origin.source or "origin not known"


def _gaps(scene: Scene, subject: Subject, key: str, view: View | None = None) -> str:
    """What may hold the key of this subject and could not be read, as the end of a sentence."""
    about = [entry for entry in _looked(scene, subject, key) if not entry.complete]
    if not about:
        return "; no source says that it looked for it"
    row = scene.table.row_of(subject)
    told = frozenset() if row is None else scene.table.told_by(row)
    # Who told of the subject told all of a settled key; who states other views only, never states this one.
    about = [entry for entry in about if not (entry.source in told and entry.settles(key, subject.name))]
    if view is not None:
        about = [entry for entry in about if scene.table.states(entry.source, view) is not False]
    return _listed(about) or "; no source states it"


def _unmeasured(scene: Scene, subject: Subject, key: str) -> str:
    """Why there are no samples: who reads files only never measures, whatever it could not read."""
    about = [entry for entry in _looked(scene, subject, key) if key in entry.keys]
    if not about:
        return f"nobody measures it: no source provides series for {key}"
    return f"{key} was not measured{_listed(about) or '; its sources were read completely'}"


def _looked(scene: Scene, subject: Subject, key: str) -> list[Coverage]:
    if subject.kind == scene.table.kind:
        return scene.table.looked_for(subject.environment, key)
    coverage = scene.table.snapshot.coverage
    return [entry for entry in coverage if entry.speaks_of(subject.environment, subject.kind, key)]


def _listed(coverage: Iterable[Coverage]) -> str:
    gaps = list(dict.fromkeys(_said(coverage)))
    more = f" and {len(gaps) - MOST_GAPS} more" if len(gaps) > MOST_GAPS else ""
    shown = (gap if len(gap) <= LONGEST_GAP else f"{gap[: LONGEST_GAP - 1]}…" for gap in gaps[:MOST_GAPS])
    return f": {'; '.join(shown)}{more}" if gaps else ""


def _said(coverage: Iterable[Coverage]) -> Iterator[str]:
    for entry in coverage:
        for gap in entry.gaps:
            yield f"{_place(gap.origin)}: {gap.reason}"
        if entry.failed and not entry.gaps:
            yield f"the source {entry.source} did not answer"
