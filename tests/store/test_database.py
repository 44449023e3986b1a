"""Every way in which a store cannot be had or written is a sentence, and nothing already known is lost."""

from __future__ import annotations

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from driftbot.core.series import Series
from driftbot.store.database import Database, read_url
from driftbot.store.errors import NotAStore, StoreBusy, StoreError
from driftbot.store.store import Store
from tests.store.scene import CART, HOUR, STOCK, keep, night_of, seconds, timeout, values

NOBODY = 65534


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("driftbot.db", "'driftbot.db' is not the URL of a store"),
        ("", "'' is not the URL of a store"),
        ("mysql://host/db", r"a store cannot be kept in mysql \(mysql://host/db\)"),
        ("nothing://x", "'nothing://x' is not the URL of a store|cannot be kept in nothing"),
        ("sqlite://", "a store in memory would forget everything"),
        ("sqlite:///:memory:", "a store in memory would forget everything"),
        ("sqlite:////no/such/folder/driftbot.db", "the folder /no/such/folder of the store .* does not exist"),
        ("sqlite:////", "is a folder"),
    ],
)
def test_a_wrong_url_says_what_to_write(url: str, sentence: str):
    with pytest.raises(StoreError, match=sentence) as caught:
        Store.open(url)
    assert caught.value.next_step


def test_a_password_is_never_shown():
    with pytest.raises(StoreError, match="postgresql") as caught:
        Store.open("postgresql://ann:secret@127.0.0.1:1/driftbot")
    assert "secret" not in str(caught.value)
    assert "refused" in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n" * 500)
    with pytest.raises(NotAStore, match=r"notes\.txt: the file is no SQLite database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "dear diary\n" * 500


def test_a_database_of_something_else_is_left_alone(tmp_path: Path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE song (title)")
    connection.close()
    with pytest.raises(NotAStore, match=r"other\.db is not a driftbot store: it holds the table 'song'"):
        Store.open(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("song",)]
    connection.close()


def test_a_damaged_file_says_so(tmp_path: Path):
    path = tmp_path / "driftbot.db"
    with Store.open(f"sqlite:///{path}") as store:
        keep(store, 0, [timeout(seconds(number), file=f"{number}.yaml") for number in range(2000)])
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (path.stat().st_size - 12288))
    with pytest.raises(StoreError, match=r"damaged|no SQLite database"), Store.open(f"sqlite:///{path}") as store:
        store.facts()


def test_a_damaged_chunk_of_samples_says_so(store: Store, tmp_path: Path):
    samples = np.arange(50.0)
    with store.lease("test", night_of(0), HOUR) as lease, store.begin_night(lease, night_of(0)) as night:
        night.add_series([Series(CART, "duration", samples, samples)])
    with sqlite3.connect(tmp_path / "driftbot.db") as connection:
        connection.execute("UPDATE chunk SET body = substr(body, 1, length(body) - 3)")
    connection.close()
    with pytest.raises(StoreError, match="the store is damaged: a chunk of samples"):
        list(store.series())


def test_a_locked_store_says_that_somebody_writes(store: Store, tmp_path: Path, url: str):
    keep(store, 0, [timeout(seconds(5))])
    other = sqlite3.connect(tmp_path / "driftbot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(f"{url}?timeout=0.05") as hasty, pytest.raises(StoreBusy, match="being written by somebody else"):
        keep(hasty, 1, [timeout(seconds(6))])
    other.execute("ROLLBACK")
    other.close()
    keep(store, 1, [timeout(seconds(7))])
    assert values(store, 1) == [seconds(7)]


def full(store: Store, number: int) -> None:
    """A night that is larger than a small disk."""
    rng = np.random.default_rng(1)
    times = np.arange(1_000_000.0)
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        night.add_facts([timeout(seconds(9))], ())
        night.add_series([Series(STOCK, "duration", times, rng.normal(size=len(times)))])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_loses_nothing_known(small_disk: Path):
    with Store.open(f"sqlite:///{small_disk / 'driftbot.db'}") as store:
        keep(store, 0, [timeout(seconds(5))])
        with pytest.raises(StoreError, match="the disk is full"):
            full(store, 1)
        assert values(store, 1) == [seconds(5)]
    with Store.open(f"sqlite:///{small_disk / 'driftbot.db'}") as store:
        keep(store, 2, [timeout(seconds(6))])
        assert values(store, 2) == [seconds(6)]


def in_a_child(work: Callable[[], None]) -> str:
    """What a forked child said on its way: its StoreError, or ``fine``."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
            os.write(write, b"fine")
        except StoreError as error:
            os.write(write, str(error).encode())
        except BaseException as error:
            os.write(write, f"not explained: {error!r}".encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as answer:
        return answer.read().decode()


def test_a_file_that_may_not_grow_loses_nothing_known(url: str):
    with Store.open(url) as store:
        keep(store, 0, [timeout(seconds(5))])

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        with Store.open(url) as store:
            full(store, 1)

    said = in_a_child(limited)
    assert "the disk is full" in said or "cannot be read or written" in said
    with Store.open(url) as store:
        assert values(store, 1) == [seconds(5)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("rights", "sentence"),
    [
        ({"folder": 0o755, "file": 0o644}, "may not be written|cannot be opened"),
        ({"folder": 0o755, "file": 0o600}, "cannot be opened"),
        ({"folder": 0o755, "file": None}, "cannot be opened|may not be written"),
    ],
    ids=["read-only", "unreadable", "no new file"],
)
def test_a_store_of_somebody_else_says_who_may_not(
    tmp_path_factory: pytest.TempPathFactory, rights: dict[str, int | None], sentence: str
):
    folder = tmp_path_factory.mktemp("theirs")
    for parent in (folder, *folder.parents[:3]):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/tmp"):
            parent.chmod(0o755)
    path = folder / "driftbot.db"
    if rights["file"] is not None:
        with Store.open(f"sqlite:///{path}") as store:
            keep(store, 0, [timeout(seconds(5))])
        path.chmod(rights["file"])

    def as_nobody() -> None:
        os.setuid(NOBODY)
        with Store.open(f"sqlite:///{path}") as store:
            keep(store, 1, [timeout(seconds(6))])

    assert re.search(sentence, in_a_child(as_nobody))


def test_without_the_driver_it_says_what_to_install():
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from driftbot.store.store import Store\n"
        "from driftbot.store.errors import StoreError\n"
        "try:\n    Store.open('postgresql://localhost/x')\n"
        "except StoreError as error:\n    print(error, '|', error.next_step)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "needs the Python package psycopg" in said
    assert "pip install 'driftbot[postgresql]'" in said


def test_the_errors_cost_no_import_of_sqlalchemy():
    code = "import sys, driftbot.store.errors, driftbot.cli.db; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_writer_has_the_store_to_itself_from_its_first_moment(url: str):
    first, second = Database(read_url(url)), Database(read_url(f"{url}?timeout=0.05"))
    with first.writing(), pytest.raises(StoreBusy), second.writing():
        pytest.fail("two writers read the same state before either wrote")
    first.close()
    second.close()


def test_a_dangling_reference_is_refused(url: str):
    Store.open(url).close()
    database = Database(read_url(url))
    with pytest.raises(StoreError, match="FOREIGN KEY"), database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO heard VALUES (77, 77)")
    database.close()


def test_a_commit_is_on_the_disk(url: str):
    Store.open(url).close()
    database = Database(read_url(url))
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()
