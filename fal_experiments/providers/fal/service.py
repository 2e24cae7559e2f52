"""fal as a service: the adapter with its wire, uploads, prices and list of requests."""

from dataclasses import fields, replace

from fal_experiments.core.ports import Context, Service
from fal_experiments.providers.fal.adapter import FalProvider, FalUrls
from fal_experiments.providers.fal.prices import FalPrices
from fal_experiments.providers.fal.requests import FalRequests
from fal_experiments.providers.fal.uploads import FalUploads
from fal_experiments.providers.fal.usage import FalUsage
from fal_experiments.providers.http import Wire, redactor


def connect(context: Context) -> Service:
    """Return fal, at its own addresses but for those that the context replaces."""
    known = {field.name for field in fields(FalUrls)}
    urls = replace(FalUrls(), **{k: v for k, v in context.urls.items() if k in known})
    wire = Wire(
        authorization=f"Key {context.key}",
        origins=(urls.queue, urls.run, urls.rest, urls.api),
        redact=redactor([context.key]),
        clock=context.clock,
    )
    provider = FalProvider(wire, urls, context.queue)
    return Service(
        provider=provider,
        check_key=provider.check_key,
        uploads=FalUploads(context.key, urls),
        prices=FalPrices(wire, urls, context.clock),
        finder=FalRequests(wire, urls, context.clock),
        usage=FalUsage(_admin_wire(context, urls), urls),
    )


def _admin_wire(context: Context, urls: FalUrls) -> Wire:
    """Return a wire that shows the key for bills to the platform API, and to nobody else."""
    key = context.admin_key or context.key
    return Wire(
        authorization=f"Key {key}",
        origins=(urls.api,),
        redact=redactor([key, context.key]),
        clock=context.clock,
    )
