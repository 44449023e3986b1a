"""Waivers and snoozes as silences of the alerts that they are about; each is found again by the mark in its comment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from driftbot.actions.our_silence import SilenceIntent
from driftbot.alerts.matcher_syntax import written
from driftbot.core.canonical import canonical
from driftbot.core.digest import Digest, Entry
from driftbot.core.harmless import harmless
from driftbot.notifiers.alertmanager.alert import LONGEST_LABEL, fires
from driftbot.notifiers.alertmanager.options import AlertmanagerChannelOptions
from driftbot.notifiers.plain_text import plain
from driftbot.promql.selector import Match, Matcher


@dataclass(frozen=True, slots=True)
class Excuse:
    """A silence that has to stand: what is asked for, and since when somebody wants it."""

    fingerprint: str
    intent: SilenceIntent
    since: datetime

    @property
    def key(self) -> str:
        """Under which it is remembered."""
        return f"silence:{self.fingerprint}"


def excuses(digest: Digest, options: AlertmanagerChannelOptions) -> tuple[Excuse, ...]:
    """The silences that the digest's waivers and snoozes ask for, those that have ended left out; by fingerprint."""
    found = (_excuse(entry, digest, options) for entry in digest.entries if fires(entry))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.fingerprint))


def mark(options: AlertmanagerChannelOptions) -> str:
    """The key in the mark of a channel's silences: only those that carry it are ever ended by it."""
    return hashlib.sha256(canonical(["channel", options.name, dict(options.labels)]).encode()).hexdigest()


def _excuse(entry: Entry, digest: Digest, options: AlertmanagerChannelOptions) -> Excuse | None:
    since, until, told = _terms(entry)
    if since is None or until is None or not since <= digest.now < until:
        return None
    intent = SilenceIntent(
        source=options.name,
        url=options.url,
        matchers=tuple(_matchers(entry.fingerprint, options)),
        seconds=(until - since).total_seconds(),
        comment=f"{_unmarked(told)} (since {since:%Y-%m-%d %H:%M}, until {until:%Y-%m-%d %H:%M} UTC)",
        fingerprint=entry.fingerprint,
    )
    return Excuse(entry.fingerprint, intent, since)


def _terms(entry: Entry) -> tuple[datetime | None, datetime | None, str]:
    """From when until when it is put aside, and by whom; also while it cannot be read."""
    if waiver := entry.waiver:
        return waiver.created, waiver.expires, f"waived by {waiver.owner}: {waiver.reason}"
    if snooze := entry.snooze:
        return snooze.at, snooze.until, f"snoozed by {snooze.by}"
    return None, None, ""


def _matchers(fingerprint: str, options: AlertmanagerChannelOptions) -> Iterator[str]:
    wanted = {**options.labels, "fingerprint": fingerprint}
    for name, value in sorted(wanted.items()):
        if shown := plain(value, LONGEST_LABEL):
            yield written(Matcher(name, Match.EQUAL, shown))


def _unmarked(told: str) -> str:
    """What a person wrote, which cannot pass for the mark that follows it."""
    return harmless(told).replace("[", "(")
