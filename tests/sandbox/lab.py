"""A laboratory for the sandbox: endpoints whose clips take milliseconds to draw, and a client."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import httpx
from PIL import Image, ImageDraw

from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.sandbox.faults import FaultScript, read_faults
from fal_experiments.sandbox.server import CataloguedEndpoint, SandboxConfig, SandboxServer

MOVER = "lab/tiny/image-to-video"
TELLER = "lab/tiny/text-to-video"
PAINTER = "lab/paint"
UNPRICED = "lab/unpriced/text-to-video"
KEY = {"Authorization": "Key sandbox:local"}
ADMIN = {"Authorization": "Key sandbox:admin"}

_URL = {"type": "string", "format": "uri"}
_KNOBS: dict[str, Any] = {
    "prompt": {"type": "string", "maxLength": 500},
    "duration": {"type": "string", "enum": ["1", "2", "auto"], "default": "1"},
    "resolution": {"type": "string", "enum": ["72p", "144p"], "default": "72p"},
    "aspect_ratio": {"type": "string", "enum": ["auto", "16:9", "1:1", "9:16"], "default": "auto"},
    "generate_audio": {"type": "boolean", "default": False},
    "seed": {"type": "integer", "nullable": True, "minimum": 0},
    "num_frames": {"type": "integer", "minimum": 2, "maximum": 60, "nullable": True},
    "cfg_scale": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
}
_IMAGE_KNOBS = {
    "image_url": {**_URL, "x-fal": {"min_width": 32, "min_height": 32}},
    "end_image_url": {**_URL, "nullable": True},
}
_DURATION = {
    "knob": "duration",
    "choices": [{"send": "1", "means": 1}, {"send": "2", "means": 2}],
}
_PRICE = {
    "unit": "second",
    "rules": [
        {"when": {"resolution": "144p"}, "usd": "0.03"},
        {"when": {"resolution": "72p"}, "usd": "0.01"},
    ],
    "source": "made up for tests",
    "as_of": "2026-11-20",
}


def _file(*more: str) -> dict[str, Any]:
    names = ("url", "content_type", "file_name", "file_size", *more)
    return {"type": "object", "properties": {name: {} for name in names}, "required": ["url"]}


def _preset(endpoint: str, **more: Any) -> Preset:
    fields: dict[str, Any] = {
        "id": endpoint.replace("/", "-"),
        "title": f"Test model {endpoint}",
        "provider": "fal",
        "endpoint": endpoint,
        "family": "kling",
        "task": "text-to-video",
        "controls": {"duration": _DURATION, "fps": {"fixed": 8}},
        "seed": {"support": "accepted", "knob": "seed"},
        "price": _PRICE,
    }
    return Preset.model_validate(fields | more)


def _schema(
    endpoint: str, knobs: dict[str, Any], required: list[str], output: dict[str, Any]
) -> EndpointSchema:
    return EndpointSchema.model_validate(
        {
            "endpoint": endpoint,
            "as_of": "2026-11-20",
            "source": "made up for tests",
            "input": {"type": "object", "properties": knobs, "required": required},
            "output": {"type": "object", "properties": output, "required": list(output)},
        }
    )


def _entry(preset: Preset, schema: EndpointSchema) -> dict[str, CataloguedEndpoint]:
    return {preset.endpoint: CataloguedEndpoint(preset, schema)}


CATALOGUE: dict[str, CataloguedEndpoint] = {
    **_entry(
        _preset(
            MOVER,
            task="image-to-video",
            inputs={"image": "image_url", "last_frame": "end_image_url"},
        ),
        _schema(
            MOVER,
            _KNOBS | _IMAGE_KNOBS,
            ["prompt", "image_url"],
            {"video": _file(), "seed": {"type": "integer"}},
        ),
    ),
    **_entry(
        _preset(TELLER, seed={"support": "none"}),
        _schema(
            TELLER,
            {knob: value for knob, value in _KNOBS.items() if knob != "seed"},
            ["prompt"],
            {"video": _file()},
        ),
    ),
    **_entry(
        _preset(
            PAINTER,
            task="text-to-image",
            output={"kind": "image", "path": "images.0.url"},
            price=_PRICE | {"unit": "image", "rules": [{"usd": "0.04"}]},
        ),
        _schema(
            PAINTER,
            _KNOBS,
            ["prompt"],
            {"images": {"type": "array", "items": _file("width", "height")}, "prompt": {}},
        ),
    ),
    **_entry(
        _preset(UNPRICED, price=None, seed={"support": "none"}),
        _schema(UNPRICED, _KNOBS, ["prompt"], {"video": _file()}),
    ),
}


def without_schemas() -> dict[str, CataloguedEndpoint]:
    """Return the same endpoints, taking any argument."""
    return {name: replace(entry, schema=None) for name, entry in CATALOGUE.items()}


def config(state_dir: Path, **more: Any) -> SandboxConfig:
    """Return a set-up that draws as fast as it can, with one worker."""
    fields: dict[str, Any] = {"time_scale": 0, "render_workers": 1, "catalogue": CATALOGUE}
    return SandboxConfig(state_dir=state_dir, **(fields | more))


def script(*faults: dict[str, Any], seed: int = 7) -> FaultScript:
    """Return a fault script."""
    return read_faults(json.dumps({"seed": seed, "faults": faults}), "faults.yaml")


@contextmanager
def troubled(state_dir: Path, *faults: dict[str, Any], **more: Any) -> Iterator["Lab"]:
    """Open a sandbox with a fault script; without faults it goes on with the one that it has."""
    given = {"faults": script(*faults)} if faults else {}
    with SandboxServer(config(state_dir, **(given | more))) as server:
        lab = Lab(server)
        yield lab
        lab.close()


def picture(width_px: int = 96, height_px: int = 54, *, kind: str = "PNG") -> bytes:
    """Return a picture with something in its middle."""
    image = Image.new("RGB", (width_px, height_px), (210, 214, 220))
    draw = ImageDraw.Draw(image)
    box = (width_px * 0.35, height_px * 0.2, width_px * 0.65, height_px * 0.9)
    draw.ellipse(box, fill=(160, 40, 50))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@dataclass(frozen=True)
class Clip:
    """What a file holds."""

    width_px: int
    height_px: int
    fps: float
    frames: int
    duration_s: float
    codecs: tuple[str, ...]


def read_clip(data: bytes) -> Clip:
    """Return what a video's bytes hold, by decoding all of it."""
    with av.open(io.BytesIO(data), "r") as container:
        video = container.streams.video[0]
        frames = len(list(container.decode(video)))
        return Clip(
            video.width,
            video.height,
            float(video.average_rate or 0),
            frames,
            float((container.duration or 0) / av.time_base),
            tuple(stream.codec_context.name for stream in container.streams),
        )


