"""A judge's words → an answer, or why they are none. Nothing in them is ever obeyed. Pure."""

import re
from typing import Any, Literal, NamedTuple, TypeGuard, get_args

from fal_experiments.core.foreign import json_of, plain_text
from fal_experiments.core.judging import Side

MOST_REASON_CHARS = 500
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL)
_FIELDS = {"winner", "reason"}


class Usage(NamedTuple):
    """What the endpoint says a call used, in tokens."""

    input_tokens: int
    output_tokens: int


class Said(NamedTuple):
    """An answer that is one."""

    answer: Side
    reason: str


class Reply(NamedTuple):
    """What became of one call.

    `refused`: the endpoint said no and did no work. `lost`: no answer came, or a broken one; the
    work may have been done and billed.
    """

    state: Literal["answered", "refused", "lost"]
    text: str = ""
    usage: Usage | None = None
    http_status: int | None = None
    why: str = ""
    can_help_again: bool = False
    retry_after_s: float | None = None


def read_answer(text: str) -> Said | str:
    """Return the answer in a judge's words, or what is wrong with them.

    Taken is one JSON object with exactly `winner` (A, B or tie) and `reason` (text), bare or in
    one fence; anything around it, before or after, makes it no answer: half-followed orders may be
    somebody else's.
    """
    stripped = text.strip()
    fenced = _FENCED.fullmatch(stripped)
    body = json_of(fenced[1] if fenced else stripped)
    if not isinstance(body, dict):
        return f"no JSON object: “{plain_text(text, 80)}”"
    if set(body) != _FIELDS:
        fields = ", ".join(plain_text(name, 40) for name in sorted(map(str, body))[:8])
        return f"expected the fields winner and reason, found {fields or 'none'}"
    winner, reason = body["winner"], body["reason"]
    if not isinstance(winner, str) or winner not in get_args(Side):
        return f"winner is “{plain_text(str(winner), 40)}”, expected A, B or tie"
    if not isinstance(reason, str):
        return "reason is not text"
    sides: dict[str, Side] = {"A": "A", "B": "B", "tie": "tie"}
    return Said(sides[winner], plain_text(reason, MOST_REASON_CHARS))


def completion_text(body: Any) -> str:
    """Return the text of a chat completion; empty where there is none.

    Source: the OpenAI API reference, “Create chat completion”: `choices[0].message.content` is
    text, on some servers a list of parts with text.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def completion_usage(body: Any) -> Usage | None:
    """Return the tokens that a chat completion used; None where it does not say."""
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not _is_count(prompt) or not _is_count(completion):
        return None
    return Usage(prompt, completion)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
