"""Files of other kinds under image names, and files that are two kinds at once."""

import io
import struct
import zipfile
from collections.abc import Iterator

from tests.support.hostile.case import (
    UNREADABLE,
    UNSUPPORTED,
    WITNESS_VALUES,
    HostileFile,
    accepted,
    either,
    jpeg_around,
    refused,
    witness_exif,
)
from tests.support.image_factory import gif, heif, jpeg, photo, png, webp
from tests.support.image_factory.blocks import Blocks

SECRET = "root:x:0:0"
"""What the password file would show if a file could make a reader open it."""

SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9">'
    b'<image xlink:href="text:/etc/passwd" width="9" height="9"/><text>&x;</text></svg>'
)
MVG = (
    b"push graphic-context\nviewbox 0 0 640 480\n"
    b"fill 'url(https://127.0.0.1/\"|id > /tmp/x\")'\npop graphic-context\n"
)
MSL = (
    b'<?xml version="1.0"?><image><read filename="text:/etc/passwd"/><write filename="/tmp/x.png"/></image>'
)
PS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    b"userdict /setpagedevice undef\n(%pipe%id) (w) file\nshowpage\n"
)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"


def _zip() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.html"), HTML)
    return output.getvalue()


def _bmp() -> bytes:
    pixels = bytes(4)
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + pixels


OTHER_KINDS: dict[str, bytes] = {
    "empty.jpg": b"",
    "one-byte.jpg": b"\xff",
    "text.jpg": b"This is not a photo.\n" * 10,
    "nul.png": bytes(4096),
    "svg.jpg": SVG,
    "svg-with-mark.png": b"\xef\xbb\xbf" + SVG,
    "mvg.jpg": MVG,
    "mvg.png": b"viewbox 0 0 1 1\n" + MVG,
    "msl.jpg": MSL,
    "postscript.jpg": PS,
    "postscript-binary.tif": b"\xc5\xd0\xd3\xc6"
    + struct.pack("<IIIIIIH", 30, len(PS), 0, 0, 0, 0, 0xFFFF)
    + PS,
    "pdf.jpg": PDF,
    "html.gif": HTML,
    "label.png": b"label:@/etc/passwd",
    "url.jpg": b"https://127.0.0.1/x.png",
    "miff.png": b"id=ImageMagick\nclass=DirectClass\ncolumns=1\nrows=1\ndepth=8\n\x0c\n:\x1a\0\0\0",
    "bmp.png": _bmp(),
    "icon.png": struct.pack("<HHHBBBBHHII", 0, 1, 1, 1, 1, 0, 0, 1, 24, 4, 22) + bytes(4),
    "photoshop.jpg": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 1, 1, 8, 3) + bytes(16),
    "jpeg2000.jpg": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64),
    "jpegxl.jpg": b"\xff\x0a" + bytes(64),
    "jpegxl-boxes.jpg": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64),
    "zip.png": _zip(),
    "gzip.png": b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + bytes(32),
    "elf.jpg": b"\x7fELF\x02\x01\x01" + bytes(57),
    "script.jpg": b"#!/bin/sh\nid\n",
    "video.heic": b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + bytes(64),
    "raw.heic": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(64),
    "structural-brand-alone.heic": b"\0\0\0\x14ftypmif1\0\0\0\0miaf" + bytes(64),
    "riff-wave.webp": b"RIFF\x24\0\0\0WAVEfmt " + bytes(32),
    "gif-wrong-version.gif": b"GIF88a" + gif.gif(Blocks())[6:],
    "png-broken-signature.png": b"\x89PNG\n\x1a\n" + png.png(Blocks())[8:],
    "jpeg-start-alone.jpg": b"\xff\xd8",
}

SIGNATURES: dict[str, bytes] = {
    "jpg": b"\xff\xd8\xff",
    "png": png.SIGNATURE,
    "gif": b"GIF89a",
    "webp": b"RIFF\xff\xff\0\0WEBP",
    "tif": b"II*\0",
    "bigtiff.tif": b"MM\0+\0\x08\0\0",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
}


def pseudo_images() -> Iterator[HostileFile]:
    """Other kinds of files, and bodies of other kinds behind the signature of an allowed format."""
    for name, content in OTHER_KINDS.items():
        yield refused(f"kind-{name}", lambda c=content: c, UNSUPPORTED)
    bodies = {
        "nothing": b"",
        "zeros": bytes(4096),
        "ones": b"\xff" * 4096,
        "svg": SVG,
        "mvg": MVG,
        "msl": MSL,
        "ps": PS,
        "pdf": PDF,
        "html": HTML,
    }
    for extension, signature in SIGNATURES.items():
        for kind, body in bodies.items():
            yield refused(f"body-{kind}.{extension}", lambda s=signature, b=body: s + b, UNREADABLE)


def polyglots() -> Iterator[HostileFile]:
    """Real photos that are also another type of file: they are accepted as photos, byte for byte."""
    php = b"<?php system($_GET['c']); ?>"
    yield accepted("polyglot-php.jpg", lambda: jpeg_around(jpeg.segment(0xFE, php)), values=WITNESS_VALUES)
    yield accepted(
        "polyglot-html.jpg", lambda: jpeg_around(jpeg.segment(0xFE, HTML)), values=WITNESS_VALUES
    )
    yield accepted("polyglot-pdf.jpg", lambda: jpeg_around(jpeg.segment(0xFE, PDF)), values=WITNESS_VALUES)
    yield accepted("polyglot-zip.jpg", lambda: jpeg_around() + _zip(), values=WITNESS_VALUES)
    yield accepted(
        "polyglot-second.jpg",
        lambda: jpeg_around() + photo("jpeg-complete.jpg").content,
        values=WITNESS_VALUES,
    )
    yield accepted(
        "polyglot-zip.png", lambda: png.png(Blocks(exif=witness_exif())) + _zip(), values=WITNESS_VALUES
    )
    yield accepted(
        "polyglot-svg.png",
        lambda: png.png(Blocks(exif=witness_exif())) + SVG,
        values=WITNESS_VALUES,
        never=(SECRET,),
    )
    yield accepted("polyglot-zip.gif", lambda: gif.gif(Blocks()) + _zip())
    yield either("polyglot-svg.webp", lambda: webp.webp(Blocks()) + SVG, never=(SECRET,))
    yield accepted("polyglot-html.heic", lambda: heif.heif(Blocks(), "hevc") + heif.box(b"free", HTML))

    def gif_and_script() -> bytes:
        # The width and height bytes open a comment that ends behind the picture.
        screen = bytearray(gif.screen(b"GIF89a", 0x2A2F, 64))
        return bytes(screen) + gif.frame(96, 64, bytes(96 * 64)) + gif.TRAILER + b"*/=1;alert(1)"

    yield either("polyglot-script.gif", gif_and_script, image={"width": 0x2A2F, "height": 64})
    yield refused("polyglot-script-alone.gif", lambda: b"GIF89a=1;alert(document.domain);//", UNREADABLE)
    mismatch = photo("png-plain.png").content
    yield refused("polyglot-png-behind-start.jpg", lambda: b"\xff\xd8\xff" + mismatch, UNREADABLE)
    yield refused(
        "polyglot-jpeg-in-heic.heic",
        lambda: heif.brands("hevc") + photo("jpeg-plain.jpg").content,
        UNREADABLE,
    )
    yield refused("polyglot-avif-brand-alone.avif", lambda: heif.brands("av1"), UNREADABLE)
    yield refused(
        "polyglot-tiff-in-png.png", lambda: png.SIGNATURE + photo("tiff-plain.tif").content, UNREADABLE
    )
