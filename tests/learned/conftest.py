"""Without the extras there is nothing to collect here, and the test run says so."""

from importlib.util import find_spec

MISSING = [name for name in ("torch", "transformers", "lpips", "pyiqa") if find_spec(name) is None]

collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> list[str]:
    """Say what is not run."""
    if not MISSING:
        return []
    return [f"tests/learned: not collected without {', '.join(MISSING)}; run `make test-learned`"]
