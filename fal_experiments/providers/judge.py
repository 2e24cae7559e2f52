"""A judge behind an OpenAI-compatible chat endpoint: pictures and a rubric in, words out.

Each `ask` is exactly one POST. Whether to ask again is decided by who pays.
"""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fal_experiments.core.foreign import json_of, plain_text
from fal_experiments.core.judge_answer import Reply, completion_text, completion_usage
from fal_experiments.core.judge_question import Picture, Question
from fal_experiments.core.judging import Judge, Rubric
from fal_experiments.core.ports import Clock
from fal_experiments.errors import Answer, SubmitNotSent, SubmitUnknown
from fal_experiments.providers.http import Limits, Wire, redactor, retry_after_header_s

RUBRICS = Path(__file__).with_name("rubrics")
BUILT_IN_RUBRIC = "v1"
PATIENT = Limits(answer_s=180)
"""A judge that thinks, thinks for minutes."""
BUSY = {408, 409, 425, 429}
"""Refusals that another moment may not meet; the others mean the same every time."""


def built_in_rubric() -> Rubric:
    """Return the rubric that comes with the program."""
    text = (RUBRICS / f"{BUILT_IN_RUBRIC}.md").read_text(encoding="utf-8")
    return Rubric.of(BUILT_IN_RUBRIC, text)


class JudgeEndpoint:
    """A chat endpoint and the judge that it is to be. The key goes to this origin only."""

    def __init__(
        self, url: str, key: str, judge: Judge, clock: Clock, *, limits: Limits = PATIENT
    ) -> None:
        self._url = f"{url}/chat/completions"
        self._judge = judge
        self._wire = Wire(
            authorization=f"Bearer {key}" if key else "",
            origins=[url],
            redact=redactor([key]),
            clock=clock,
            limits=limits,
        )

    @property
    def host(self) -> str:
        """Where it is, for the ledger."""
        return urlsplit(self._url).hostname or ""

    async def ask(self, question: Question) -> Reply:
        """Ask once. Never raises for what the endpoint does or says."""
        try:
            answer = await self._wire.post_once(self._url, self._body(question), {})
        except SubmitNotSent as exc:
            return Reply("refused", why=exc.message, can_help_again=True)
        except SubmitUnknown:
            return Reply("lost", why="no answer came in time, or it broke off")
        return _reply(answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def _body(self, question: Question) -> dict[str, Any]:
        return {
            "model": self._judge.model,
            "messages": messages(self._judge.rubric, question),
            **self._judge.settings,
        }


def messages(rubric: Rubric, question: Question) -> list[dict[str, Any]]:
    """Return the conversation: the rubric as the system's, the material as the user's.

    The prompt stands in it as a JSON string, so that no line of it can pass for one of ours.
    """
    parts: list[dict[str, Any]] = [
        _text(f"The request, as a JSON string: {json.dumps(question.prompt, ensure_ascii=False)}")
    ]
    if question.image is not None:
        parts += [_text("The picture that both models were given:"), _image(question.image)]
    for name, picture in (("A", question.first), ("B", question.second)):
        parts += [_text(f"Clip {name}, as a contact sheet:"), _image(picture)]
    parts.append(_text("Which clip is better? Answer with the one JSON object only."))
    return [{"role": "system", "content": rubric.text}, {"role": "user", "content": parts}]


def _reply(answer: Answer) -> Reply:
    status = answer.http_status
    if status != 200:
        said = plain_text(_message(answer.text), 200)
        why = f"HTTP {status}" + (f": {said}" if said else "")
        return Reply(
            state="lost" if status >= 500 else "refused",
            http_status=status,
            why=why,
            can_help_again=status in BUSY or status >= 500,
            retry_after_s=retry_after_header_s(answer.headers),
        )
    body = json_of(answer.text)
    text, usage = completion_text(body), completion_usage(body)
    return Reply("answered", text, usage, status)


def _message(text: str) -> str:
    """Return the endpoint's own words of an error, wherever it keeps them."""
    body = json_of(text)
    error = body.get("error", body) if isinstance(body, dict) else None
    message = error.get("message", "") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _image(picture: Picture) -> dict[str, Any]:
    url = f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}
