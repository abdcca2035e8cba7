"""Composes the use case of the ``render`` function."""

from pathlib import Path

from dependency_injector import providers

from adapters.imagemagick.command import locate_convert
from adapters.imagemagick.renderer import ImageMagickRenderer
from adapters.request_deadline import RequestDeadline
from domain.images.use_cases.rendering import RenderImage
from domain.renditions.ports import Renderer
from entrypoints.composition.environment import EnvironmentSettings
from entrypoints.composition.storage_adapters import StorageAdapters


class RendererSettings(EnvironmentSettings):
    """Which ImageMagick makes renditions."""

    imagemagick_home: Path | None = None
    """The directory of our ImageMagick bundle, such as ``/opt/imagemagick``."""
    identify_path: Path | None = None
    """An installed ``magick``, or ``identify`` with ``convert`` beside it; else the PATH is searched."""


def _renderer(settings: RendererSettings, deadline: RequestDeadline) -> Renderer:
    command = locate_convert(
        imagemagick_home=settings.imagemagick_home, identify_path=settings.identify_path
    )
    return ImageMagickRenderer(command, deadline=deadline)


class RenderAdapters(StorageAdapters):
    """The adapters of the ``render`` function."""

    renderer_settings = providers.Singleton(RendererSettings.from_environment)
    renderer = providers.Singleton(_renderer, renderer_settings, StorageAdapters.deadline)


def render_image(adapters: RenderAdapters) -> RenderImage:
    """Compose the rendering of one image."""
    return RenderImage(
        adapters.image_records(),
        adapters.image_store(),
        adapters.renderer(),
        adapters.settings().renditions,
    )
