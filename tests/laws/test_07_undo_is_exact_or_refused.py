"""Law 7: an undo gives back the very bytes or is refused; what cannot be undone is never automatic."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftbot.actions.action import ActionFailed
from driftbot.core.hold import Guard
from driftbot.core.ladder import Level
from driftbot.core.remedy import Step
from driftbot.core.run import RunState, StepState
from driftbot.plugins import actions
from driftbot.store.store import Store
from tests.remedies.imagined import Stage, remedy_of, setting
from tests.remedies.planning_scene import Scene, playbook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("estate")


def step_of(folder: Path, text: bytes) -> tuple[Scene, Step]:
    """The step that raises a job's deadline in a file with these bytes."""
    scene = Scene(folder).jobs("report")
    before = (folder / "report.yaml").read_bytes()
    (folder / "report.yaml").write_bytes(before + text)
    scene.drift("report")
    (remedy,) = scene.plan().remedies
    return scene, remedy.steps[0]


COMMENTS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=30).map(lambda text: f"# {text}\n".encode())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comment=COMMENTS, later=st.sampled_from((b"", b"# added by somebody\n", b"replaced: true\n")))
def test_undoing_gives_back_the_bytes_or_is_refused(folder: Path, comment: bytes, later: bytes) -> None:
    scene, step = step_of(folder, comment)
    file, edit_file, tools = folder / "report.yaml", actions()["edit_file"], scene.tools()
    before = file.read_bytes()
    effect = edit_file.perform(step, "key", tools)
    after = file.read_bytes()
    assert after != before
    meanwhile = later if later.startswith(b"replaced") else after + later
    file.write_bytes(meanwhile)
    try:
        edit_file.undo(step, effect.body, "undo", tools)
    except ActionFailed:
        assert later
        assert file.read_bytes() == meanwhile
    else:
        assert file.read_bytes() == before + later


def test_what_somebody_changed_since_is_left_to_them(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        stage = Stage(store)
        with stage.process() as runner:
            run = runner.apply("f" * 64, remedy_of(setting("a")), "ann")
            stage.world.values["a"] = "somebody's"
            undone = runner.undo(run, "it did not help")
    assert stage.world.values["a"] == "somebody's"
    assert undone.steps[0].state is StepState.CONFLICT
    assert undone.state is not RunState.UNDONE


def test_what_cannot_be_undone_is_never_automatic(folder: Path) -> None:
    class Irreversible(type(actions()["edit_file"])):  # type: ignore[misc]
        irreversible = "nobody can put it back"

        def propose(self, *known: object) -> Step:
            step: Step = super().propose(*known)
            return Step(**{**{name: getattr(step, name) for name in step.__slots__}, "irreversible": self.irreversible})

    scene = Scene(folder, level=Level.AUTO).jobs("report")
    scene.actions["edit_file"] = Irreversible()
    scene.playbooks = [playbook()]
    scene.drift("report")
    made = scene.plan()
    assert all(remedy.level is not Level.AUTO for remedy in made.remedies)
    assert made.remedies or Guard.IRREVERSIBLE in {hold.guard for held in made.held for hold in held.holds}
