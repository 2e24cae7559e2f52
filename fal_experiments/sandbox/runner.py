"""What a runner does with one job: check the body, draw the clip, answer in the endpoint's shape.

Nothing here raises for a job's sake: whatever happens becomes the job's outcome.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pebble import ProcessExpired

from fal_experiments.sandbox.books import Done, charge, no_charge, unit_price
from fal_experiments.sandbox.catalogue import Catalogue, CataloguedEndpoint
from fal_experiments.sandbox.clips.order import ClipMade, ClipOrder, MediumRefused
from fal_experiments.sandbox.file_store import FileStore, Target
from fal_experiments.sandbox.inputs import InputRefused, inputs_of
from fal_experiments.sandbox.jobs import BILL_AS, CDN_MARK, Charge, Job, Outcome
from fal_experiments.sandbox.lifecycle import lifetime
from fal_experiments.sandbox.outputs import output_body
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
_SUFFIXES = {"video": "mp4", "image": "png"}
_CONTENT_TYPES = {"video": "video/mp4", "image": "image/png"}


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
        endpoint = self._catalogue.serving(job.endpoint)
        if endpoint is None:
            sub_path = job.endpoint.removeprefix(job.app)
            return _outcome(404, {"detail": f"Path {sub_path or '/'} not found"}, no_charge(None))
        try:
            outcome = await self._served(job, endpoint, json.loads(job.body))
        except (ProcessExpired, TimeoutError, OSError) as error:
            _log.error("%s of %s was not made: %s", job.request_id, job.endpoint, error)
            return _runner_lost(type(error).__name__)
        if endpoint.preset.endpoint != job.endpoint:
            outcome.headers[BILL_AS] = endpoint.preset.endpoint
        return outcome

    async def _served(self, job: Job, endpoint: CataloguedEndpoint, body: Any) -> Outcome:
        """Return what comes of a body. Raises: ProcessExpired, TimeoutError, OSError."""
        errors = errors_in(endpoint.schema, body)
        if errors:
            return _unprocessable(endpoint, errors)
        arguments = with_defaults(endpoint.schema, known_arguments(endpoint.schema, body))
        try:
            inputs = inputs_of(endpoint, arguments, self._files, self._now())
        except InputRefused as refusal:
            return _unprocessable(endpoint, [refusal.item])
        if any(medium.is_here for medium in inputs.media):
            facts = await self._pool.look(inputs.media)
            if isinstance(facts, MediumRefused):
                return _refused(endpoint, facts, arguments)
            inputs = replace(inputs, facts=facts)
        recipe = recipe_for(endpoint, arguments, inputs, job.take)
        return await self._draw(job, endpoint, arguments, recipe)

    async def _draw(
        self, job: Job, endpoint: CataloguedEndpoint, arguments: dict[str, Any], recipe: Recipe
    ) -> Outcome:
        files = []
        for number, order in enumerate(recipe.orders):
            name, content_type = _file_name(order.kind, number), _CONTENT_TYPES[order.kind]
            target = self._target(job, name, content_type, number)
            made = await self._pool.draw(order, self._files.path_of(target))
            if isinstance(made, MediumRefused):
                return _refused(endpoint, made, arguments)
            if number == 0:
                self._files.publish_output(target, job.request_id)
            else:  # the database knows one file of a job as its output; faults strike that one
                self._files.publish(target)
            files.append(_file_value(f"{CDN_MARK}{target.url_path}", name, made, order))
        service_s = Decimal(str(self.times(job).service_s))
        done = Done(recipe.made, recipe.length_s, service_s, recipe.input_s, len(files))
        body = output_body(endpoint, recipe, files)
        is_metered = unit_price(endpoint.preset).is_metered_by_app
        return _outcome(200, body, charge(endpoint.preset, done), states_units=is_metered)

    def _target(self, job: Job, name: str, content_type: str, number: int) -> Target:
        kept_for_s = lifetime(job.headers)
        ends_at = None if kept_for_s is None else self._now() + timedelta(seconds=kept_for_s)
        maker = f"{job.request_id} {number}" if number else job.request_id
        return self._files.output_target(maker, name, content_type, ends_at)


def _outcome(status: int, body: Any, cost: Charge, *, states_units: bool = True) -> Outcome:
    headers = {"x-fal-billable-units": f"{cost.units:f}"} if states_units else {}
    return Outcome(status, json.dumps(body, separators=(",", ":")), headers, charge=cost)


def _unprocessable(endpoint: CataloguedEndpoint, items: list[ErrorItem]) -> Outcome:
    return _outcome(422, {"detail": items}, no_charge(endpoint.preset))


def _refused(
    endpoint: CataloguedEndpoint, refused: MediumRefused, arguments: dict[str, Any]
) -> Outcome:
    value: Any = arguments
    for part in refused.loc:
        value = value[part]
    item = error_item(refused.loc, refused.type, refused.message, value, dict(refused.ctx))
    return _unprocessable(endpoint, [item])


def _runner_lost(why: str) -> Outcome:
    error_type = "runner_disconnected"
    body = {"detail": f"The runner was lost ({why})", "error_type": error_type}
    headers = {"x-fal-error-type": error_type, "x-fal-needs-retry": "1"}
    return Outcome(503, json.dumps(body), headers, body["detail"], error_type)


def _file_name(kind: str, number: int) -> str:
    stem = f"output_{number}" if number else "output"
    return f"{stem}.{_SUFFIXES[kind]}"


def _file_value(url: str, name: str, made: ClipMade, order: ClipOrder) -> dict[str, Any]:
    """Return everything that an endpoint may say of a file."""
    return {
        "url": url,
        "content_type": _CONTENT_TYPES[order.kind],
        "file_name": name,
        "file_size": made.size_bytes,
        "width": made.width_px,
        "height": made.height_px,
        "fps": int(order.fps) if order.fps.is_integer() else order.fps,
        "num_frames": order.frame_count,
        "duration": round(order.frame_count / order.fps, 6),
    }
