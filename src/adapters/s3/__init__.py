"""Amazon S3: the image store, what has arrived, direct uploads, and records of idempotency keys."""
