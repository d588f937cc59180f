"""Where traces go: nowhere, or to a collector by OTLP over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings
    from app.traces.run_spans import RunSpans


def open_spans(settings: Settings) -> RunSpans | None:
    """What makes spans of runs; None unless the settings ask for it, and then nothing of OpenTelemetry is loaded.

    The collector is named by OpenTelemetry's own variables, as `OTEL_EXPORTER_OTLP_ENDPOINT`.
    """
    if settings.traces == "off":
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from app.traces import names
    from app.traces.run_spans import RunIds, RunSpans
    from app.version import program_version

    ids = RunIds()
    own = Resource({SERVICE_NAME: names.SERVICE, SERVICE_VERSION: program_version()})
    # Never made the provider of the whole process: libraries would then send spans of their own, with what they like.
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return RunSpans(provider, ids, settings.engine)
