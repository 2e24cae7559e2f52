"""A project of a tiny model, a sandbox, a gate in front of it, and `fal-exp` as a child process."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fal_experiments.app import wiring
from fal_experiments.core.events import LedgerEvent
from fal_experiments.sandbox.server import SandboxServer, SandboxStats
from fal_experiments.storage.event_log import read_log
from fal_experiments.storage.layout import Project
from tests import warm
from tests.integration.gate import Gate
from tests.sandbox.lab import picture, script
from tests.warm import FAL_EXP

KEY = "integration-id:s3cret-4711-never-on-disk"
ENDPOINT = "lab/tiny/image-to-video"
SECONDS = 60
"""How long a child may take before the test gives up; nothing is timed by it."""

PRESET: dict[str, Any] = {
    "id": "tiny-i2v",
    "title": "Tiny · image to video",
    "provider": "fal",
    "endpoint": ENDPOINT,
    "family": "kling",
    "task": "image-to-video",
    "arguments": {"duration": "1", "resolution": "72p"},
    "inputs": {"image": "image_url"},
    "controls": {
        "duration": {"knob": "duration", "choices": [{"send": "1", "means": 1}]},
        "resolution": {"knob": "resolution", "choices": ["72p", "144p"]},
        "aspect_ratio": {"follows": "image"},
        "audio": {"fixed": False},
        "fps": {"fixed": 8},
    },
    "seed": {"support": "accepted", "knob": "seed"},
    "price": {
        "unit": "second",
        "rules": [{"usd": "0.01", "high_usd": "0.02"}],
        "source": "made up for tests",
        "as_of": "2026-11-20",
    },
}
SCHEMA: dict[str, Any] = {
    "endpoint": ENDPOINT,
    "as_of": "2026-11-20",
    "source": "made up for tests",
    "input": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string", "maxLength": 500},
            "image_url": {"type": "string"},
            "duration": {"type": "string", "enum": ["1"]},
            "resolution": {"type": "string", "enum": ["72p", "144p"]},
            "seed": {"type": "integer"},
        },
        "required": ["prompt", "image_url"],
    },
    "output": {"type": "object", "properties": {"video": {}, "seed": {}}},
}
MATRIX: dict[str, Any] = {
    "name": "tiny",
    "task": "image-to-video",
    "prompts": [{"id": "walk", "text": "He walks."}, {"id": "idle", "text": "He breathes."}],
    "presets": ["tiny-i2v"],
    "seeds": "1-3",
    "inputs": [{"id": "plate", "image": "plate.png"}],
    "hold": {"duration": 1},
}
CELLS = 6
QUIET = ("--no-render", "--no-report", "--json")


def make_project(root: Path, **changes: Any) -> Path:
    """Write a project with the tiny preset and a matrix of six cells; returns its root."""
    (root / "presets" / "schemas").mkdir(parents=True)
    (root / "experiments").mkdir()
    (root / "plate.png").write_bytes(picture())
    (root / "presets" / "tiny-i2v.yaml").write_text(json.dumps(PRESET))
    schema = root / "presets" / "schemas" / f"{ENDPOINT.replace('/', '__')}.json"
    schema.write_text(json.dumps(SCHEMA))
    make_matrix(root, "m", **changes)
    return root


def make_matrix(root: Path, stem: str, **changes: Any) -> str:
    """Write a matrix; returns its file name."""
    (root / f"{stem}.yaml").write_text(json.dumps(MATRIX | changes))
    return f"{stem}.yaml"


def wait_for(is_so: Callable[[], bool]) -> None:
    """Return once something is so; fail when it never is. The pause only spares the processor."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        select.select([], [], [], 0.02)


