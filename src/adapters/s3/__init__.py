"""Amazon S3: the bytes of images, and what clients send straight to storage."""
