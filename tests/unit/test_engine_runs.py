"""A growing event log is read once, part by part, and a missing one is no error."""

from __future__ import annotations

from pathlib import Path

from cli import engine_runs


def test_counted_reads_each_part_of_a_growing_log_once(tmp_path: Path) -> None:
    log, told = tmp_path / "events.jsonl", list[int]()
    look = engine_runs.counted(log, told.append)
    look()
    log.write_text('{"resourcePreEvent": {}}\n{"preludeEvent": {}}\n')
    look()
    with log.open("a") as file:
        file.write('{"resourcePreEvent": {}}\n' * 2)
    look()
    look()
    assert told == [1, 3, 3]
