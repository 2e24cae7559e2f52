"""Weights on this machine: where they are looked for, whether they are there, what they hash to.

Nothing is ever downloaded: which weights judge the work of others is a person's decision.
"""

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path

from fal_experiments.core.metric_plugins import Missing

CHUNK_BYTES = 1 << 20


def missing_modules(*names: str, extra: str) -> Missing | None:
    """Tell which packages are not installed, without importing any."""
    absent = [name for name in names if find_spec(name) is None]
    if not absent:
        return None
    packages = " and ".join(absent)
    return Missing(
        f"{packages} {'is' if len(absent) == 1 else 'are'} not installed",
        f"pip install 'fal-experiments[{extra}]'",
    )


def hub_snapshot(model: str) -> Path | None:
    """Return the folder of a Hugging Face model: a path, or its newest snapshot in the cache.

    Source: Hugging Face Hub, “Manage your cache”: `models--org--name/snapshots/<revision>/`, and
    the variables HF_HUB_CACHE and HF_HOME.
    """
    given = Path(model).expanduser()
    if given.is_dir():
        return given
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    folder = cache / f"models--{model.replace('/', '--')}"
    main = folder / "refs" / "main"
    if main.is_file():
        snapshot = folder / "snapshots" / main.read_text().strip()
        return snapshot if snapshot.is_dir() else None
    snapshots = sorted(folder.glob("snapshots/*"))
    return snapshots[0] if len(snapshots) == 1 else None


def torch_checkpoint(path: str, usual_name: str) -> Path | None:
    """Return a file of weights: the path where one is given, else torch's own cache.

    Source: PyTorch, `torch.hub.get_dir`: `$TORCH_HOME/hub`, else `~/.cache/torch/hub`.
    """
    if path:
        given = Path(path).expanduser()
        return given if given.is_file() else None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "torch"
    home = Path(os.environ.get("TORCH_HOME") or cache).expanduser()
    usual = home / "hub" / usual_name
    return usual if usual.is_file() else None


def files_sha256(*paths: Path) -> str:
    """Return one hash over files, whatever they are called and wherever they lie."""
    whole = hashlib.sha256()
    for path in paths:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        whole.update(digest.digest())
    return whole.hexdigest()
