"""What a person writes of pictures is read exactly, and what they cannot mean is refused."""

import pytest

from fal_experiments.core.derived import Derived, Moving, Recipe
from fal_experiments.core.matrix import matrix_json_schema
from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.render_words import RenderWords, read_options
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput

MATRIX = """\
name: pictures
task: text-to-video
prompts: [{id: walk, text: He walks.}]
presets: [tiny]
"""


def recipe(block: str) -> Recipe:
    """Return the recipe of a matrix with this `render:`."""
    spec = read_matrix(load(f"{MATRIX}render: {block}\n", "m.yaml"))
    return spec.render.over(Recipe())


def test_a_matrix_says_how_its_pictures_are_made() -> None:
    words = "{sheet: 6x4, tile: 240px, sampling: scenes, format: webp@80, poster: 640px}"

    assert recipe(words) == Recipe(
        sheet_columns=6,
        sheet_rows=4,
        tile_width_px=240,
        sampling="scenes",
        sheet_format="webp",
        sheet_quality=80,
        poster_width_px=640,
    )


def test_previews_are_width_and_rate_and_can_be_off() -> None:
    made = recipe("{gif: 480px@8, webp: 200px, proxy: 360p}")

    assert (made.gif, made.webp) == (Moving(width_px=480, fps=8), Moving(width_px=200, fps=12))
    assert made.proxy_height_px == 360
    assert recipe('{gif: "off"}').gif is None
    assert recipe("{gif: false, webp: true}") == Recipe(gif=None, webp=Moving())
    assert recipe("{proxy: true}").proxy_height_px == 360


def test_a_matrix_that_says_nothing_of_pictures_gets_the_usual_ones() -> None:
    assert read_matrix(load(MATRIX, "m.yaml")).render.over(Recipe()) == Recipe()


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{sheet: 6by4}", "m.yaml:5: render.sheet: '6by4' is not a grid such as 6x4"),
        ("{sheet: 13x1}", "each from 1 to 12"),
        ("{gif: 320@12}", "render.gif: '320@12' is not a preview such as 320px@12"),
        ("{gif: 320px@51}", "1 to 50"),
        ("{webp: 63px}", "from 64px to 1280px"),
        ("{proxy: 2160p}", "render.proxy: '2160p' is not a height such as 360p"),
        ("{format: bmp}", "jpeg, webp, png"),
        ("{format: webp@0}", "quality from 1 to 100"),
        ("{tile: 320}", "expected text"),
        (
            "{sampling: scene}",
            "expected one of uniform, scenes, found 'scene'; did you mean scenes?",
        ),
        ("{sheets: 6x4}", "there is no such field; did you mean sheet?"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(block: str, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        recipe(block)

    assert expected in caught.value.message
    assert caught.value.message.startswith("m.yaml:5: render")


def test_options_are_refused_by_their_names_all_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        read_options({"sheet": "x", "sampling": "random", "gif": None})

    assert "--sheet: 'x' is not a grid" in caught.value.message
    assert "--sampling: expected 'uniform' or 'scenes', found 'random'" in caught.value.message


def test_words_change_only_what_they_name() -> None:
    before = Recipe(sheet_columns=2, gif=None)

    assert RenderWords(sheet="3x3").over(before) == Recipe(sheet_columns=3, sheet_rows=3, gif=None)
    assert RenderWords(gif="on").over(before).gif == Moving()
    assert RenderWords().is_silent
    assert not RenderWords(gif="off").is_silent


def test_words_come_back_from_json_as_they_were() -> None:
    words = RenderWords(sheet="6x4", gif="off", format="png")

    assert RenderWords.model_validate_json(words.model_dump_json()) == words


def test_editors_know_the_block() -> None:
    block = matrix_json_schema()["$defs"]["RenderWords"]["properties"]

    assert set(block) == {"sheet", "tile", "sampling", "format", "poster", "gif", "webp", "proxy"}


def test_a_record_of_the_first_version_can_be_read_and_stands_for_nothing_new() -> None:
    old = {
        "asset_sha256": "a",
        "recipe": {"sheet_columns": 5, "gif_width_px": 200, "gif_fps": 8, "poster_width_px": 640},
        "recipe_version": 1,
        "sheet": {
            "picture": {"file": "sheet.jpg", "width_px": 1, "height_px": 1, "size_bytes": 1},
            "columns": 5,
            "rows": 1,
            "tile_width_px": 64,
            "tile_height_px": 36,
            "times_s": ["0"],
        },
    }

    read = Derived.model_validate(old)

    assert read.recipe.gif == Moving(width_px=200, fps=8)
    assert not read.is_of("a", read.recipe)
    assert read.reusable("a", read.recipe) == set()


def test_a_part_is_reusable_when_all_that_decides_it_is_the_same() -> None:
    made = Derived(asset_sha256="a", recipe=Recipe(webp=Moving()))
    other = Recipe(sheet_columns=6, webp=Moving(), proxy_height_px=240)

    assert made.reusable("a", other) == {"poster", "gif", "webp"}
    assert made.reusable("a", Recipe(gif=None)) == {"poster", "sheet"}
    assert made.reusable("b", made.recipe) == set()
