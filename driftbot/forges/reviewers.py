"""Whom a forge can ask for a review, from owners as CODEOWNERS writes them (``driftbot.owners`` reads the file)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 15
"""Reviewers that are asked for one request: GitHub takes no more, and fewer look at it the more are asked."""


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Accounts and teams without ``@``, and who was left out and why, in sentences."""

    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def on_github(owners: Iterable[str], organisation: str, author: str) -> Reviewers:
    """``@ada`` is a person, ``@org/team`` a team of the repository's organisation; nobody reviews their own work."""
    people: list[str] = []
    teams: list[str] = []
    left_out: list[str] = []
    for owner in _known(owners):
        name = owner.removeprefix("@")
        space, slash, team = name.partition("/")
        if not owner.startswith("@"):
            left_out.append(f"{owner} was not asked for a review: GitHub asks accounts, not addresses")
        elif slash and space.casefold() != organisation.casefold():
            left_out.append(f"{owner} was not asked for a review: it is no team of {organisation}")
        elif name.casefold() == author.casefold():
            left_out.append(f"{owner} was not asked for a review: it is the author")
        elif len(people) + len(teams) == MOST:
            left_out.append(f"{owner} was not asked for a review: {MOST} others are")
        elif slash:
            teams.append(team)
        else:
            people.append(name)
    return Reviewers(tuple(people), tuple(teams), tuple(left_out))


def on_gitlab(owners: Iterable[str], author: str) -> Reviewers:
    """``@ada`` is a person, or a group, which only the forge knows; groups, roles and addresses review nothing."""
    people: list[str] = []
    left_out: list[str] = []
    for owner in _known(owners):
        name = owner.removeprefix("@")
        if not owner.startswith("@") or owner.startswith("@@") or "/" in owner:
            what = "a role" if owner.startswith("@@") else "a group" if owner.startswith("@") else "an address"
            left_out.append(f"{owner} was not asked for a review: it is {what}, and GitLab asks accounts")
        elif name.casefold() == author.casefold():
            left_out.append(f"{owner} was not asked for a review: it is the author")
        elif len(people) == MOST:
            left_out.append(f"{owner} was not asked for a review: {MOST} others are")
        else:
            people.append(name)
    return Reviewers(tuple(people), (), tuple(left_out))


def _known(owners: Iterable[str]) -> list[str]:
    return list({owner.casefold(): owner for owner in reversed(list(owners))}.values())[::-1]
