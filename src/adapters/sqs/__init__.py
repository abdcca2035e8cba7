"""Amazon SQS: the queues of work and of images to be rendered."""
