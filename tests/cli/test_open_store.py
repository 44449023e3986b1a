"""What commands say that need a night where there is none."""

from __future__ import annotations


def test_without_a_night_it_says_to_scan(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = run("explain", "3f9c2a")
    assert (answer.code, "driftbot init" in answer.err) == (1, True)
    (tmp_path / "driftbot.yaml").write_text("sources: []\n")
    assert "Run `driftbot scan` first" in run("explain", "3f9c2a").err
