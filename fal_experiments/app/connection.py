"""The services that a batch talks to: where they are, connected, with a key that they take."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.settings import Settings
from fal_experiments.core.plan import Plan
from fal_experiments.core.ports import Clock, QueueWishes, Service
from fal_experiments.errors import BadInput

Services = Mapping[str, Service]


@contextmanager
def address_of(batch: Batch, settings: Settings) -> Iterator[wiring.Address]:
    """Where the services of a batch are: its own sandbox, started for as long, or the real ones.

    Raises: BadInput without a key, or when the sandbox is in use.
    """
    if batch.folder.sandbox_state.is_dir():
        with wiring.embedded_sandbox(batch.project, batch.folder.sandbox_state) as address:
            yield address
        return
    try:
        address = real_address(settings)
    except BadInput as exc:
        if not batch.is_sandbox:
            raise
        raise BadInput(
            f"{batch.name} ran on a sandbox at an address of its own, and {exc.message}",
            fix="start that sandbox again and set its key and addresses, or name another batch",
        ) from exc
    yield address


def real_address(settings: Settings) -> wiring.Address:
    """Return where the real services are. Raises: BadInput without a key."""
    admin = settings.admin_key
    return wiring.Address(
        settings.urls, settings.require_key().value, admin.value if admin else None
    )


@asynccontextmanager
async def connected(plan: Plan, address: wiring.Address, clock: Clock) -> AsyncIterator[Services]:
    """Connect every service of a plan, and close the connections afterwards."""
    wishes = QueueWishes(
        strict=plan.spec.strict,
        platform_retries=plan.spec.platform_retries,
        start_timeout_s=plan.spec.start_timeout_s,
    )
    async with AsyncExitStack() as stack:
        services = {}
        for name in sorted({cell.provider for cell in plan.cells}):
            service = wiring.connect(name, address, clock, wishes)
            stack.push_async_callback(service.provider.aclose)
            if service.usage is not None:
                stack.push_async_callback(service.usage.aclose)
            services[name] = service
        yield services


async def are_sandboxes(plan: Plan, services: Services) -> bool:
    """Ask each service whether it takes the key; tells whether it is a sandbox.

    Raises: BadInput for a refused key, ServiceUnreachable.
    """
    answers = []
    for name, service in services.items():
        endpoint = next(cell.endpoint for cell in plan.cells if cell.provider == name)
        answers.append((await service.check_key(endpoint)).sandbox)
    if len(set(answers)) > 1:
        raise BadInput("some services are sandboxes and some are not", fix="do not mix them")
    return answers[0]


async def check_same_world(batch: Batch, services: Services) -> None:
    """Refuse a real service for a sandbox batch, and the other way round. Raises: BadInput."""
    if await are_sandboxes(batch.plan, services) != batch.is_sandbox:
        raise BadInput(
            f"{batch.name} is a {'sandbox' if batch.is_sandbox else 'real'} batch, and the "
            "service at hand is not",
            fix="point FAL_EXP_QUEUE_URL and the others at the service that ran it",
        )
