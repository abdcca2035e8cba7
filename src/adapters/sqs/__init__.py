"""Amazon SQS: the queue of work."""
