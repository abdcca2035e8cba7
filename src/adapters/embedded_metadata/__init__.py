"""A bounded, memory-safe reader of the EXIF, GPS, IPTC, XMP and ICC blocks that image files carry.

One module per file format (JPEG, PNG, GIF, WebP, TIFF, ISO base media for HEIC and AVIF) finds the raw
blocks, one per block kind decodes them. No pixel is decoded. :class:`.reader.EmbeddedMetadataReader`
is the way in.
"""
