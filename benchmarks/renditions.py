"""Measures renditions: their time beside ``convert``, their look beside Pillow's, and huge files.

``python -m benchmarks.renditions [--large] [PHOTO...]`` renders photos of the sizes that cameras produce
many times, alternating with a plain call of ``convert``. It compares the renditions of the given photos
with those that Pillow makes. With ``--large``, it also renders files of 100 and 250 megapixels in every
format. It prints Markdown tables.
"""

import argparse
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageCms, ImageMath, ImageOps
from tests.support.image_factory import heif, pixels
from tests.support.image_factory.blocks import Blocks
from tests.support.imagemagick import convert_command

from adapters.imagemagick.command import ConvertCommand
from adapters.imagemagick.renderer import ImageMagickRenderer
from benchmarks.photos import large_photos
from domain.renditions.model import DEFAULT_RENDITIONS, PREVIEW, THUMBNAIL
from domain.shared.errors import DomainError
from domain.shared.image_format import SNIFF_LENGTH, ImageFormat, sniff_format

FOLDER = Path(__file__).parents[1] / ".local" / "benchmark"
ROUNDS = 10
MAX_RATIO_TO_CONVERT = 1.2
MIN_SSIM = 0.95
WINDOW = 8
"""The side, in pixels, of the squares that are compared."""
SIZES = {100: (11_584, 8_688), 250: (16_383, 15_259)}
"""Width and height by megapixels: the larger one is the largest WebP."""

