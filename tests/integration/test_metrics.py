"""`fal-exp metrics`: plug-ins are found, run apart, cached, summed up; broken ones harm nobody."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.core.metric_scores import KeptScores
from tests.integration.kit import Called, bench
from tests.media.toy_metrics import install_toys


@dataclass(frozen=True)
class Toys:
    """A batch of four clips, and toy metrics on the path of Python."""

    root: Path
    site: Path

    def call(self, *arguments: str) -> Called:
        """Run `fal-exp` where the toys are installed."""
        done = subprocess.run(
            [sys.executable, "-m", "fal_experiments", "metrics", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.site)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Called(done.returncode, done.stdout, done.stderr)

    def calls(self) -> list[str]:
        """What the working toy was shown so far."""
        path = self.site / "toy_metrics" / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def kept(self) -> list[KeptScores]:
        """The records beside the attempts."""
        paths = sorted((self.root / "experiments").glob("*/*/cells/*/1/metrics.json"))
        return [KeptScores.model_validate_json(path.read_bytes()) for path in paths]


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Toys:
    folder = tmp_path_factory.mktemp("metrics")
    with bench(folder, seeds="1-2") as made:
        ran = made.call("run", "m.yaml", "--yes", "--no-render", "--no-report", "--json")
        assert ran.code == 0, ran.err
    return Toys(made.root, install_toys(folder))


@pytest.fixture(scope="module")
def listed(toys: Toys) -> dict[str, Any]:
    done = toys.call("list", "--json")
    assert done.code == 0, done.err
    return {metric["name"]: metric for metric in done.json}


def test_a_plugin_of_another_package_is_found_with_its_facts(listed: dict[str, Any]) -> None:
    toy = listed["toy-brightness"]

    assert (toy["state"], toy["package"]) == ("ready", "toy-metrics 3.1")
    assert toy["facts"]["values"]["level"]["unit"] == "level"
    assert toy["parameters"] == {"add": "0"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("toy-no-import", "a_package_that_nobody_has"),
        ("toy-no-attribute", "Nothing"),
        ("toy-exits", "exit code 7"),
        ("toy-crashes", "SIGABRT"),
        ("toy-vague", "its version: Field required"),
        ("toy-misnamed", "calls itself toy-other"),
    ],
)
def test_a_broken_plugin_is_named_with_the_reason(
    name: str, reason: str, listed: dict[str, Any]
) -> None:
    assert listed[name]["state"] == "broken"
    assert reason in listed[name]["broken"]


def test_what_is_missing_is_told_with_how_to_get_it(listed: dict[str, Any]) -> None:
    absent = listed["toy-absent"]

    assert (absent["state"], absent["missing"], absent["fix"]) == (
        "missing",
        "the toy box is empty",
        "buy toys",
    )


def test_nobody_takes_the_name_of_a_built_in_metric(listed: dict[str, Any]) -> None:
    assert listed["clip_score"]["package"] == "fal-exp"
    assert listed["clip_score"]["target"].startswith("fal_experiments.")


def test_scores_are_kept_beside_the_attempts_and_not_made_twice(toys: Toys) -> None:
    first = toys.call("run", "--metric", "toy-brightness", "--json")
    shown = toys.calls()
    again = toys.call("run", "--metric", "bright", "--json")
    other = toys.call("run", "--metric", "bright", "--set", "toy-brightness.add=10", "--json")

    assert (first.code, again.code, other.code) == (0, 0, 0), first.err
    assert sorted(shown) == sorted(["He walks.|3|True", "He breathes.|3|True"] * 2)
    (row,) = first.json["metrics"][0]["presets"]
    assert (row["preset"], row["scored"], row["results"]) == ("tiny-i2v", 4, 4)
    assert row["least"] <= row["mean"] <= row["most"]
    assert [s["known"] for s in again.json["scores"]] == [True] * 4
    assert [s["values"] for s in again.json["scores"]] == [
        s["values"] for s in first.json["scores"]
    ]
    assert len(toys.calls()) == len(shown) + 4, "another parameter is another score"
    more = other.json["metrics"][0]["presets"][0]["mean"] - row["mean"]
    assert more == pytest.approx(10, abs=0.01)
    assert {len(kept.scores) for kept in toys.kept()} == {2}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("raise", "RuntimeError: out of toys"),
        ("exit", "exit code 3"),
        ("nan", "not a finite number"),
        ("text", "'9' is not a number"),
        ("stranger", "not among its facts"),
        ("none", "not values by name"),
    ],
)
def test_a_result_that_cannot_be_scored_stays_in_the_count_with_its_reason(
    how: str, reason: str, toys: Toys
) -> None:
    chosen = ("--metric", "toy-unstable", "--set", f"toy-unstable.how={how}")
    done = toys.call("run", *chosen, "--json")
    again = toys.call("run", *chosen, "--json")

    assert done.code == 1
    (row,) = done.json["metrics"][0]["presets"]
    assert (row["scored"], row["results"]) == (2, 4)
    failed = [score["failed"] for score in done.json["scores"] if score["failed"]]
    assert len(failed) == 2
    assert all(reason in why for why in failed)
    assert sum(s["known"] for s in again.json["scores"]) == 2, "what failed is tried again"


def test_without_names_all_that_can_run_is_run_and_the_rest_is_told(toys: Toys) -> None:
    done = toys.call("run", "--set", "toy-unstable.how=raise")

    assert "Brightness, version 1" in done.out
    assert "level: mean of all bytes (describes)" in done.out
    assert "4 of 4" in done.out
    assert "not run: toy-absent: the toy box is empty: buy toys" in done.err
    assert "not run: toy-crashes: broken: " in done.err
    assert "must not reach stdout" not in done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--metric", "toy-britness"], "did you mean toy-brightness?"),
        (["--metric", "toy-absent"], "toy-absent cannot run here: the toy box is empty"),
        (["--metric", "toy-exits"], "toy-exits cannot run here: it is broken"),
        (["--set", "toy-brightness.addd=1"], "did you mean add?"),
        (["--set", "toys.add=1"], "there is no metric toys"),
        (["--set", "add=1"], "expected METRIC.PARAMETER=VALUE"),
    ],
)
def test_bad_input_says_what_was_expected(arguments: list[str], said: str, toys: Toys) -> None:
    done = toys.call("run", *arguments)

    assert done.code == 2
    assert said in done.err


def test_a_damaged_clip_gets_no_score_and_a_damaged_record_is_made_again(toys: Toys) -> None:
    (clip, *_) = sorted((toys.root / "experiments").glob("*/*/cells/*/1/clip.mp4"))
    whole = clip.read_bytes()
    record = clip.with_name("metrics.json")
    record.write_text("{")
    clip.write_bytes(whole[: len(whole) // 2])
    try:
        broken = toys.call("run", "--metric", "toy-brightness", "--json")
    finally:
        clip.write_bytes(whole)
    mended = toys.call("run", "--metric", "toy-brightness", "--json")

    (why,) = [score["failed"] for score in broken.json["scores"] if score["failed"]]
    assert broken.code == 1
    assert "cut off" in why or "index" in why
    assert mended.code == 0
    assert json.loads(record.read_text())["scores"][0]["failed"] is None


TIDY = """
from fal_experiments.core.metric_plugins import PluginRef, Seen, Shot
from fal_experiments.media.learned.bench import MetricBench

with MetricBench() as bench:
    toy = bench.describe(PluginRef("toy-brightness", "toy_metrics.works:Brightness", ""), {})
    print(bench.score(toy, Seen("", (Shot(1, 1, b"abc"),))).values["level"])
"""


def test_a_library_that_keeps_a_semaphore_leaves_no_complaint(toys: Toys) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TIDY],
        env={**os.environ, "PYTHONPATH": str(toys.site)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("98\n", "")
