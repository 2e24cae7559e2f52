"""Libraries of models are loaded where a model runs, and nowhere else."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "fal_experiments"
MODELS = {"torch", "torchvision", "transformers", "lpips", "pyiqa"}
BUILT_IN = ("clip_score", "lpips", "musiq")


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_only_the_learned_metrics_import_libraries_of_models() -> None:
    learned = PACKAGE / "media" / "learned"
    found = {
        path
        for path in PACKAGE.rglob("*.py")
        if MODELS & set(_imports(ast.parse(path.read_text())))
    }

    assert found
    assert all(path.is_relative_to(learned) for path in found)


def test_no_module_loads_them_before_a_model_is_asked_for() -> None:
    names = [f"fal_experiments.media.learned.{name}" for name in (*BUILT_IN, "host", "bench")]
    code = f"import sys, {', '.join(names)}\nprint(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert MODELS.isdisjoint(done.stdout.split())
