"""What a matrix lists: prompts with their shots, and the files that cells start from."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from fal_experiments.core.model import Record, Slug, Text, WrongValue

_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(?:s|sec|seconds?)?")

Task = Literal[
    "image-to-video",
    "text-to-video",
    "reference-to-video",
    "video-to-video",
    "text-to-image",
    "image-to-image",
]


def _no_text(value: Any, info: ValidationInfo) -> Any:
    """Refuse "5" for 5 in what people write; in the tool's own JSON a decimal is text."""
    if isinstance(value, str) and info.mode == "python":
        number = _SECONDS.fullmatch(value.strip())
        raise WrongValue(
            f'expected a number of seconds, such as 5, found the text "{value}"',
            fix=f"write {number[1]}" if number else "",
        )
    return value


Seconds = Annotated[Decimal, BeforeValidator(_no_text), Field(gt=0, le=3600)]


class Shot(Record):
    """One shot of several in a single clip, for models that take a list of them."""

    text: Text
    duration: Seconds


class PromptEntry(Record):
    """A prompt written here, or a file of the prompt library."""

    id: Slug | None = None
    text: Text | None = None
    file: Text | None = None
    task: Task | None = None
    """Which presets it goes to; the matrix's task where it is not said."""
    dialects: dict[Slug, Text] = {}
    """The same direction in a model family's own idiom, keyed by preset id or family."""
    shots: tuple[Shot, ...] = ()
    """For models that take several shots at once. `text` is what the others get."""
    tags: tuple[Slug, ...] = ()
    inputs: tuple[Slug, ...] | None = None
    """Which inputs it is paired with; all of them where it is not said."""

    @model_validator(mode="after")
    def _text_or_file(self) -> "PromptEntry":
        if self.file is not None:
            if self.text or self.dialects or self.task or self.shots or self.tags:
                raise ValueError(
                    "a prompt has either text or file; task, tags, dialects and shots of a "
                    "prompt file stand in its own front matter"
                )
        elif self.text is None and not self.shots:
            raise ValueError("a prompt has text, shots or a file")
        elif self.id is None:
            raise ValueError("a prompt that is written here needs an id")
        return self


class Element(Record):
    """A character or object that is to stay the same: its front view, other views, a video."""

    image: Text | None = None
    references: tuple[Text, ...] = ()
    video: Text | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "Element":
        if self.image is None and self.video is None:
            raise ValueError("an element has an image or a video")
        return self


class InputEntry(Record):
    """What a cell starts from. Each file is a path from the project root, or an http(s) URL."""

    id: Slug
    image: Text | None = None
    """The first frame, or the picture that is edited."""
    last_frame: Text | None = None
    references: tuple[Text, ...] = ()
    elements: tuple[Element, ...] = ()
    video: Text | None = None
    audio: Text | None = None

    def files(self) -> dict[str, str]:
        """Return where each file is, by its role (core/inputs.py)."""
        found = {
            role: where
            for role in ("image", "last_frame", "video", "audio")
            if (where := getattr(self, role)) is not None
        }
        found |= {f"references.{i}": where for i, where in enumerate(self.references)}
        for i, element in enumerate(self.elements):
            for part in ("image", "video"):
                if (where := getattr(element, part)) is not None:
                    found[f"elements.{i}.{part}"] = where
            found |= {f"elements.{i}.references.{k}": w for k, w in enumerate(element.references)}
        return found

    @model_validator(mode="after")
    def _gives_something(self) -> "InputEntry":
        if not self.files():
            raise ValueError(
                "an input gives image, last_frame, references, elements, video or audio"
            )
        return self
