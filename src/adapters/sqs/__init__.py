"""Amazon SQS: the queues of work and of images to render."""
