"""One storm over the tool, and the same storm over the SDK's loop, each killed again and again."""

import json
import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fal_experiments.app import wiring
from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.decide import cancel
from fal_experiments.app.settings import read_settings
from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ids import sha256_hex
from fal_experiments.sandbox.server import SandboxServer
from fal_experiments.storage.layout import Project
from tests.chaos.books import Books, read_books
from tests.chaos.storm import CELLS, SETTLE_S, Storm, storm
from tests.integration.kit import ENDPOINT, KEY, make_project
from tests.sandbox.lab import picture

CAP_USD, RAISED_USD = "0.75", "1.50"
"""Little above the 0.60 that 60 cells cost: what is held for lost submissions may leave no room for
the last ones, and a person raises the cap then."""
REPEATS = 2
ENDS = {"done", "failed", "cancelled"}
MOST_RESUMES = 12
PATIENCE_S = 240
"""A process that takes longer is called hung."""


@dataclass(frozen=True)
class Round:
    """What became of one storm. All but the first five must be zero."""

    jobs: int
    """Accepted by the provider."""
    failed: int
    """Cells that the provider ended with an error of its own."""
    cancelled: int
    """Cells that a person cancelled in time."""
    raised: int
    """Caps that a person raised, because held money left no room."""
    by_person: int
    """Submissions that never arrived, and that a person sent again."""
    paid_twice: int
    not_on_ledger: int
    """Jobs that the client does not know of."""
    lost: int
    """Results that were paid for and are not on disk."""
    unfinished: int
    """Cells that are neither done nor failed at the end."""
    cost_off_nano_usd: int | None
    """Client's sum minus the books; None: the client tells no cost."""
    above_cap_nano_usd: int
    hung: int = 0


def both_rounds(seed: int) -> tuple[Round, Round]:
    """Send the tool and the SDK's loop through the storm of a seed."""
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        ours = tool_round(storm(seed), Path(folder) / "tool")
        return ours, sdk_round(storm(seed), Path(folder) / "sdk")


def tool_round(made: Storm, folder: Path) -> Round:
    """Run 60 cells through the storm with `fal-exp`, and compare its ledger with the books."""
    root = make_project(folder / "project", **_matrix(made))
    with _sandbox(root, folder / "state", made) as sandbox:
        play = _Play(root, sandbox)
        for number, delay_s in enumerate(made.kill_after_s):
            play.go_on(kill_after_s=delay_s)
            if number == made.cancels_after_kill and play.has_begun:
                play.cancel_one()
        for _ in range(MOST_RESUMES):
            play.go_on(kill_after_s=None)
            play.decide()
            if play.is_over():
                break
    return play.compared(read_books(folder / "state"))


def sdk_round(made: Storm, folder: Path) -> Round:
    """Send the same 60 requests through the same storm with the official SDK."""
    root = make_project(folder / "project", **_matrix(made))
    with _sandbox(root, folder / "state", made) as sandbox:
        requests = _requests(sandbox)
        urls = sandbox.urls
        work = {
            "key": KEY,
            "endpoint": ENDPOINT,
            "requests": requests,
            "sdk": {"QUEUE_URL_FORMAT": f"{urls.queue}/", "RUN_URL_FORMAT": f"{urls.run}/"},
        }
        (folder / "work.json").write_text(json.dumps(work))
        command = [sys.executable, "-m", "tests.chaos.sdk_loop", str(folder)]
        hung = 0
        for delay_s in (*made.kill_after_s, PATIENCE_S):
            _, killed = _run(command, Path.cwd(), {}, delay_s)
            hung = int(killed)
    books = read_books(folder / "state")
    saved = sum((folder / f"{number}.mp4").exists() for number in range(CELLS))
    wanted = Counter(sha256_hex(_encoded(request)) for request in requests)
    paid = sum(job.succeeded for job in books.jobs)
    return Round(
        jobs=len(books.jobs),
        failed=CELLS - saved,
        cancelled=0,
        raised=0,
        by_person=0,
        paid_twice=books.paid_twice(wanted),
        not_on_ledger=len(books.jobs) - saved,
        lost=max(0, paid - saved),
        unfinished=CELLS - saved,
        cost_off_nano_usd=None,
        above_cap_nano_usd=max(0, books.most_billed_nano_usd - _cap()),
        hung=hung,
    )


