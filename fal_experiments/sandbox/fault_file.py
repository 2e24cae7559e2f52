"""The fault script of a state folder, kept there for the next server that opens it."""

from pathlib import Path

from fal_experiments.errors import StorageFailed
from fal_experiments.sandbox.faults import NO_FAULTS, FaultScript, read_faults

NAME = "faults.yaml"


def kept_script(state_dir: Path, given: FaultScript | None) -> FaultScript:
    """Keep the script that is given; without one, return the script that the folder has.

    Raises: BadInput for a kept script that somebody has damaged, StorageFailed.
    """
    path = state_dir / NAME
    try:
        if given is not None:
            part = path.with_suffix(".part")
            part.write_text(given.text, "utf-8")
            part.replace(path)
            return given
        text = path.read_text("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise StorageFailed(
            f"the sandbox's fault script {path} cannot be kept or read: {error}",
            fix="remove it, or choose a folder that can be written to",
        ) from error
    return NO_FAULTS if text is None else read_faults(text, str(path))
