"""More endpoints of the laboratory: files of every role, shots, rewriting, retirement."""

import io
import math
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.sandbox.catalogue import CataloguedEndpoint

REFERRER = "lab/studio/reference-to-video"
EDITOR = "lab/studio/video-to-video/edit"
SPEAKER = "lab/studio/audio-to-video"
TELLER = "lab/studio/text-to-video"
PAINTER = "lab/studio/text-to-image"
REROUTED = "lab/studio/lite/text-to-video"
DEAD = "lab/studio/gone/text-to-video"

IMAGE = {"type": "string", "format": "uri", "nullable": True}
LIMITED_IMAGE = IMAGE | {
    "x-fal": {
        "min_width": 32,
        "min_height": 32,
        "max_width": 400,
        "max_height": 400,
        "min_aspect_ratio": 0.4,
        "max_aspect_ratio": 2.5,
        "max_file_size": 20_000,
    }
}
LIMITED_VIDEO = IMAGE | {
    "x-fal": {"min_duration": 0.5, "max_duration": 2.05, "min_fps": 6, "max_fps": 30}
}
LIMITED_AUDIO = IMAGE | {"x-fal": {"max_duration": 2}}
_PRICE = {
    "unit": "second",
    "rules": [{"usd": "0.01"}],
    "source": "made up for tests",
    "as_of": "2026-11-20",
}
_VIDEO_OUT = {"video": {"type": "object", "properties": {"url": {}}, "required": ["url"]}}
_SHOT = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string"},
        "duration": {"type": "string", "enum": ["1", "2"], "default": "1"},
    },
    "required": ["prompt"],
}
_ELEMENT = {
    "type": "object",
    "properties": {
        "frontal_image_url": LIMITED_IMAGE,
        "reference_image_urls": {"type": "array", "items": LIMITED_IMAGE, "nullable": True},
        "video_url": LIMITED_VIDEO,
    },
}


def entry(
    endpoint: str, knobs: dict[str, Any], *, rules: tuple[Constraint, ...] = (), **preset: Any
) -> dict[str, CataloguedEndpoint]:
    """Return an endpoint of 64 lines and 8 frames a second, with `prompt` and `knobs`."""
    output = preset.pop("returns", {}) | (preset.pop("makes", None) or _VIDEO_OUT)
    fields: dict[str, Any] = {
        "id": endpoint.replace("/", "-"),
        "title": f"Test model {endpoint}",
        "provider": "fal",
        "endpoint": endpoint,
        "family": "kling",
        "task": "video-to-video",
        "controls": {"duration": {"fixed": 1}},
        "seed": {"support": "accepted", "knob": "seed"},
        "price": _PRICE,
    }
    fields |= preset
    fields["controls"] = {"fps": {"fixed": 8}, "resolution": {"fixed": "64p"}} | fields["controls"]
    properties = {
        "prompt": {"type": "string", "nullable": True},
        "seed": {"type": "integer", "nullable": True},
        **knobs,
    }
    schema = EndpointSchema(
        endpoint=endpoint,
        as_of="2026-11-20",
        source="made up for tests",
        input={"type": "object", "properties": properties, "required": []},
        output={"type": "object", "properties": output, "required": []},
        constraints=rules,
    )
    return {endpoint: CataloguedEndpoint(Preset.model_validate(fields), schema)}


def _switch(*, default: bool) -> dict[str, Any]:
    return {"type": "boolean", "default": default}


