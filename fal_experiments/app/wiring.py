"""The only chooser of adapters, and the only module that imports late.

httpx costs 100 ms, PyAV 60, starlette 80: a command that does not need them must not pay.
"""

import random
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fal_experiments.core.inputs import InputFile
from fal_experiments.core.ports import Clock, Context, QueueWishes, Service
from fal_experiments.storage.atomic import disk_errors
from fal_experiments.storage.layout import Project, Tree
from fal_experiments.storage.project_files import PresetShelf, read_user_text

if TYPE_CHECKING:
    from fal_experiments.catalogue.asking import Ask
    from fal_experiments.core.batch_index import IndexModel
    from fal_experiments.core.blind import BlindView
    from fal_experiments.core.blind_votes import SealedVote
    from fal_experiments.core.cell_table import Table
    from fal_experiments.core.compare_model import CompareModel
    from fal_experiments.core.derived import Derived
    from fal_experiments.core.judging import Judge, Rubric
    from fal_experiments.core.ledger_query import Term
    from fal_experiments.core.matrix_sheet import MatrixSheet
    from fal_experiments.core.ranking import Agreement, Ranking, RankRequest
    from fal_experiments.core.ratings import Rating, Ratings
    from fal_experiments.core.report_model import ReportModel
    from fal_experiments.media.health import Diagnosis
    from fal_experiments.media.learned.bench import MetricBench
    from fal_experiments.media.workers import MediaPool
    from fal_experiments.providers.judge import JudgeEndpoint
    from fal_experiments.reporting.review_files import ReviewSite
    from fal_experiments.reporting.review_server import ReviewServer
    from fal_experiments.sandbox.faults import FaultScript
    from fal_experiments.sandbox.server import SandboxServer


class Address(NamedTuple):
    """Where a service is, and the keys for it."""

    urls: Mapping[str, str]
    key: str
    admin_key: str | None = None
    """What may read bills; None where only `key` is at hand, which may or may not."""


def connect(provider: str, address: Address, clock: Clock, wishes: QueueWishes) -> Service:
    """Return a connected service. Raises: BadInput for a provider that does not exist."""
    from fal_experiments.providers import registry

    context = Context(address.key, address.urls, clock, wishes, address.admin_key or "")
    return registry.connect(provider, context)


@asynccontextmanager
async def questions_to(places: Sequence[str], key: str = "") -> "AsyncIterator[Ask]":
    """Yield a way to ask these places, with the key or, where that is empty, with none at all."""
    from fal_experiments.providers.http import Wire, redactor

    wire = Wire(
        authorization=f"Key {key}" if key else "",
        origins=places,
        redact=redactor([key]),
        clock=system_clock(),
    )
    try:
        yield wire.ask
    finally:
        await wire.aclose()


def system_clock() -> Clock:
    """Return the real clock."""
    from fal_experiments.runner.clock import SystemClock

    return SystemClock()


def jitter() -> float:
    """Return a random number in [0, 1)."""
    return random.random()  # noqa: S311 - spreads load, hides nothing


def read_input_file(path: Path, input_id: str, role: str, shown: str) -> InputFile:
    """Return the facts of a local input. Raises: BadInput when it is not what its role asks."""
    from fal_experiments.media import input_files

    return input_files.read_input_file(path, id=input_id, role=role, shown_path=shown)


def media_pool() -> "MediaPool":
    """Return worker processes for checking and rendering clips; close it after use."""
    from fal_experiments.media.workers import MediaPool

    return MediaPool()


def built_in_rubric() -> "Rubric":
    """Return what a judge is told to look at, if nobody says otherwise."""
    from fal_experiments.providers import judge

    return judge.built_in_rubric()


def judge_endpoint(url: str, key: str, judge: "Judge", clock: Clock) -> "JudgeEndpoint":
    """Return a judge to ask; close it after use."""
    from fal_experiments.providers.judge import JudgeEndpoint

    return JudgeEndpoint(url, key, judge, clock)


def metric_bench() -> "MetricBench":
    """Return where plug-in metrics run; close it after use."""
    from fal_experiments.media.learned.bench import MetricBench

    return MetricBench()


def decoder_report() -> "tuple[Diagnosis, ...]":
    """Return what the media libraries can do here, for `fal-exp doctor`."""
    from fal_experiments.media import health

    return health.decoder_report()


def take_screenshot(
    page_html: Path, target_png: Path, *, size_px: tuple[int, int], dark: bool, fragment: str = ""
) -> None:
    """Take a picture of a report with a real browser. Raises: BadInput when there is none."""
    from fal_experiments.reporting import screenshot

    width_px, height_px = size_px
    screenshot.take_screenshot(
        page_html,
        target_png,
        width_px=width_px,
        height_px=height_px,
        dark=dark,
        fragment=fragment,
    )


def write_matrix_sheet(
    sheet: "MatrixSheet", clips: "Mapping[str, tuple[Derived, Path]]", target: Path, *, frames: int
) -> list[Path]:
    """Draw a matrix sheet; returns its pages. Raises: BadInput for a suffix, StorageFailed."""
    from fal_experiments.media import matrix_sheet
    from fal_experiments.media.matrix_cells import Shown

    shown = {cell_id: Shown(*clip) for cell_id, clip in clips.items()}
    with disk_errors(target):
        return matrix_sheet.write_matrix_sheet(sheet, shown, target, frames=frames)


def ledger_summary(
    tree: Tree, by: "Sequence[str]", terms: "Sequence[Term]"
) -> "list[dict[str, Any]]":
    """Return sums of the ledger's rows by columns. Raises: BadInput for a damaged ledger."""
    from fal_experiments.storage import frames

    return frames.summarise(tree, by, terms)


