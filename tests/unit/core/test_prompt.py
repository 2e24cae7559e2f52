"""Prompt files: front matter, text, dialects; each mistake names its line."""

import pytest

from fal_experiments.core.prompt import Worded, prompt_from_markdown
from fal_experiments.errors import BadInput
from tests.unit.core.materials import preset


def test_front_matter_and_text_make_a_prompt() -> None:
    text = "---\nid: idle\ntags: [sprite]\ndialects:\n  kling: Static.\n---\nHe breathes.\n"

    prompt = prompt_from_markdown(text, "prompts/x.md")

    assert (prompt.id, prompt.text, prompt.tags) == ("idle", "He breathes.", ("sprite",))
    assert prompt.for_preset(preset("k", family="kling")) == Worded("Static.", "kling")
    assert prompt.for_preset(preset("other")) == Worded("He breathes.", None)


def test_a_file_without_front_matter_is_all_text_and_named_by_the_file() -> None:
    prompt = prompt_from_markdown("Just words, with --- in them.", "prompts/words.md")

    assert (prompt.id, prompt.text) == ("words", "Just words, with --- in them.")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    prompt = prompt_from_markdown("\ufeff---\r\nid: a\r\n---\r\nText\r\n", "a.md")

    assert (prompt.id, prompt.text) == ("a", "Text")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nid: a\ntag: [b]\n---\nText", "a.md:3: tag: there is no such field; did you mean"),
        ("---\nid: A b\n---\nText", "a.md:2: id: 'A b' is not an id"),
        ("---\nid: a\nText", "a.md:1: the front matter has no end"),
        ("---\nid: a\n---\n  \n", "a.md: there is no prompt text"),
    ],
)
def test_a_mistake_names_file_and_line(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        prompt_from_markdown(text, "a.md")

    assert caught.value.message.startswith(message)