@dataclass(frozen=True)
class Bench:
    """A project, the sandbox behind the gate, and how to call the program."""

    root: Path
    sandbox: SandboxServer
    gate: Gate
    url: str = ""
    """Where the program finds its provider; the gate when empty."""
    children: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def environment(self, key: str | None = KEY) -> dict[str, str]:
        """The variables that point the program at the gate, or past it."""
        names = {"QUEUE": "queue", "RUN": "run", "REST": "rest", "CDN": "cdn", "API": "api/v1"}
        base = self.url or self.gate.url
        urls = {f"FAL_EXP_{name}_URL": f"{base}/{path}" for name, path in names.items()}
        return urls | ({"FAL_KEY": key} if key else {})

    def start(
        self, *arguments: str, key: str | None = KEY, program: Sequence[str] = FAL_EXP
    ) -> "subprocess.Popen[str]":
        """Start `fal-exp`, or something that calls it, as a child that outlives no test."""
        child = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment(key)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children.append(child)
        return child

    def call(
        self, *arguments: str, key: str | None = KEY, program: Sequence[str] = FAL_EXP
    ) -> "Called":
        """Run `fal-exp` to its end."""
        done = warm.call(
            arguments,
            cwd=self.root,
            env=self.environment(key),
            program=program,
            timeout_s=SECONDS,
        )
        return Called(done.returncode, done.stdout, done.stderr)

    def end_children(self) -> None:
        """Kill what a failed test has left behind."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.communicate(timeout=SECONDS)

    def batch(self) -> Path:
        """The only batch of the project."""
        (plan,) = (self.root / "experiments").glob("*/*/plan.json")
        return plan.parent

    def events(self) -> list[LedgerEvent]:
        """The events of that batch."""
        return read_log(self.batch() / "events.jsonl").events

    def posts(self) -> int:
        """How many paid POSTs the sandbox has received."""
        return sum(self.sandbox.stats().posts.values())

    def cells(self) -> dict[str, str]:
        """Where each cell of the batch stands, in the order of the plan."""
        states: dict[str, str] = self.call("status", "latest", "--json").json["cells"]
        return states

    def wait_until(self, is_so: Callable[[SandboxStats], bool]) -> None:
        """Return once the sandbox's books say so."""
        wait_for(lambda: is_so(self.sandbox.stats()))

    def wait_for_event(self, kind: str, count: int = 1) -> None:
        """Return once the log has so many events of a kind."""
        logs = self.root / "experiments"
        wait_for(
            lambda: any(
                path.read_text().count(f'"type":"{kind}"') >= count
                for path in logs.glob("*/*/events.jsonl")
            )
        )


def resume_by_hand(made: Bench, cells: int, *, jobs_before: int = 0) -> "Called":
    """Resume, and send again what died between its intent and its POST, as a person would.

    To the program it looks like a lost answer, and is held. Whoever looks into the books of the
    provider sees that there is no such job; every job that there is must have been found.
    """
    resumed = made.call("resume", "latest", *QUIET)
    if resumed.code != 4:
        return resumed
    unknown = [cell for cell, state in made.cells().items() if state == "submission_unknown"]
    found = made.sandbox.stats().accepted - jobs_before
    assert len(unknown) == cells - found, "a job that exists was not found"
    for cell in unknown:
        assert made.call("ledger", "resolve", cell, "--resubmit").code == 0
    return made.call("resume", "latest", *QUIET)


@dataclass(frozen=True)
class Called:
    """What a call of the program gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def add_twin(root: Path, **differs: str) -> None:
    """Write a preset like the tiny one but for these fields, among them `id` and `endpoint`."""
    endpoint = differs["endpoint"]
    (root / "presets" / f"{differs['id']}.yaml").write_text(json.dumps(PRESET | differs))
    schema = root / "presets" / "schemas" / f"{endpoint.replace('/', '__')}.json"
    schema.write_text(json.dumps(SCHEMA | {"endpoint": endpoint}))


@contextmanager
def bench(
    root: Path,
    options: Mapping[str, Any] | None = None,
    twins: Sequence[Mapping[str, str]] = (),
    **matrix: Any,
) -> Iterator[Bench]:
    """Make a project, start a sandbox for its presets, and a gate in front of it."""
    make_project(root / "project", **matrix)
    for twin in twins:
        add_twin(root / "project", **twin)
    quick = {"time_scale": 0.0, "render_workers": 1, "key": KEY} | dict(options or {})
    with (
        wiring.sandbox_server(Project(root / "project"), root / "state", options=quick) as sandbox,
        Gate(sandbox.base_url) as gate,
    ):
        made = Bench(root / "project", sandbox, gate)
        try:
            yield made
        finally:
            made.end_children()


@contextmanager
def troubled(
    root: Path, *faults: Mapping[str, Any], slots: int = 4, **matrix: Any
) -> Iterator[Bench]:
    """Do the same with a script of faults and two cells, and without the gate in between.

    `slots`: how many jobs the sandbox works on at once.

    A gate would answer for a connection that the sandbox closes, and has a clock of its own.
    """
    small = {"prompts": MATRIX["prompts"][:1], "seeds": "1-2", "unknown_settle_s": 2} | matrix
    options: dict[str, Any] = {"concurrency": slots}
    if faults:
        options["faults"] = script(*map(dict, faults))
    with bench(root, options, **small) as made:
        yield replace(made, url=made.sandbox.base_url)