class _Play:
    """The tool in a storm: runs, kills, resumes, and a person who decides what is left to one."""

    def __init__(self, root: Path, sandbox: SandboxServer) -> None:
        self._root = root
        self._sandbox = sandbox
        self._hung = 0
        self._by_person = 0
        self._raised = False

    @property
    def has_begun(self) -> bool:
        """False when every process so far was killed before it had made a batch."""
        return any(self._root.glob("experiments/*/*/plan.json"))

    def go_on(self, *, kill_after_s: float | None) -> None:
        """Start the tool on what there is, and kill it after a while."""
        what = ["resume", "latest"] if self.has_begun else ["run", "m.yaml"]
        if self._raised:
            what += ["--raise-cap", RAISED_USD]
        killed = self._call([*what, "--no-render", "--no-report"], kill_after_s or PATIENCE_S)
        self._hung += killed and kill_after_s is None

    def cancel_one(self) -> None:
        """Do what a person does who has changed their mind about the newest job.

        By `app`, not by a process of its own: that would start later than the job ends.
        """
        batch = open_batch("latest", self._root)
        for attempt in reversed(self._latest()):
            if attempt.state in {"queued", "running"} and attempt.ticket is not None:
                settings = read_settings(batch.project, environ=self._variables())
                cancel(batch, settings, attempt.ticket.request_id)
                return

    def decide(self) -> None:
        """Do what a person does with what is left to one.

        Send again what was searched for and is not at the provider; raise a cap without room.
        """
        self._raised = self._raised or "over_budget" in self._state().left.values()
        for attempt in self._latest():
            absent = attempt.searched is not None and attempt.searched.found == "absent"
            if attempt.state == "submission_unknown" and absent:
                self._by_person += 1
                self._call(["ledger", "resolve", attempt.cell, "--resubmit"])

    def _call(self, words: Sequence[str], kill_after_s: float = PATIENCE_S) -> bool:
        """Call the tool; tells whether it had to be killed."""
        command = [sys.executable, "-m", "fal_experiments", *words]
        return _run(command, self._root, self._variables(), kill_after_s)[1]

    def _variables(self) -> dict[str, str]:
        names = {"QUEUE": "queue", "RUN": "run", "REST": "rest", "CDN": "cdn", "API": "api/v1"}
        urls = {f"FAL_EXP_{n}_URL": f"{self._sandbox.base_url}/{p}" for n, p in names.items()}
        return urls | {"FAL_KEY": KEY}

    def is_over(self) -> bool:
        """Tell whether every cell has come to its end."""
        latest = self._latest()
        return len(latest) == CELLS and {a.state for a in latest} <= ENDS

    def compared(self, books: Books) -> Round:
        """Hold the ledger against the books."""
        attempts = self._attempts()
        known = {a.ticket.request_id: a for a in attempts if a.ticket is not None}
        told = {i: a.cost("metered") for i, a in known.items()}
        costs = {i: (cost.nano_usd or 0) if cost else 0 for i, cost in told.items()}
        done = {a.ticket.request_id for a in attempts if a.state == "done" and a.ticket}
        cost_of = {job.request_id: job.cost_nano_usd for job in books.jobs}
        paid = Counter(
            a.cell for a in attempts if a.ticket and cost_of.get(a.ticket.request_id, 0) > 0
        )
        by_cell = sum(count - 1 for count in paid.values() if count > 1)
        by_body = books.paid_twice(Counter({job.body_sha256: REPEATS for job in books.jobs}))
        latest = self._latest()
        states = Counter(attempt.state for attempt in latest)
        off = [costs.get(j.request_id, 0) - j.cost_nano_usd for j in books.jobs]
        return Round(
            jobs=len(books.jobs),
            failed=states["failed"],
            cancelled=states["cancelled"],
            raised=int(self._raised),
            by_person=self._by_person,
            # requests of equal inputs are interchangeable: a cell may have adopted its twin's
            paid_twice=max(by_cell, by_body),
            not_on_ledger=sum(job.request_id not in known for job in books.jobs),
            lost=sum(job.succeeded and job.request_id not in done for job in books.jobs),
            unfinished=CELLS - sum(state in ENDS for state in states.elements()),
            cost_off_nano_usd=sum(map(abs, off)),
            above_cap_nano_usd=max(0, books.most_billed_nano_usd - self._state().cap_nano_usd),
            hung=self._hung,
        )

    def _state(self) -> BatchState:
        return read_state(open_batch("latest", self._root))[0]

    def _latest(self) -> list[Attempt]:
        return [tries[-1] for tries in self._state().attempts.values()]

    def _attempts(self) -> list[Attempt]:
        return [attempt for tries in self._state().attempts.values() for attempt in tries]


def _matrix(storm: Storm) -> dict[str, Any]:
    resubmit = {"on_unknown": "resubmit-when-absent"} if storm.resubmits_by_itself else {}
    return {
        "name": f"storm {storm.seed}",
        "seeds": "1-15",
        "repeats": REPEATS,
        "budget": {"max_usd": CAP_USD},
        "retries": 3,
        "pause_after": 1000,
        "timeout_s": 60,
        "unknown_settle_s": SETTLE_S,
        **resubmit,
    }


def _sandbox(root: Path, state_dir: Path, storm: Storm) -> SandboxServer:
    options = {
        "time_scale": 0.01,
        "render_workers": 1,
        "concurrency": 8,
        "key": KEY,
        "faults": storm.faults,
    }
    return wiring.sandbox_server(Project(root), state_dir, options=options)


def _requests(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """Return the bodies that the matrix makes, with the picture as a data URI."""
    plate = f"data:image/png;base64,{b64encode(picture()).decode()}"
    return [
        {
            "prompt": prompt,
            "image_url": plate,
            "duration": "1",
            "resolution": "72p",
            "seed": seed,
        }
        for _ in range(REPEATS)
        for seed in range(1, 16)
        for prompt in ("He walks.", "He breathes.")
    ]


def _encoded(request: dict[str, Any]) -> bytes:
    """Return a body as httpx encodes it, which is what the SDK sends."""
    return json.dumps(request, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _run(
    command: Sequence[str], folder: Path, variables: dict[str, str], kill_after_s: float
) -> tuple[int, bool]:
    """Run a process for a while, then kill it with SIGKILL; tells whether that was needed."""
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return child.wait(timeout=kill_after_s), False
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait(), True


def _cap() -> int:
    return int(float(CAP_USD) * 10**9)
