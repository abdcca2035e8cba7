# The table of the records, its indexes and its stream. src/adapters/dynamodb/schema.py describes the items; its names
# are repeated here.

resource "aws_dynamodb_table" "records" {
  # checkov:skip=CKV_AWS_119:The key is a variable; without one, DynamoDB encrypts with a key of its own.

  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "owner_id"
  range_key                   = "item_key"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = ["owner_id", "item_key", "capture_order", "due_shard", "due_order"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  # An owner's ready images by capture time.
  global_secondary_index {
    name            = "by_capture_time"
    hash_key        = "owner_id"
    range_key       = "capture_order"
    projection_type = "ALL"
  }

  # Unfinished items of all owners by the time at which they are due.
  global_secondary_index {
    name            = "due"
    hash_key        = "due_shard"
    range_key       = "due_order"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }

  dynamic "server_side_encryption" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }
}
