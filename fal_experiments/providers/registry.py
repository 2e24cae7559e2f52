"""Which services there are: one literal dict, and packages that add more by entry point."""

from importlib import import_module
from importlib.metadata import entry_points

from fal_experiments.core.ports import Context, Service
from fal_experiments.errors import BadInput

BUILT_IN = {"fal": "fal_experiments.providers.fal.service"}
ENTRY_POINT_GROUP = "fal_experiments.providers"


def provider_names() -> list[str]:
    """Return the names that a preset's `provider` may have."""
    return sorted({*BUILT_IN, *(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))})


def connect(name: str, context: Context) -> Service:
    """Import one adapter, and only that one, and connect it.

    An adapter is a module with a function `connect(Context) -> Service`.
    Raises: BadInput for an unknown name.
    """
    if name in BUILT_IN:
        return _service(import_module(BUILT_IN[name]).connect(context), name)
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return _service(entry.load().connect(context), name)
    raise BadInput(
        f"there is no provider {name}", fix=f"providers are: {', '.join(provider_names())}"
    )


def _service(connected: object, name: str) -> Service:
    if not isinstance(connected, Service):
        raise BadInput(f"provider {name}: its connect() returned a {type(connected).__name__}")
    return connected
