"""Composes the publisher of the ``events`` function."""

from adapters.eventbridge.event_bus import EventBridgePublisher
from adapters.request_deadline import RequestDeadline
from domain.images.events import EventPublisher
from entrypoints.composition import aws_clients
from entrypoints.composition.settings import EventSettings


def event_publisher(deadline: RequestDeadline) -> EventPublisher:
    """Create the publisher, whose calls keep the deadline."""
    settings = EventSettings.from_environment()
    return EventBridgePublisher(aws_clients.events_client(deadline), settings.event_bus)
