"""Is there enough credit? Asked before a run where the key may ask; else nothing is said of it."""

from fal_experiments.app.connection import Services
from fal_experiments.core.budget import cap_of, within_cell_limit
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.errors import BadInput, ServiceUnreachable, UsageRefused


async def check_balance(plan: Plan, services: Services) -> str | None:
    """Return what is to be said of the accounts' credit, None where nothing is known of it.

    An account that runs dry is locked, and then refuses even what is paid for.
    Raises: BadInput when there is less than what is expected to be spent.
    """
    for name, service in services.items():
        if service.usage is None:
            continue
        try:
            balance = await service.usage.balance()
        except (UsageRefused, ServiceUnreachable):
            continue  # the right to ask is rare, and a run does not hang on it
        left, cap = balance.nano_usd, cap_of(plan)
        estimate = within_cell_limit(plan).estimate
        expected, worst = min(cap, estimate.expected), min(cap, estimate.high)
        if left < expected:
            raise BadInput(
                f"the {name} account has {format_usd(left)} left, and {format_usd(expected)} are "
                "expected to be spent; nothing was submitted",
                fix="top the account up, or lower budget.max_usd",
            )
        if left < worst:
            return f"{name}: {format_usd(left)} left, less than the {format_usd(worst)} at most"
        return f"{name}: {format_usd(left)} left on the account"
    return None
