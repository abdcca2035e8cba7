"""The limits of extraction are settings."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.embedded_metadata.limits import ReaderLimits
from adapters.imagemagick.command import ImageMagickNotFound
from adapters.imagemagick.process import ProcessLimits
from domain.metadata.errors import ImageDimensionsExceeded
from domain.shared.image_format import ImageFormat
from entrypoints.composition.metadata_extractor import MetadataExtractorSettings, metadata_extractor
from tests.support.image_factory import photo


def test_without_variables_the_defaults_hold() -> None:
    settings = MetadataExtractorSettings.from_environment()

    assert settings.metadata_limits == ReaderLimits()
    assert settings.identify_limits == ProcessLimits()


def test_a_limit_can_be_set_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METADATA_LIMITS", '{"max_text_length": 6}')

    extracted = metadata_extractor(MetadataExtractorSettings.from_environment()).extract(
        photo("jpeg-complete.jpg").open(), ImageFormat.JPEG
    )

    assert extracted.exif["Make"] == "Nikkor"
    assert "EXIF: Make was cut to 6 characters." in extracted.warnings


def test_the_dimensions_can_be_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_SIDE_PX", "95")

    with pytest.raises(ImageDimensionsExceeded):
        metadata_extractor(MetadataExtractorSettings.from_environment()).extract(
            photo("jpeg-complete.jpg").open(), ImageFormat.JPEG
        )


@pytest.mark.parametrize("value", ['{"max_text_length": 0}', '{"timeout_s": 1}', "no JSON"])
def test_a_wrong_limit_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("METADATA_LIMITS", value)

    with pytest.raises((ValidationError, ValueError)):
        MetadataExtractorSettings.from_environment()


def test_the_binary_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("IMAGEMAGICK_HOME", raising=False)
    monkeypatch.setenv("IDENTIFY_PATH", str(tmp_path / "identify"))

    with pytest.raises(ImageMagickNotFound, match="is not an executable file"):
        metadata_extractor(MetadataExtractorSettings.from_environment())
