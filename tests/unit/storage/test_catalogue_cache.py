"""A copy knows its date and address, is never another service's, and damage is just no copy."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from fal_experiments.errors import StorageFailed
from fal_experiments.storage.catalogue_cache import CatalogueCache, DatedCopy

API = "https://api.example/v1"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def copy(endpoint: str = "a/b", api: str = API) -> DatedCopy:
    return DatedCopy(endpoint, AT, f"{api}/models", {"x": 1})


@pytest.fixture
def cache(tmp_path: Path) -> CatalogueCache:
    return CatalogueCache(tmp_path / "cache")


def only_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "cache").rglob("*.json")
    return path


def test_a_copy_comes_back_with_date_and_address(cache: CatalogueCache, tmp_path: Path) -> None:
    local = AT.astimezone(timezone(timedelta(hours=5)))
    cache.write("models", copy()._replace(fetched_at=local))

    assert cache.read("models", API, "a/b") == copy()
    assert cache.read_all("models", API) == [copy()]
    assert json.loads(only_file(tmp_path).read_text()) == {
        "endpoint": "a/b",
        "fetched_at": "2026-11-20T09:30:00+00:00",
        "address": f"{API}/models",
        "body": {"x": 1},
    }


@pytest.mark.parametrize(
    ("kind", "service", "endpoint"),
    [
        ("prices", API, "a/b"),
        ("models", API, "a/c"),
        ("models", API, "a__b"),
        ("models", "https://other.example/v1", "a/b"),
        ("models", "https://api.example:8443/v1", "a/b"),
        ("models", "https://api.example/v2", "a/b"),
    ],
)
def test_a_copy_is_never_anothers(
    cache: CatalogueCache, kind: Any, service: str, endpoint: str
) -> None:
    cache.write("models", copy())

    assert cache.read(kind, service, endpoint) is None


def test_a_newer_copy_takes_the_place_of_an_older_one(cache: CatalogueCache) -> None:
    cache.write("models", copy())
    newer = copy()._replace(fetched_at=AT + timedelta(days=1), body={"x": 2})
    cache.write("models", newer)

    assert cache.read("models", API, "a/b") == newer


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"endpoint": "a/b"}',
        b'{"endpoint": 7, "fetched_at": "2026-11-20", "address": "x", "body": 1}',
        b'{"endpoint": "a/b", "fetched_at": "soon", "address": "x", "body": 1}',
        b'{"endpoint": "a/b", "fetched_at": "2026-11-20T00:00:00Z", "address": 7, "body": 1}',
    ],
)
def test_a_damaged_copy_is_no_copy(cache: CatalogueCache, tmp_path: Path, damage: bytes) -> None:
    cache.write("models", copy())
    only_file(tmp_path).write_bytes(damage)

    assert cache.read("models", API, "a/b") is None
    assert cache.read_all("models", API) == []


def test_no_folder_is_an_empty_cache(cache: CatalogueCache) -> None:
    assert cache.read("models", API, "a/b") is None
    assert cache.read_all("models", API) == []


def test_a_cache_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")

    with pytest.raises(StorageFailed, match="cannot be written"):
        CatalogueCache(tmp_path / "cache").write("models", copy())
