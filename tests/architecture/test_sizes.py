"""Modules stay one sentence long enough to be read, functions short, names meaningful."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "fal_experiments").rglob("*.py"))
HARD_STOP_LINES = 350
FUNCTION_LINES = 40
MAX_PARAMETERS = 6
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "misc", "util"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_short_has_a_sentence_and_a_name_that_says_something(path: Path) -> None:
    tree = ast.parse(path.read_text())

    assert len(path.read_text().splitlines()) <= HARD_STOP_LINES
    assert ast.get_docstring(tree), "a module opens with the sentence that it is"
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_fit_on_a_screen_and_booleans_are_named(path: Path) -> None:
    problems = [p for f in _functions(path) for p in _problems(f)]

    assert problems == []


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _problems(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    body_begins = function.body[0].lineno
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        body_begins = (first.end_lineno or first.lineno) + 1
    lines = (function.end_lineno or 0) - body_begins + 1
    if lines > FUNCTION_LINES:
        yield f"{function.name}: {lines} lines"
    is_command = any("option" in ast.unparse(d) for d in function.decorator_list)
    arguments = [a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg != "self"]
    if len(arguments) > MAX_PARAMETERS and not is_command:
        yield f"{function.name}: {len(arguments)} parameters"
    for argument in function.args.args:
        if argument.annotation is not None and ast.unparse(argument.annotation) == "bool":
            yield f"{function.name}: {argument.arg} is a positional bool"
