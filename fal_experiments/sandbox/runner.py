"""What a runner does with one job: check the body, draw the clip, answer in the endpoint's shape.

Nothing here raises for a job's sake: whatever happens becomes the job's outcome.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pebble import ProcessExpired

from fal_experiments.sandbox.books import charge, no_charge, unit_price
from fal_experiments.sandbox.catalogue import Catalogue, CataloguedEndpoint
from fal_experiments.sandbox.clips.order import ClipMade, PictureRefused
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.jobs import CDN_MARK, Charge, Job, Outcome
from fal_experiments.sandbox.lifecycle import lifetime
from fal_experiments.sandbox.outputs import output_body
from fal_experiments.sandbox.pictures import InputRefused, inputs_of, knob_of
from fal_experiments.sandbox.recipe import Recipe, recipe_for
from fal_experiments.sandbox.timing import Times, times_of
from fal_experiments.sandbox.validation import (
    ErrorItem,
    error_item,
    errors_in,
    known_arguments,
    with_defaults,
)
from fal_experiments.sandbox.workers import RenderPool

_log = logging.getLogger("fal_experiments.sandbox")

_REFUSED_TIMES = Times(queue_s=0.5, service_s=0.5, others_ahead=0)
_FILES = {"video": ("output.mp4", "video/mp4"), "image": ("output.png", "image/png")}


class Runner:
    """Turns jobs into outcomes; drawing happens in worker processes."""

    def __init__(
        self,
        catalogue: Catalogue,
        files: FileStore,
        pool: RenderPool,
        now: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._files = files
        self._pool = pool
        self._now = now

    def times(self, job: Job) -> Times:
        """Return how long a job would take at fal."""
        endpoint = self._catalogue.get(job.endpoint)
        if endpoint is None:
            return _REFUSED_TIMES
        return times_of(endpoint.preset.family, job.endpoint, job.body_sha256, job.take)

    async def run(self, job: Job) -> Outcome:
        """Return what comes of a job."""
        endpoint = self._catalogue.get(job.endpoint)
        if endpoint is None:
            sub_path = job.endpoint.removeprefix(job.app)
            return _outcome(404, {"detail": f"Path {sub_path or '/'} not found"}, no_charge(None))
        body = json.loads(job.body)
        errors = errors_in(endpoint.schema, body)
        if errors:
            return _unprocessable(endpoint, errors)
        sent = known_arguments(endpoint.schema, body)
        arguments = with_defaults(endpoint.schema, sent)
        try:
            inputs = inputs_of(endpoint, arguments, self._files, self._now())
        except InputRefused as refusal:
            return _unprocessable(endpoint, [refusal.item])
        recipe = recipe_for(endpoint, arguments, inputs, job.take)
        return await self._draw(job, endpoint, sent, recipe)

    async def _draw(
        self, job: Job, endpoint: CataloguedEndpoint, sent: dict[str, Any], recipe: Recipe
    ) -> Outcome:
        name, content_type = _FILES[recipe.order.kind]
        kept_for_s = lifetime(job.headers)
        ends_at = None if kept_for_s is None else self._now() + timedelta(seconds=kept_for_s)
        target = self._files.output_target(job.request_id, name, content_type, ends_at)
        try:
            made = await self._pool.draw(recipe.order, self._files.path_of(target))
        except (ProcessExpired, TimeoutError, OSError) as error:
            _log.error("%s of %s was not drawn: %s", job.request_id, job.endpoint, error)
            return _runner_lost(type(error).__name__)
        if isinstance(made, PictureRefused):
            knob = knob_of(endpoint.preset, made.which)
            item = error_item((knob,), made.type, made.message, sent.get(knob), dict(made.ctx))
            return _unprocessable(endpoint, [item])
        self._files.publish_output(target, job.request_id)
        service_s = Decimal(str(self.times(job).service_s))
        cost = charge(endpoint.preset, sent=sent, made=recipe.made, service_s=service_s)
        file = _file_value(f"{CDN_MARK}{target.url_path}", name, content_type, made)
        body = output_body(endpoint, recipe, file)
        is_metered = unit_price(endpoint.preset).is_metered_by_app
        return _outcome(200, body, cost, states_units=is_metered)


def _outcome(status: int, body: Any, cost: Charge, *, states_units: bool = True) -> Outcome:
    headers = {"x-fal-billable-units": f"{cost.units:f}"} if states_units else {}
    return Outcome(status, json.dumps(body, separators=(",", ":")), headers, charge=cost)


def _unprocessable(endpoint: CataloguedEndpoint, items: list[ErrorItem]) -> Outcome:
    return _outcome(422, {"detail": items}, no_charge(endpoint.preset))


def _runner_lost(why: str) -> Outcome:
    error_type = "runner_disconnected"
    body = {"detail": f"The runner was lost ({why})", "error_type": error_type}
    headers = {"x-fal-error-type": error_type, "x-fal-needs-retry": "1"}
    return Outcome(503, json.dumps(body), headers, body["detail"], error_type)


def _file_value(url: str, name: str, content_type: str, made: ClipMade) -> dict[str, Any]:
    return {
        "url": url,
        "content_type": content_type,
        "file_name": name,
        "file_size": made.size_bytes,
        "width": made.width_px,
        "height": made.height_px,
    }