class Lab:
    """A client of one sandbox."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.urls = server.urls
        self.http = httpx.Client(headers=KEY, timeout=60)

    def post(self, endpoint: str, body: Any, **headers: str) -> httpx.Response:
        """Submit, and return whatever comes back. Header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(f"{self.urls.queue}/{endpoint}", json=body, headers=named)

    def submit(self, endpoint: str, body: Any, **headers: str) -> dict[str, Any]:
        """Submit and return the ticket."""
        ticket: dict[str, Any] = self.post(endpoint, body, **headers).raise_for_status().json()
        return ticket

    def get(self, url: str, **params: Any) -> httpx.Response:
        """GET with the key."""
        return self.http.get(url, params=params or None)

    def wait(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Return the last status of a job; the server tells when it is done."""
        self.get(f"{ticket['status_url']}/stream")
        status: dict[str, Any] = self.get(ticket["status_url"], logs=1).json()
        return status

    def result(self, ticket: dict[str, Any]) -> httpx.Response:
        """Wait for a job, and return the answer of its result."""
        self.wait(ticket)
        return self.get(ticket["response_url"])

    def make(self, endpoint: str, **arguments: Any) -> httpx.Response:
        """Submit, wait, and return the result."""
        return self.result(self.submit(endpoint, arguments))

    def upload(self, data: bytes, name: str = "plate.png", kind: str = "image/png") -> str:
        """Upload a file and return its URL."""
        token = self.http.post(f"{self.urls.rest}/storage/auth/token", json={}).json()
        answer = httpx.post(
            f"{self.urls.cdn}/files/upload",
            content=data,
            headers={
                "Authorization": f"Bearer {token['token']}",
                "Content-Type": kind,
                "X-Fal-File-Name": name,
            },
        )
        url: str = answer.raise_for_status().json()["access_url"]
        return url

    def api(self, path: str, key: dict[str, str] = ADMIN, **params: Any) -> httpx.Response:
        """GET from the platform API."""
        return httpx.get(f"{self.urls.api}{path}", params=params, headers=key)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
