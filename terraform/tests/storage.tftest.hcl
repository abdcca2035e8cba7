# How the bucket is hardened.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_name = "images-upload-test"
  account_id  = "123456789012"
  lifecycle_rules = {
    expire_prefix_after_days = { "incoming/" = 35, "aws/lambda/" = 14 }
  }
  notification = { queue_arn = "arn:aws:sqs:eu-west-1:123456789012:uploads", prefixes = ["incoming/"] }
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
      try(rule.abort_incomplete_multipart_upload[0].days_after_initiation == 2, false) && rule.status == "Enabled"
    ])
    error_message = "Unfinished multipart uploads are aborted after two days."
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.images.rule : rule.filter[0].prefix => rule.expiration[0].days if try(rule.expiration[0].days > 0, false)
    } == { "incoming/" = 35, "aws/lambda/" = 14 }
    error_message = "The configured prefixes expire, and nothing else."
  }

  assert {
    condition     = !anytrue([for rule in aws_s3_bucket_lifecycle_configuration.images.rule : length(rule.transition) > 0])
    error_message = "Images are not moved unless configured."
  }

  assert {
    condition = (
      aws_s3_bucket_notification.images.queue[0].events == toset(["s3:ObjectCreated:*"]) &&
      aws_s3_bucket_notification.images.queue[0].filter_prefix == "incoming/"
    )
    error_message = "The queue is notified of incoming objects."
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_cors_configuration.images.cors_rule : [rule.allowed_origins, rule.allowed_methods]
    ] == [[toset(["*"]), toset(["GET", "HEAD"])]]
    error_message = "Any page may read with a signed URL; none may upload unless its origin is named."
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.images) == 0
    error_message = "Without versions, a deletion leaves nothing: suspended versioning would leave a marker."
  }
}

run "with_versions" {
  module {
    source = "./modules/storage"
  }

  variables {
    versioning = true
  }

  assert {
    condition     = aws_s3_bucket_versioning.images[0].versioning_configuration[0].status == "Enabled"
    error_message = "Versions are kept."
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.images.rule :
      rule.noncurrent_version_expiration[0].noncurrent_days
      if try(rule.expiration[0].expired_object_delete_marker, false) && rule.status == "Enabled"
    ] == [30]
    error_message = "Noncurrent versions expire, and the markers of deletions after them."
  }
}

run "bucket_names_are_checked" {
  command = plan

  module {
    source = "./modules/storage"
  }

  variables {
    bucket_name = "images-upload-of-a-project-with-a-very-long-name-123456789012-eu1"
  }

  expect_failures = [var.bucket_name]
}

run "key_of_our_own_and_origins" {
  module {
    source = "./modules/storage"
  }

  variables {
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/mock"
    cors_origins = ["https://app.example.com"]
    lifecycle_rules = {
      infrequent_access = { prefix = "users/", after_days = 90 }
    }
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.images.rule : [rule.filter[0].and[0].prefix, one(rule.transition).days]
      if length(rule.transition) > 0
    ] == [["users/", 90]]
    error_message = "Only images move to infrequent access."
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
    condition = [
      for rule in aws_s3_bucket_cors_configuration.images.cors_rule :
      [rule.allowed_origins, rule.allowed_methods, rule.expose_headers] if rule.id == "upload"
    ] == [[toset(["https://app.example.com"]), toset(["POST", "PUT"]), toset(["ETag", "Location"])]]
    error_message = "The named pages may upload; in parts they need ETag and Location."
  }
}