def export_ledger(
    tree: Tree, target: Path, terms: "Sequence[Term]", *, by_month: bool = False
) -> int:
    """Write the ledger as .csv, .parquet or .md; returns how many rows. Raises: BadInput."""
    from fal_experiments.storage import frames

    return frames.export(tree, target, terms, by_month=by_month)


def write_table(table: "Table", target: Path) -> None:
    """Write a table as .csv or .parquet. Raises: BadInput for another suffix, StorageFailed."""
    from fal_experiments.storage import exports

    exports.write_table(table, target)


def rank(request: "RankRequest") -> "Ranking":
    """Return the presets of a batch in order, and how sure that is."""
    from fal_experiments.ranking import rank as ranking

    return ranking.rank(request)


def agreement_of_ratings(ratings: "Ratings") -> "tuple[Agreement, ...]":
    """Return how far raters agree about the clips that several of them rated."""
    from fal_experiments.ranking import agreement

    return agreement.agreement_of_ratings(ratings)


def review_site(**parts: Any) -> "ReviewSite":
    """Return what a review serves; the parts are those of ReviewSite."""
    from fal_experiments.reporting.review_files import ReviewSite

    return ReviewSite(**parts)


def review_server(site: "ReviewSite", port: int) -> "ReviewServer":
    """Return a server of a site on loopback; start it with `with`."""
    from fal_experiments.reporting.review_server import ReviewServer

    return ReviewServer(site, port=port)


def ratings_script(ratings: "Sequence[Rating]") -> bytes:
    """Return the script that brings ratings to the page."""
    from fal_experiments.reporting.chunks import ratings_script as script

    return script(ratings)


def kept_votes_script(votes: "Sequence[SealedVote]") -> bytes:
    """Return the script that brings votes back to the page of a blind test."""
    from fal_experiments.reporting.chunks import script_call

    return script_call("loadVotes", [vote.model_dump(mode="json") for vote in votes])


def write_single_file(
    model: "ReportModel", folder: Path, target: Path, *, limit_mb: float, with_clips: bool
) -> tuple[str, ...]:
    """Write the report as one file; returns links to files that are gone.

    Raises: BadInput when it would be larger than its limit; StorageFailed.
    """
    from fal_experiments.reporting import single_file

    made = single_file.write_single_file(
        model, folder, target, limit_mb=limit_mb, with_clips=with_clips
    )
    return made.missing


def write_site(model: "ReportModel", folder: Path) -> Path:
    """Write the report; returns index.html. Raises: StorageFailed."""
    from fal_experiments.reporting import site

    return site.write_site(model, folder)


def write_compare_page(model: "CompareModel", folder: Path) -> Path:
    """Write the page that compares batches; returns index.html. Raises: StorageFailed."""
    from fal_experiments.reporting import pages

    return pages.write_compare_page(model, folder)


def write_index_page(model: "IndexModel", page: Path) -> Path:
    """Write the page of all batches. Raises: StorageFailed."""
    from fal_experiments.reporting import pages

    return pages.write_index_page(model, page)


def write_blind_site(view: "BlindView", folder: Path) -> None:
    """Write the page of a blind test beside its clips. Raises: StorageFailed."""
    from fal_experiments.reporting import blind_site

    with disk_errors(folder):
        blind_site.write_blind_site(view, folder)


def zip_blind_site(folder: Path, target: Path) -> None:
    """Pack a blind test for sending. Raises: StorageFailed."""
    from fal_experiments.reporting import blind_site

    with disk_errors(target):
        blind_site.write_zip(folder, target)


def secret_bytes() -> bytes:
    """Return 32 bytes that nobody can guess."""
    return secrets.token_bytes(32)


def sandbox_server(
    project: Project, state_dir: Path, *, port: int = 0, options: Mapping[str, Any] | None = None
) -> "SandboxServer":
    """Return a sandbox for every preset that can be read; start it with `with`."""
    from fal_experiments.sandbox.server import CataloguedEndpoint, SandboxConfig, SandboxServer

    shelf = PresetShelf(project)
    catalogue = {}
    for preset_id in shelf.ids():
        preset = shelf.read(preset_id)
        catalogue[preset.endpoint] = CataloguedEndpoint(preset, shelf.schema(preset.endpoint))
    config = SandboxConfig(
        state_dir=state_dir, catalogue=catalogue, port=port, **dict(options or {})
    )
    return SandboxServer(config)


def read_fault_script(path: Path) -> "FaultScript":
    """Return a script of faults for the sandbox. Raises: BadInput with file and line."""
    from fal_experiments.sandbox.faults import read_faults

    return read_faults(read_user_text(path, str(path)), str(path))


def fault_json_schema() -> "dict[str, Any]":
    """Return the JSON Schema of a script of faults."""
    from fal_experiments.sandbox import faults

    return faults.fault_json_schema()


@contextmanager
def embedded_sandbox(
    project: Project, state_dir: Path, *, faults: "FaultScript | None" = None
) -> Iterator[Address]:
    """Run the sandbox inside this process; the address is valid until the block ends.

    A batch keeps its sandbox's state and port, because the tickets of its jobs name them; and its
    faults, so that a resumed batch meets the same world.
    Raises: BadInput when the port of an earlier run is taken by another program now.
    """
    with sandbox_server(project, state_dir, options={"faults": faults}) as server:
        yield sandbox_address(server)


def sandbox_address(server: "SandboxServer") -> Address:
    """Return where a started sandbox is, with its key."""
    urls = server.urls
    return Address(
        urls={
            "queue": urls.queue,
            "run": urls.run,
            "rest": urls.rest,
            "cdn": urls.cdn,
            "api": urls.api,
            "schema": urls.schema,
        },
        key=server.key,
        admin_key=server.admin_key,
    )
