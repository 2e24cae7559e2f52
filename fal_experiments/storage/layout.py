"""Every path of a project. No other module puts a path together.

presets/  prompts/  learnings/  experiments/*.yaml
experiments/fal/ledger.jsonl, ledger.csv, <timestamp>-<slug>/     what was paid for
experiments/sandbox/…                                             the same tree, no money
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import storage_failed

TIMESTAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Tree:
    """Where the batches of one kind live: real ones, or sandbox ones. The two never mix."""

    batches: Path
    prompts: Path
    learnings: Path

    @property
    def ledger(self) -> Path:
        """The append-only ledger, one JSON object a line."""
        return self.batches / "ledger.jsonl"

    @property
    def index(self) -> Path:
        """All batches as one page."""
        return self.batches / "index.html"

    def comparison(self, first: str, last: str) -> Path:
        """Return the folder of the page that compares two batches, or all from one to another."""
        return self.batches / f"compare-{first}-{last}"

    @property
    def ledger_csv(self) -> Path:
        """The folded ledger as a spreadsheet."""
        return self.batches / "ledger.csv"


@dataclass(frozen=True)
class Project:
    """A project folder. Paths in matrices are relative to its root."""

    root: Path

    @property
    def presets(self) -> Path:
        """The project's own presets; the ones that come with the program need no file here."""
        return self.root / "presets"

    @property
    def discounts(self) -> Path:
        """What the account pays less than the public price."""
        return self.presets / "account" / "discounts.yaml"

    def price_snapshots(self, *, sandbox: bool) -> Path:
        """Return the folder of what the provider's pricing API said, a file for each time."""
        return (self.root / "experiments" / "sandbox" if sandbox else self.presets) / "prices"

    def tree(self, *, sandbox: bool) -> Tree:
        """Return where batches go: `experiments/fal`, or `experiments/sandbox`."""
        experiments = self.root / "experiments"
        if sandbox:
            base = experiments / "sandbox"
            return Tree(batches=base, prompts=base / "prompts", learnings=base / "learnings")
        return Tree(
            batches=experiments / "fal",
            prompts=self.root / "prompts",
            learnings=self.root / "learnings",
        )

    @property
    def judge_ledger(self) -> Path:
        """What judging has cost, of real and sandbox batches: the judge is paid for either."""
        return self.tree(sandbox=False).batches / "judge-ledger.jsonl"

    def blind_bundle(self, bundle: str) -> Path:
        """Return where a blind test goes: outside of its batch, whose name tells something."""
        return self.root / "experiments" / "blind" / bundle

    def relative(self, path: Path) -> str:
        """Return `path` as seen from the root, with `/` on every system."""
        if path.is_relative_to(self.root):  # mostly: asking the disk about every part takes long
            return path.relative_to(self.root).as_posix()
        return path.resolve().relative_to(self.root.resolve()).as_posix()


