"""How a sandbox is set up, and the addresses that it answers on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fal_experiments.errors import BadInput
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.faults import FaultScript


@dataclass(frozen=True)
class SandboxConfig:
    """Settings of one sandbox. Opening the same `state_dir` again goes on where it ended.

    Raises: BadInput for a number that makes no sense.
    """

    state_dir: Path
    """Holds the database, uploaded files and finished clips."""
    catalogue: Mapping[str, CataloguedEndpoint]
    """By endpoint id."""
    port: int = 0
    """0: the port that this state was last served on, so that its URLs live on, or any free one."""
    key: str = "sandbox:local"
    """The key that clients must send."""
    concurrency: int = 4
    """Jobs in progress at once, over all endpoints."""
    time_scale: float = 0.02
    """Simulated queue and service seconds are multiplied by this; 0 is as fast as possible."""
    render_workers: int = 2
    """Processes that draw clips."""
    admin_key: str = "sandbox:admin"
    """The key that the admin routes of the platform API want; it opens everything else too."""
    max_upload_bytes: int = 200 * 2**20
    faults: FaultScript | None = None
    """What goes wrong. It is kept with the state; None goes on with the script that is there."""

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, is_right in (
                ("port", 0 <= self.port <= 65535),
                ("concurrency", self.concurrency >= 1),
                ("render_workers", self.render_workers >= 1),
                ("time_scale", 0 <= self.time_scale < float("inf")),
                ("max_upload_bytes", self.max_upload_bytes >= 1),
            )
            if not is_right
        ]
        if wrong:
            values = ", ".join(f"{name}={getattr(self, name)}" for name in wrong)
            raise BadInput(f"sandbox: {values}", fix="a positive number; 0 is good for port only")


@dataclass(frozen=True)
class SandboxUrls:
    """Where each of fal's services is answered: one port, one path prefix a service."""

    queue: str
    run: str
    rest: str
    cdn: str
    api: str
    schema: str

    @classmethod
    def below(cls, base_url: str) -> "SandboxUrls":
        """Return the addresses below `http://127.0.0.1:PORT`."""
        return cls(
            queue=f"{base_url}/queue",
            run=f"{base_url}/run",
            rest=f"{base_url}/rest",
            cdn=f"{base_url}/cdn",
            api=f"{base_url}/api/v1",
            schema=f"{base_url}/schema",
        )
