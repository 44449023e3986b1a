"""``prometheus_reload``: a Prometheus or vmalert loads its rules again, and shows what was changed in them.

Look
    The server is not asked; it has to be a configured source that may be told to reload.
Propose
    What the steps before change of alerts has to show afterwards.
Sight
    ``AFTER`` where the server's loaded rules have it all, else ``BEFORE``. An alert is found among them by group, name,
    file, severity and by what else it says. Where nothing of it shows there, a reload may always be begun.
Perform
    Asks for ``/-/reload`` (Prometheus needs ``--web.enable-lifecycle``) and believes the result alone: the server's own
    metrics have to say that a reload worked since, and the changes have to be among its rules.
Undo
    Reloads once more, after the steps before it are undone; the old values have to show. So does a reload that failed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.intent import Intent
from driftbot.actions.loaded_change import LoadedChange, loaded_changes
from driftbot.actions.reload_call import RELOAD, ask, not_loaded, reload_state, shown, waited
from driftbot.actions.server_call import allowed, calling, failed, source_of
from driftbot.actions.strict import Strict
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_options import PrometheusOptions, Seconds
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused

NAME = "prometheus_reload"


class PrometheusReloadSettings(Strict):
    """Tell a server to load its rules again. What the steps before changed in rule files has to be loaded then."""

    source: str = Field(description="name of a source of kind prometheus")
    within: Seconds = Field(default=30.0, gt=0, le=300, description="how long to wait until the result shows")


class ReloadIntent(Intent):
    """Which server reloads, and what of the changes before it has to show afterwards."""

    source: str
    url: str
    within: float
    changes: tuple[LoadedChange, ...]


class PrometheusReload:
    """The action; reloading may be repeated, so that one which nobody can tell of is simply begun again."""

    name = NAME
    settings = PrometheusReloadSettings
    irreversible = ""
    undone_last = True

    def look(self, settings: PrometheusReloadSettings, _occasion: Occasion, tools: Tools) -> PrometheusOptions:
        """The server's options; it is not asked anything."""
        allowed(settings.source, tools.options.prometheus_reload.sources, NAME)
        return source_of(settings.source, PrometheusOptions, tools)

    def propose(self, settings: PrometheusReloadSettings, occasion: Occasion, seen: PrometheusOptions) -> Step:
        """The step; what it has to show comes from the steps before it."""
        changes = loaded_changes(occasion.before, occasion.facts, occasion.finding.subject)
        intent = ReloadIntent(source=settings.source, url=seen.url, within=settings.within, changes=changes)
        return _step(intent, occasion.covered.fingerprint)

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        """One reload that shows the changes of all."""
        intents = [ReloadIntent.read(step.intent) for step in steps]
        if len({one.url for one in intents}) > 1:
            raise Refused(f"different servers reload: {', '.join(sorted({one.url for one in intents}))}")
        changes = {change for one in intents for change in one.changes}
        merged = intents[0].model_copy(
            update={
                "within": max(one.within for one in intents),
                "changes": tuple(sorted(changes, key=lambda one: one.model_dump_json())),
            }
        )
        return _step(merged, "+".join(sorted(one.covered.fingerprint for one in occasions)))

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """After where the server has loaded the changes; where there are none, a reload may always be begun."""
        try:
            intent = ReloadIntent.read(step.intent)
            options = _server(intent, tools)
            with calling(options) as call:
                if intent.changes:
                    missing = not_loaded(call, intent.changes)
                    told = "; ".join(missing) or f"{intent.url} has loaded every change"
                    return Sight(Standing.BEFORE if missing else Standing.AFTER, told)
                state = reload_state(call)
        except AnswerProblem as problem:
            return Sight(Standing.UNREADABLE, str(problem))
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, f"{failure.reason}; {failure.next_step}")
        done = effect and state.successful and state.loaded_at >= ReloadEffect.read(effect).loaded_at
        return Sight(Standing.AFTER if done else Standing.BEFORE, f"{intent.url} last loaded at {state.loaded_at:.0f}")

    def perform(self, step: Step, _key: str, tools: Tools) -> Effect:
        """Reload, and wait until the server says that it worked and shows the changes."""
        intent = ReloadIntent.read(step.intent)
        return _reloaded(intent, intent.changes, tools)

    def undo(self, step: Step, _effect: str, _key: str, tools: Tools) -> Effect:
        """Reload what the undone steps before put back; the old values have to show."""
        intent = ReloadIntent.read(step.intent)
        return _reloaded(intent, tuple(change.turned for change in intent.changes), tools)


class ReloadEffect(Intent):
    """When the server says that it loaded its configuration, Unix seconds."""

    loaded_at: float


def _step(intent: ReloadIntent, fingerprint: str) -> Step:
    shown = "".join(f"\n# then shows: {change} is {change.after}" for change in intent.changes)
    return Step(
        action=NAME,
        # A reload changes nothing by itself: two of one server are no conflict.
        target=f"reload:{intent.source}/{fingerprint}",
        precondition=canonical({"url": intent.url}),
        intent=intent.text(),
        because="what was changed in rule files counts once the server has loaded it",
        preview=f"POST {intent.url}{RELOAD}{shown}",
    )


def _server(intent: ReloadIntent, tools: Tools) -> PrometheusOptions:
    """The server's options, as it is allowed now.

    Raises:
        ActionFailed: it is not any more, or the source is another server by now.
    """
    try:
        allowed(intent.source, tools.options.prometheus_reload.sources, NAME)
        options = source_of(intent.source, PrometheusOptions, tools)
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Allow it, or plan again.") from None
    if options.url != intent.url:
        raise ActionFailed(f"source {intent.source} was {intent.url} and is {options.url} now", "Plan again.")
    return options


def _reloaded(intent: ReloadIntent, changes: tuple[LoadedChange, ...], tools: Tools) -> Effect:
    options = _server(intent, tools)
    with calling(options) as call:
        try:
            before = reload_state(call)
            ask(call, intent.within)
        except AnswerProblem as problem:
            raise failed(problem) from None
        tools.boundary(f"{NAME}: asked")
        try:
            state = waited(call, before, intent.within)
            shown(call, changes, intent.within)
        except AnswerProblem as problem:
            raise failed(problem, uncertain=True) from None
    told = f"{intent.url} loaded its configuration" + (f" and shows {len(changes)} changes" if changes else "")
    return Effect(told, ReloadEffect(loaded_at=state.loaded_at).text())


action = PrometheusReload()
