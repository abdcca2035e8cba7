"""A bounded, memory-safe reader of the EXIF, GPS, IPTC, XMP and ICC blocks in image files.

One module per file format (JPEG, PNG, GIF, WebP, TIFF, ISO base media for HEIC and AVIF) finds the raw
blocks. One module per kind of block decodes them. No pixel is decoded. The entry point is
:class:`.reader.EmbeddedMetadataReader`.
"""