@dataclass(frozen=True)
class BatchFolder:
    """One batch: `experiments/fal/<timestamp>-<slug>/`."""

    path: Path

    @property
    def name(self) -> str:
        """The batch's id."""
        return self.path.name

    @property
    def events(self) -> Path:
        """The truth about execution."""
        return self.path / "events.jsonl"

    @property
    def torn_events(self) -> Path:
        """Bytes that were cut off the log when it was opened after a crash."""
        return self.path / "events.torn"

    @property
    def lock(self) -> Path:
        """Held by the one process that works on the batch."""
        return self.path / ".lock"

    @property
    def space_reserve(self) -> Path:
        """Some disk kept free for the log's last words."""
        return self.path / ".reserve"

    @property
    def sandbox_state(self) -> Path:
        """The embedded queue of a sandbox batch, so that a resumed run finds its jobs."""
        return self.path / ".sandbox"

    @property
    def matrix(self) -> Path:
        """The matrix as it was when the batch began."""
        return self.path / "matrix.yaml"

    @property
    def matrix_sheet(self) -> Path:
        """All clips as one picture; a large one has pages instead, `matrix-sheet-1.jpg`, …"""
        return self.path / "matrix-sheet.jpg"

    @property
    def plan(self) -> Path:
        """The frozen plan with its presets and stamps."""
        return self.path / "plan.json"

    @property
    def summary(self) -> Path:
        """Derived counts and sums."""
        return self.path / "batch.json"

    @property
    def render_words(self) -> Path:
        """How a person wants the pictures, where they said so after the batch began."""
        return self.path / "render.json"

    @property
    def ratings(self) -> Path:
        """What people said of single clips, one JSON object a line."""
        return self.path / "ratings.jsonl"

    @property
    def likenesses(self) -> Path:
        """How alike clips of this batch are to those of others, one JSON object a line."""
        return self.path / "likenesses.jsonl"

    @property
    def judgements(self) -> Path:
        """What a judge said of pairs of clips, one JSON object a line."""
        return self.path / "judgements.jsonl"

    @property
    def judge_lock(self) -> Path:
        """Held by the one process that asks a judge about the batch."""
        return self.path / ".judge.lock"

    @property
    def votes(self) -> Path:
        """What people chose between clips, names put back, one JSON object a line."""
        return self.path / "votes.jsonl"

    def blind_key(self, bundle: str) -> Path:
        """Return where the key of a blind test is kept."""
        return self.path / f"blind-{bundle}.key.json"

    @property
    def report(self) -> Path:
        """The report's folder."""
        return self.path / "report"

    def wall(self, name: str) -> Path:
        """Return where a wall of several clips goes, without its suffix."""
        return self.path / "walls" / name

    def input(self, sha256: str, suffix: str) -> Path:
        """Return where a copy of a local input is kept, so that a resume needs nothing else."""
        return self.path / "inputs" / f"{sha256}{suffix}"

    def has_attempts(self) -> bool:
        """Tell whether anything was ever submitted from here, by the files of attempts."""
        return any((self.path / "cells").glob("*/*"))

    def attempt(self, cell_id: str, number: int) -> Path:
        """Return the folder of one attempt."""
        return self.path / "cells" / cell_id / str(number)


def find_project(start: Path) -> Project:
    """Return the project that `start` lies in: the nearest folder upward with `experiments/`.

    Where there is none, `start` itself becomes the root.
    """
    for folder in (start, *start.parents):
        if (folder / "experiments").is_dir():
            return Project(folder)
    return Project(start)


def new_batch_folder(tree: Tree, slug: str, at: datetime) -> BatchFolder:
    """Make a folder that did not exist; equal names within a second get `-2`, `-3`.

    Made, not merely looked for: two processes that begin in the same second have one each.
    Raises: StorageFailed.
    """
    name = f"{at.strftime(TIMESTAMP)}-{slug}"
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = tree.batches / f"{name}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as exc:
            raise storage_failed(folder, exc) from exc
        return BatchFolder(folder)
    raise BadInput(f"{tree.batches}: a hundred batches began in the same second")


def find_batch(project: Project, name: str) -> BatchFolder:
    """Return a batch by its folder, its name, the end of its name, or `latest`.

    Raises: BadInput when none or several fit.
    """
    as_path = Path(name)
    for folder in (as_path, project.root / name):
        if (folder / "events.jsonl").is_file() or (folder / "plan.json").is_file():
            return BatchFolder(folder.resolve())
    batches = all_batches(project)
    if name == "latest" and batches:
        return max(batches, key=lambda batch: batch.name)
    fitting = [b for b in batches if b.name == name or b.name.split("-", 1)[-1] == name]
    fitting = fitting or [b for b in batches if b.name.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(sorted(batch.name for batch in fitting))
        raise BadInput(f"{name} fits several batches: {names}", fix="write the whole name")
    newest = sorted((batch.name for batch in batches), reverse=True)[:3]
    what = "no batch yet" if name == "latest" else f"no batch {name}"
    raise BadInput(
        f"there is {what} in {project.root / 'experiments'}",
        fix=f"the newest are: {', '.join(newest)}" if newest else "`fal-exp run` makes one",
    )


def all_batches(project: Project) -> list[BatchFolder]:
    """Return every batch of the project, real ones and sandbox ones."""
    trees = (project.tree(sandbox=False), project.tree(sandbox=True))
    return [folder for tree in trees for folder in batches_of(tree)]


def batches_of(tree: Tree) -> list[BatchFolder]:
    """Return every batch of a tree, the oldest first."""
    return [BatchFolder(path.parent.resolve()) for path in sorted(tree.batches.glob("*/plan.json"))]
