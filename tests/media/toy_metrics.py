"""A distribution of toy metrics, installed as any other: one that works, others that misbehave."""

import subprocess
import sys
from pathlib import Path

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "toy-metrics"
version = "3.1"

[project.entry-points."fal_experiments.metrics"]
toy-brightness = "toy_metrics.works:Brightness"
toy-absent = "toy_metrics.works:Absent"
toy-unstable = "toy_metrics.works:Unstable"
toy-no-import = "toy_metrics.no_import:Anything"
toy-no-attribute = "toy_metrics.works:Nothing"
toy-exits = "toy_metrics.exits:Anything"
toy-crashes = "toy_metrics.crashes:Anything"
toy-vague = "toy_metrics.works:Vague"
toy-misnamed = "toy_metrics.works:Misnamed"
clip_score = "toy_metrics.works:Brightness"
"""

WORKS = '''\
"""Toy metrics. They measure nothing that anybody wants to know."""

from multiprocessing import RLock
from pathlib import Path

import numpy as np

from fal_experiments.core.metric_plugins import MetricFacts, Missing, ValueFacts

KEPT = RLock()  # as tqdm does, which most libraries of models bring
CALLS = Path(__file__).with_name("calls")


def facts(name, **more):
    value = ValueFacts(title="mean of all bytes", unit="level", direction="neither")
    return MetricFacts(
        name=name, version="1", title="Brightness", values={"level": value}, source="a toy",
        limits="all of them", frames=3, longest_px=64, **more,
    )


class Brightness:
    facts = facts("toy-brightness", parameters={"add": "0"}, aliases=("bright",))

    def available(self, parameters):
        print("this must not reach stdout")
        return None

    def identity(self, parameters):
        return {}

    def score(self, seen, parameters):
        with CALLS.open("a") as file:
            file.write(f"{seen.prompt}|{len(seen.shots)}|{seen.image is not None}\\n")
        print("this must not reach stdout either")
        frames = [np.frombuffer(shot.rgb, np.uint8) for shot in seen.shots]
        return {"level": np.concatenate(frames).mean() + np.float32(parameters["add"])}


class Absent(Brightness):
    facts = facts("toy-absent")

    def available(self, parameters):
        return Missing("the toy box is empty", "buy toys")


class Unstable(Brightness):
    facts = facts("toy-unstable", parameters={"how": ""})

    def score(self, seen, parameters):
        if "breathes" not in seen.prompt:
            return {"level": 1}
        if parameters["how"] == "exit":
            raise SystemExit(3)
        if parameters["how"] == "raise":
            raise RuntimeError("out of toys")
        return {
            "nan": {"level": float("nan")}, "text": {"level": "9"}, "stranger": {"other": 1},
            "none": {},
        }[parameters["how"]]


class Vague(Brightness):
    facts = {"name": "toy-vague"}


class Misnamed(Brightness):
    facts = facts("toy-other")
'''
OTHERS = {
    "no_import": "import a_package_that_nobody_has",
    "exits": "raise SystemExit(7)",
    "crashes": "import os\nos.abort()",
}


def install_toys(folder: Path) -> Path:
    """Build the distribution with pip and install it; returns what goes on PYTHONPATH."""
    source, target = folder / "toys", folder / "site"
    package = source / "toy_metrics"
    package.mkdir(parents=True)
    (source / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text("")
    (package / "works.py").write_text(WORKS)
    for name, text in OTHERS.items():
        (package / f"{name}.py").write_text(text)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", str(target), str(source)], check=True)
    return target
