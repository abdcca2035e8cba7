"""Entry points: the composition root, the Lambda functions, the local server and the commands."""
