"""Amazon SQS: brings work to whoever does it."""
