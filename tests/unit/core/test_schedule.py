"""Polling starts fast and grows; a repeated request waits longer each time, and as asked."""

from fal_experiments.core.schedule import poll_after_s, retry_after_s


def test_polling_starts_fast_and_grows_with_the_time_waited_up_to_a_limit() -> None:
    pauses = [poll_after_s(waited, None, None) for waited in (0, 10, 60, 1000)]

    assert pauses == sorted(pauses)
    assert pauses[0] == 0.25
    assert pauses[-1] == 10


def test_the_provider_may_ask_for_more_patience() -> None:
    assert poll_after_s(1, None, 7.0) == 7.0


def test_a_known_usual_duration_is_not_overslept() -> None:
    assert poll_after_s(59.5, 60, None) <= 60 * 0.05


def test_backoff_doubles_to_a_limit_and_jitter_only_shortens_it() -> None:
    assert [retry_after_s(n, None, jitter=1) for n in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, 30.0]
    assert retry_after_s(3, None, jitter=0) == 1.0
    assert retry_after_s(1, 9.0, jitter=0) == 9.0