STUDIO: dict[str, CataloguedEndpoint] = {
    **entry(
        REFERRER,
        {
            "image_urls": {"type": "array", "items": LIMITED_IMAGE, "nullable": True},
            "elements": {"type": "array", "items": _ELEMENT, "nullable": True},
        },
        rules=(Constraint(rule="max_items", field="image_urls", max=3),),
        inputs={
            "references": "image_urls",
            "elements": {
                "knob": "elements",
                "image": "frontal_image_url",
                "references": "reference_image_urls",
                "video": "video_url",
            },
        },
    ),
    **entry(
        EDITOR,
        {
            "video_url": LIMITED_VIDEO,
            "keep_audio": _switch(default=True),
            "image_urls": {"type": "array", "items": IMAGE},
        },
        inputs={"video": "video_url", "references": "image_urls"},
        controls={
            "duration": {"follows": "video"},
            "aspect_ratio": {"follows": "video"},
            "resolution": {"follows": "video"},
            "fps": {"follows": "video"},
            "audio": {"knob": "keep_audio", "choices": [True, False]},
        },
        price=_PRICE | {"seconds": "both"},
    ),
    **entry(
        SPEAKER,
        {"audio_url": LIMITED_AUDIO},
        inputs={"audio": "audio_url"},
        controls={"duration": {"unstated": "as long as the sound"}},
    ),
    **entry(
        TELLER,
        {
            "multi_prompt": {"type": "array", "items": _SHOT, "nullable": True},
            "expand_prompt": _switch(default=True),
        },
        rules=(
            Constraint(rule="exactly_one_of", fields=("prompt", "multi_prompt")),
            Constraint(rule="sum_max", field="multi_prompt[].duration", max=4),
        ),
        inputs={"shots": {"knob": "multi_prompt", "text": "prompt", "duration": "duration"}},
        controls={
            "duration": {"fixed": 1},
            "prompt_enhancement": {"knob": "expand_prompt", "choices": [True, False]},
        },
        returns={"actual_prompt": {"type": "string"}},
    ),
    **entry(
        PAINTER,
        {
            "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
            "image_size": {
                "anyOf": [
                    {"type": "string", "enum": ["square", "landscape_16_9", "portrait_4_3"]},
                    {
                        "type": "object",
                        "properties": {
                            "width": {"type": "integer", "maximum": 4096},
                            "height": {"type": "integer", "maximum": 4096},
                        },
                        "required": ["width", "height"],
                    },
                ],
                "default": "square",
            },
        },
        task="text-to-image",
        output={"kind": "image", "path": "images.0.url"},
        price=_PRICE | {"unit": "image", "rules": [{"usd": "0.04"}], "request_usd": "0.001"},
        makes={"images": {"type": "array", "items": {"type": "object", "properties": {"url": {}}}}},
    ),
    **entry(
        REROUTED,
        {"image_url": IMAGE},
        status="retired",
        status_note="requests are re-routed to the studio's teller since 2026",
        successor="lab-studio-text-to-video",
    ),
    **entry(
        DEAD,
        {},
        status="retired",
        status_note="the vendor closed it",
        successor="lab-studio-text-to-video",
    ),
}


def film(
    seconds: float = 1.0,
    *,
    fps: int = 10,
    size_px: tuple[int, int] = (160, 96),
    sound: bool = False,
    container: str = "mp4",
) -> bytes:
    """Return a clip in which a bright bar wanders over dark ground."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        video = file.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        video.width, video.height = size_px
        video.pix_fmt = "yuv420p"
        audio = file.add_stream("aac", rate=48_000, layout="mono") if sound else None
        count = round(seconds * fps)
        for index in range(count):
            picture = np.full((size_px[1], size_px[0], 3), 30, np.uint8)
            picture[:, index * size_px[0] // count :][:, :16] = 220
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode(None))
        if audio is not None:
            for frame in _sound_frames(seconds):
                file.mux(audio.encode(frame))
            file.mux(audio.encode(None))
    return buffer.getvalue()


def tone(seconds: float = 1.0) -> bytes:
    """Return a WAV file."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="wav") as file:
        audio = file.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for frame in _sound_frames(seconds):
            frame.pts = None
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))
    return buffer.getvalue()


def _sound_frames(seconds: float) -> Iterator[av.AudioFrame]:
    count = round(seconds * 48_000)
    wave = (8000 * np.sin(2 * math.pi * 220 * np.arange(count) / 48_000)).astype(np.int16)
    for start in range(0, count, 1024):
        frame = av.AudioFrame.from_ndarray(wave[start : start + 1024].reshape(1, -1), "s16", "mono")
        frame.sample_rate = 48_000
        frame.pts = start
        yield frame
