"""How the pictures of a batch are made: the matrix's words, then those that a person gave later."""

from pydantic import ValidationError

from fal_experiments.app.batch import Batch
from fal_experiments.core.derived import Recipe
from fal_experiments.core.render_words import RenderWords
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_json


def recipe_of(batch: Batch) -> Recipe:
    """Return the recipe of a batch. Raises: BadInput when `render.json` was spoilt."""
    return _words_of(batch).over(batch.plan.spec.render.over(Recipe()))


def change_recipe(batch: Batch, words: RenderWords) -> None:
    """Keep what a person wants from now on, on top of what they said before.

    A batch has one recipe, so that sheets made today and after a resume can be laid side by side.
    Raises: BadInput, StorageFailed.
    """
    said = _words_of(batch).model_dump(exclude_none=True) | words.model_dump(exclude_none=True)
    write_json(batch.folder.render_words, said)


def reset_recipe(batch: Batch) -> None:
    """Go back to what the matrix says."""
    batch.folder.render_words.unlink(missing_ok=True)


def _words_of(batch: Batch) -> RenderWords:
    path = batch.folder.render_words
    if not path.exists():
        return RenderWords()
    try:
        return RenderWords.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadInput(
            f"{batch.name}/{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            fix="`fal-exp render --reset` goes back to what the matrix says",
        ) from exc
