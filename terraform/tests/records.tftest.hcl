# How the records are kept.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name = "images-upload-test-records"
}

run "protected_by_default" {
  module {
    source = "./modules/records"
  }

  assert {
    condition     = aws_dynamodb_table.records.billing_mode == "PAY_PER_REQUEST"
    error_message = "The table is billed on demand."
  }

  assert {
    condition = (
      aws_dynamodb_table.records.point_in_time_recovery[0].enabled &&
      aws_dynamodb_table.records.point_in_time_recovery[0].recovery_period_in_days == 35
    )
    error_message = "Each second of five weeks can be restored."
  }

  assert {
    condition     = aws_dynamodb_table.records.deletion_protection_enabled
    error_message = "The records are protected from deletion."
  }

  assert {
    condition     = aws_dynamodb_table.records.stream_enabled && aws_dynamodb_table.records.stream_view_type == "NEW_AND_OLD_IMAGES"
    error_message = "The stream has the old and the new state."
  }

  assert {
    condition     = aws_dynamodb_table.records.ttl[0].enabled && aws_dynamodb_table.records.ttl[0].attribute_name == "ttl"
    error_message = "Expired items are removed."
  }

  assert {
    condition     = length(aws_dynamodb_table.records.server_side_encryption) == 0
    error_message = "Without a customer-managed key, DynamoDB encrypts with its own."
  }
}

run "keys_and_indexes" {
  module {
    source = "./modules/records"
  }

  assert {
    condition     = [aws_dynamodb_table.records.hash_key, aws_dynamodb_table.records.range_key] == ["owner_id", "item_key"]
    error_message = "All items of an owner are in one partition."
  }

  assert {
    condition = {
      for index in aws_dynamodb_table.records.global_secondary_index : index.name => [index.hash_key, index.range_key, index.projection_type]
      } == {
      by_capture_time = ["owner_id", "capture_order", "ALL"]
      due             = ["due_shard", "due_order", "KEYS_ONLY"]
    }
    error_message = "An owner's images by capture time, and what is due of all owners."
  }

  assert {
    condition = toset([for attribute in aws_dynamodb_table.records.attribute : attribute.name]) == toset(flatten([
      ["owner_id", "item_key"],
      [for index in aws_dynamodb_table.records.global_secondary_index : [index.hash_key, index.range_key]],
    ]))
    error_message = "DynamoDB requires definitions of the key attributes, and no others."
  }
}

run "key_of_our_own" {
  module {
    source = "./modules/records"
  }

  variables {
    kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/mock"
    deletion_protection = false
  }

  assert {
    condition     = aws_dynamodb_table.records.server_side_encryption[0].kms_key_arn == "arn:aws:kms:eu-west-1:123456789012:key/mock"
    error_message = "The key encrypts the table."
  }

  assert {
    condition     = !aws_dynamodb_table.records.deletion_protection_enabled
    error_message = "Deletion protection can be turned off."
  }
}

run "recovery_has_a_limit" {
  command = plan

  module {
    source = "./modules/records"
  }

  variables {
    recovery_days = 36
  }

  expect_failures = [var.recovery_days]
}
