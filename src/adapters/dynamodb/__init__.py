"""Amazon DynamoDB: the records of images and accounts."""
