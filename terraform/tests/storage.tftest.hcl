# How the bucket is hardened.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_name = "images-upload-test"
  account_id  = "123456789012"
  versioning  = false
  lifecycle_rules = {
    abort_multipart_after_days = 1
    expire_prefix_after_days   = { "uploads/" = 1 }
    noncurrent_days            = 30
  }
  cors_origins  = []
  force_destroy = false
  notification  = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:uploads", prefix = "users/" }
}

run "hardened_by_default" {
  module {
    source = "./modules/storage"
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.images.block_public_acls &&
      aws_s3_bucket_public_access_block.images.block_public_policy &&
      aws_s3_bucket_public_access_block.images.ignore_public_acls &&
      aws_s3_bucket_public_access_block.images.restrict_public_buckets
    )
    error_message = "Nothing in the bucket may be public."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.images.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access control lists are off."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_server_side_encryption_configuration.images.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm
    ]) == "AES256"
    error_message = "Objects are encrypted."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_s3_bucket_policy.images.policy).Statement : statement.Sid => [statement.Effect, statement.Principal, statement.Action]
      } == {
      OnlyOverTls         = ["Deny", "*", "s3:*"]
      OnlyFromThisAccount = ["Deny", "*", "s3:*"]
    }
    error_message = "The policy refuses plain HTTP and other accounts, and allows nothing."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.images.policy).Statement :
      statement.Resource == ["arn:aws:s3:::mock", "arn:aws:s3:::mock/*"]
    ])
    error_message = "The policy covers the bucket and its objects."
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.images.rule :
      try(rule.abort_incomplete_multipart_upload[0].days_after_initiation == 1, false) && rule.status == "Enabled"
    ])
    error_message = "Unfinished multipart uploads are aborted after a day."
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.images.rule : rule.filter[0].prefix if length(rule.expiration) > 0
    ] == ["uploads/"]
    error_message = "Only temporary uploads expire."
  }

  assert {
    condition = (
      aws_s3_bucket_notification.images.queue[0].events == toset(["s3:ObjectCreated:*"]) &&
      aws_s3_bucket_notification.images.queue[0].filter_prefix == "users/"
    )
    error_message = "New objects of users are told to the queue."
  }

  assert {
    condition     = length(aws_s3_bucket_cors_configuration.images) == 0
    error_message = "No web page may use the bucket unless its origin is named."
  }
}

run "key_of_our_own_and_origins" {
  module {
    source = "./modules/storage"
  }

  variables {
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/mock"
    cors_origins = ["https://app.example.com"]
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.images.rule :
      rule.bucket_key_enabled &&
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
      rule.apply_server_side_encryption_by_default[0].kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/mock"
    ])
    error_message = "The key encrypts the objects."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_cors_configuration.images[0].cors_rule : toset(rule.expose_headers)
    ]) == toset(["ETag", "Location"])
    error_message = "Browsers that upload in parts need ETag and Location."
  }
}