RENDER_ONE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks.renditions import render
started = time.perf_counter()
outcome = render(Path(sys.argv[1]))[0]
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.perf_counter() - started
print(json.dumps([outcome, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""


def main() -> int:
    """Measure and print. Returns 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.renditions", description=__doc__)
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO", help="photos to compare")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="renderings of each large photo")
    parser.add_argument("--large", action="store_true", help="render files of 100 and 250 megapixels too")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder that keeps the made photos")
    arguments = parser.parse_args()
    missed = measure_times(large_photos(arguments.folder), convert_command(), arguments.rounds)
    if arguments.photos:
        missed |= compare(arguments.photos)
    if arguments.large:
        measure_large(arguments.folder)
    return int(missed)


def render(path: Path) -> tuple[str, dict[str, tuple[float, bytes]]]:
    """Render a photo. Returns the outcome, and each rendition with the seconds until it was there."""
    made: dict[str, tuple[float, bytes]] = {}
    renderer = ImageMagickRenderer(convert_command())
    started = time.perf_counter()
    try:
        with (
            path.open("rb") as content,
            renderer.render(content, image_format(path), DEFAULT_RENDITIONS) as renditions,
        ):
            for rendition in renditions:
                made[rendition.name] = time.perf_counter() - started, rendition.content
    except DomainError as error:
        return error.code, made
    return "rendered", made


def image_format(path: Path) -> ImageFormat:
    with path.open("rb") as content:
        found = sniff_format(content.read(SNIFF_LENGTH))
    assert found is not None
    return found


def measure_times(photos: dict[str, Path], command: ConvertCommand, rounds: int) -> bool:
    """Print the times of photos of common sizes. Returns whether a target is missed."""
    rows, missed = [], False
    for name, path in photos.items():
        bare, thumbnail, both, bare_processor, processor = [], [], [], [], []
        for _ in range(rounds):
            started = processor_seconds()
            bare.append(bare_convert(path, command))
            bare_processor.append(processor_seconds() - started)
            started = processor_seconds()
            _, made = render(path)
            processor.append(processor_seconds() - started)
            thumbnail.append(made[THUMBNAIL.name][0])
            both.append(made[PREVIEW.name][0])
        # The minimum of each, because a busy machine only adds to it.
        ratios = [min(both) / min(bare), min(processor) / min(bare_processor)]
        missed |= min(ratios) > MAX_RATIO_TO_CONVERT
        seconds = [
            f"{statistics.median(times):.2f} ({min(times):.2f})" for times in (bare, thumbnail, both)
        ]
        rows.append([name, *seconds, *(f"{ratio:.2f}" for ratio in ratios)])
    print_table(
        ["Median (least) seconds", "bare convert", "thumbnail", "both", "ratio", "of processor time"], rows
    )
    return missed


def processor_seconds() -> float:
    """Return the processor time of this process and its children so far."""
    return sum(os.times()[:4])


def bare_convert(path: Path, command: ConvertCommand) -> float:
    """Return the seconds of one call that makes the same pictures."""
    coder = "heic" if image_format(path) is ImageFormat.HEIC else image_format(path).value
    target = path.with_name("bare")
    arguments = [
        *command.arguments, "-define", "jpeg:size=3200x3200", f"{coder}:{path}[0]", "-auto-orient",
        "-resize", "1600x1600>", "-strip", "-quality", "80",
        "(", "+clone", "-resize", "320x320>", "-write", f"webp:{target}.320", "+delete", ")",
        f"webp:{target}.1600",
    ]  # fmt: skip
    started = time.perf_counter()
    subprocess.run(
        arguments, env={"OMP_NUM_THREADS": "1", **command.environment}, check=True, capture_output=True
    )
    return time.perf_counter() - started


def compare(photos: Iterable[Path]) -> bool:
    """Print how similar our renditions are to Pillow's. Returns whether one is not similar enough."""
    rows, missed = [], False
    for path in photos:
        if image_format(path) is ImageFormat.HEIC:
            continue  # which Pillow cannot read
        for name, (_, content) in render(path)[1].items():
            ours = Image.open(io.BytesIO(content))
            likeness = ssim(on_grey(ours), on_grey(by_pillow(path, ours.size)))
            missed |= likeness < MIN_SSIM
            rows.append([path.name, name, "{} x {}".format(*ours.size), f"{likeness:.3f}"])
    print_table(["Photo", "rendition", "pixels", "SSIM"], sorted(rows, key=lambda row: row[-1]))
    return missed


def by_pillow(path: Path, size: tuple[int, int]) -> Image.Image:
    """Return the rendition that Pillow makes of a photo in this size."""
    image = Image.open(path)
    profile = image.info.get("icc_profile")
    if image_format(path) is not ImageFormat.AVIF:  # Pillow has rotated this one already
        image = ImageOps.exif_transpose(image)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if profile and image.mode in {"RGB", "RGBA", "L", "CMYK"}:
        image = ImageCms.profileToProfile(
            image,
            io.BytesIO(profile),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 257).convert("L")
    image = image.convert("RGBA" if "A" in image.mode else "RGB")
    return image.resize(size, Image.Resampling.LANCZOS)


def on_grey(image: Image.Image) -> Image.Image:
    """Return the picture in grey, on a grey background."""
    opaque = Image.alpha_composite(Image.new("RGBA", image.size, "grey"), image.convert("RGBA"))
    return opaque.convert("L").convert("F")


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean structural similarity (Wang et al. 2004) of squares that overlap by half."""
    values = [1.0 if one.tobytes() == other.tobytes() else 0.0] if min(one.size) < WINDOW else []
    for left, top in itertools.product((0, WINDOW // 2), repeat=2):
        width, height = (one.width - left) // WINDOW * WINDOW, (one.height - top) // WINDOW * WINDOW
        if width > 0 < height:
            box = (left, top, left + width, top + height)
            values += similarities(one.crop(box), other.crop(box))
    return statistics.fmean(values)


def similarities(one: Image.Image, other: Image.Image) -> Sequence[float]:
    def mean(first: Image.Image, second: Image.Image | None = None) -> Image.Image:
        if second is not None:
            first = ImageMath.lambda_eval(lambda of: of["a"] * of["b"], a=first, b=second)
        return first.reduce(WINDOW)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    result = ImageMath.lambda_eval(
        lambda of: (
            ((of["ma"] * of["mb"] * 2 + c1) * ((of["ab"] - of["ma"] * of["mb"]) * 2 + c2))
            / (
                (of["ma"] * of["ma"] + of["mb"] * of["mb"] + c1)
                * (of["aa"] - of["ma"] * of["ma"] + of["bb"] - of["mb"] * of["mb"] + c2)
            )
        ),
        ma=mean(one),
        mb=mean(other),
        aa=mean(one, one),
        bb=mean(other, other),
        ab=mean(one, other),
    )
    return list(result.get_flattened_data())


def measure_large(folder: Path) -> None:
    """Print the outcome for files of 100 and 250 megapixels."""
    rows = []
    for name, path in huge_files(folder / "huge").items():
        command = [sys.executable, "-c", RENDER_ONE, str(path)]
        output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        outcome, seconds, processor, peak = json.loads(output.splitlines()[-1])
        rows.append([name, outcome, f"{seconds:.1f}", f"{processor:.1f}", f"{peak / 1e6:.0f}"])
    print_table(["Huge file", "outcome", "seconds", "CPU seconds", "peak MB"], rows)


def huge_files(folder: Path) -> dict[str, Path]:
    """Return files of every format by their description, creating those that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for megapixels, (width, height) in SIZES.items():
        picture: Image.Image | None = None
        for kind, (suffix, mode, options) in KINDS.items():
            path = folder / f"{megapixels}-{kind.replace(' ', '-')}.{suffix}"
            files[f"{kind}, {megapixels} MP"] = path
            if path.exists():
                continue
            picture = picture or pixels.image().resize((width, height), Image.Resampling.BILINEAR)
            write_huge(path, picture, mode, options)
    return files


KINDS: dict[str, tuple[str, str, dict[str, object]]] = {
    "JPEG": ("jpg", "RGB", {"quality": 85}),
    "progressive JPEG": ("jpg", "RGB", {"quality": 85, "progressive": True, "subsampling": 0}),
    "CMYK JPEG": ("jpg", "CMYK", {"quality": 85}),
    "PNG": ("png", "RGB", {"compress_level": 1}),
    "transparent PNG": ("png", "RGBA", {"compress_level": 1}),
    "grey PNG": ("png", "L", {"compress_level": 1}),
    "GIF": ("gif", "P", {}),
    "WebP": ("webp", "RGB", {"lossless": True, "method": 0, "quality": 0}),
    "TIFF": ("tif", "RGB", {}),
    "LZW TIFF": ("tif", "RGB", {"compression": "tiff_lzw"}),
    "HEIC": ("heic", "", {}),
    "AVIF": ("avif", "RGB", {"speed": 10, "quality": 50}),
}


def write_huge(path: Path, picture: Image.Image, mode: str, options: dict[str, object]) -> None:
    width, height = picture.size
    if path.suffix == ".heic":
        columns, rows = -(-width // heif.TILE), -(-height // heif.TILE)
        path.write_bytes(heif.phone_heic(Blocks(), columns, rows, width=width, height=height))
    elif path.suffix == ".webp":
        # Few colours, which libwebp can encode in time.
        picture.resize((96, 64)).quantize(16).convert(mode).resize(picture.size, 0).save(path, **options)
    elif mode == "P":
        picture.quantize(64, method=Image.Quantize.FASTOCTREE).save(path, **options)
    else:
        picture.convert(mode).save(path, **options)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for row in (header, ["---"] * len(header), *rows):
        print(f"| {' | '.join(row)} |")
    print()


if __name__ == "__main__":
    sys.exit(main())
