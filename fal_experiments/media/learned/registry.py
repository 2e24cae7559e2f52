"""Which metrics there are: one literal dict, and packages that add more by entry point."""

from importlib.metadata import EntryPoint, entry_points

from fal_experiments.core.metric_plugins import ENTRY_POINT_GROUP, PluginRef

BUILT_IN = {
    "clip_score": "fal_experiments.media.learned.clip_score:ClipScore",
    "lpips": "fal_experiments.media.learned.lpips:Lpips",
    "musiq": "fal_experiments.media.learned.musiq:Musiq",
}
OWN_PACKAGE = "fal-exp"


def found_plugins() -> list[PluginRef]:
    """Return every metric by name, without running any code of theirs.

    A built-in name cannot be taken by another package: it stays what the docs say it is.
    """
    own = [PluginRef(name, target, OWN_PACKAGE) for name, target in BUILT_IN.items()]
    more = [
        PluginRef(entry.name, entry.value, _package(entry))
        for entry in entry_points(group=ENTRY_POINT_GROUP)
        if entry.name not in BUILT_IN
    ]
    return [*own, *sorted(set(more))]


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown package"
