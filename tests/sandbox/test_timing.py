"""Simulated times and log lines."""

from datetime import UTC, datetime, timedelta

from fal_experiments.sandbox.timing import log_lines, times_of

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_times_follow_from_the_request_and_stay_near_the_familys_usual_ones() -> None:
    seen = [times_of("kling", "endpoint", index) for index in range(200)]

    assert times_of("kling", "endpoint", 3) == seen[3]
    assert len({times.service_s for times in seen}) > 150
    assert all(96 <= times.service_s <= 144 for times in seen)
    assert all(1 <= times.queue_s <= 8 for times in seen)


def test_a_log_grows_and_keeps_the_time_of_each_line() -> None:
    early = log_lines(START, 10, START + timedelta(seconds=2), None)
    done = log_lines(START, 10, START + timedelta(seconds=99), START + timedelta(seconds=11))

    assert [line["message"] for line in early[:2]] == ["request received", "loading weights"]
    assert done[-1]["message"] == "uploading the result"
    times = {line["message"]: line["timestamp"] for line in done}
    assert all(
        times[line["message"]] == line["timestamp"] for line in early if line["message"] in times
    )
    assert [line["timestamp"] for line in done] == sorted(line["timestamp"] for line in done)


def test_a_log_is_a_window_of_its_newest_lines() -> None:
    lines = log_lines(START, 10, START + timedelta(seconds=10), START + timedelta(seconds=10))

    assert len(lines) == 12
    assert "request received" not in {line["message"] for line in lines}
