"""`fal-exp run` and `fal-exp resume`: from a plan or a batch folder to clips on disk."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fal_experiments.app import wiring
from fal_experiments.app.balance import check_balance
from fal_experiments.app.batch import (
    Batch,
    freeze,
    nothing_submitted,
    read_state,
    refuse_busy,
)
from fal_experiments.app.connection import (
    Services,
    address_of,
    are_sandboxes,
    check_same_world,
    connected,
    real_address,
)
from fal_experiments.app.execute import Result, Session, Watch, execute
from fal_experiments.app.planning import Planned
from fal_experiments.app.rivals import rivals_of, shared_cap_of
from fal_experiments.app.settings import Settings
from fal_experiments.core.plan import Plan
from fal_experiments.core.ports import Clock
from fal_experiments.core.request import Quote
from fal_experiments.errors import ServiceUnreachable, StorageFailed
from fal_experiments.storage.atomic import check_writable
from fal_experiments.storage.layout import BatchFolder, Tree, new_batch_folder


@dataclass(frozen=True)
class RunOptions:
    """Choices of one run."""

    sandbox: bool = False
    faults: Path | None = None
    """A script of what goes wrong in the sandbox."""
    concurrency: int | None = None
    max_nano_usd: int | None = None
    """A lower cap, for this run."""
    new_cap_nano_usd: int | None = None
    """Another cap from now on; on a resume only."""
    detached: bool = False
    """Submit, and leave the jobs to a later resume."""


@dataclass(frozen=True)
class Ran:
    """A batch and how its session ended."""

    batch: Batch
    result: Result


Confirm = Callable[[Plan], bool]
"""Asked once before money is spent; False stops the run with nothing written."""


def run(
    planned: Planned, settings: Settings, options: RunOptions, watch: Watch, confirm: Confirm
) -> Ran | None:
    """Run a plan as a new batch; None when the person said no.

    Raises: BadInput before anything was submitted (no key, refused key, unwritable folder);
    StorageFailed; ServiceUnreachable when the provider cannot be reached at all.
    """
    tree = planned.project.tree(sandbox=options.sandbox)
    _check_writable(planned, tree)
    script = wiring.read_fault_script(options.faults) if options.faults else None
    clock = wiring.system_clock()
    folder = None
    with ExitStack() as stack:
        if options.sandbox:
            folder = new_batch_folder(tree, planned.plan.slug, clock.now())
            state = folder.sandbox_state
            sandbox = wiring.embedded_sandbox(planned.project, state, faults=script)
            address = stack.enter_context(sandbox)
        else:
            address = real_address(settings)
        opening = _Opening(address, clock, options, watch)
        return asyncio.run(_run(planned, folder, opening, confirm))


def resume(batch: Batch, settings: Settings, options: RunOptions, watch: Watch) -> Ran:
    """Go on with a batch where its last process stopped. Needs nothing but its folder.

    Raises: as `run`.
    """
    refuse_busy(batch)
    clock = wiring.system_clock()
    with address_of(batch, settings) as address:
        opening = _Opening(address, clock, options, watch)
        return asyncio.run(_resume(batch, opening))


@dataclass(frozen=True)
class _Opening:
    address: wiring.Address
    clock: Clock
    options: RunOptions
    watch: Watch


async def _run(
    planned: Planned, folder: BatchFolder | None, opening: _Opening, confirm: Confirm
) -> Ran | None:
    async with connected(planned.plan, opening.address, opening.clock) as services:
        sandbox = await are_sandboxes(planned.plan, services)
        quotes = await _quotes(planned.plan, services, opening.watch)
        if (told := await check_balance(planned.plan, services)) and not sandbox:
            opening.watch.notice(told)
        if not sandbox and not confirm(planned.plan):
            return None
        # by what the service says: an address in the environment may be a sandbox too
        tree = planned.project.tree(sandbox=sandbox)
        if folder is None:
            folder = new_batch_folder(tree, planned.plan.slug, opening.clock.now())
        batch = freeze(planned, tree, folder)
        return await _work(batch, opening, services, quotes)


async def _resume(batch: Batch, opening: _Opening) -> Ran:
    async with connected(batch.plan, opening.address, opening.clock) as services:
        await check_same_world(batch, services)
        state, _ = read_state(batch)
        quotes = {} if state.quotes else await _quotes(batch.plan, services, opening.watch)
        return await _work(batch, opening, services, quotes)


async def _work(
    batch: Batch, opening: _Opening, services: Services, quotes: dict[str, Quote]
) -> Ran:
    with wiring.media_pool() as pool:
        session = Session(
            services=services,
            quotes=quotes,
            clock=opening.clock,
            check=pool.check,
            sandbox=batch.is_sandbox,
            concurrency=opening.options.concurrency,
            max_nano_usd=opening.options.max_nano_usd,
            new_cap_nano_usd=opening.options.new_cap_nano_usd,
            detached=opening.options.detached,
            rivals=partial(rivals_of, batch),
            shared_cap=shared_cap_of(batch, opening.clock),
        )
        return Ran(batch, await execute(batch, session, opening.watch))


async def _quotes(plan: Plan, services: Services, watch: Watch) -> dict[str, Quote]:
    """Ask for unit prices. Without them a run goes on, and its metered costs stay unknown."""
    quotes: dict[str, Quote] = {}
    for name, service in services.items():
        endpoints = sorted({cell.endpoint for cell in plan.cells if cell.provider == name})
        if service.prices is None:
            continue
        try:
            quotes |= await service.prices.quotes(endpoints)
        except ServiceUnreachable as exc:
            watch.notice(f"unit prices could not be read, metered costs stay unknown: {exc}")
    return quotes


def _check_writable(planned: Planned, tree: Tree) -> None:
    """Find out before anything is paid for, not when the first clip arrives."""
    folders = [tree.batches]
    if planned.plan.spec.media_dir is not None:
        folders.append(planned.project.root / planned.plan.spec.media_dir)
    for folder in folders:
        try:
            check_writable(folder)
        except StorageFailed as exc:
            raise nothing_submitted(exc) from exc
