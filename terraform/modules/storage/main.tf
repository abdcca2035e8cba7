# The bucket of the images and their metadata: private, encrypted, and only accessible over TLS and from this
# account.

locals {
  whole_bucket = [aws_s3_bucket.images.arn, "${aws_s3_bucket.images.arn}/*"]

  tls_statement = {
    Sid       = "OnlyOverTls"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = local.whole_bucket
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

resource "aws_s3_bucket" "images" {
  # checkov:skip=CKV_AWS_21:Versioning is a variable. Without it, a deleted image is gone at once, as its owner asked for.
  # checkov:skip=CKV_AWS_144:A copy in another region is the operator's decision about cost and data residency.

  bucket        = var.bucket_name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "images" {
  bucket                  = aws_s3_bucket.images.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "images" {
  bucket = aws_s3_bucket.images.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "images" {
  bucket = aws_s3_bucket.images.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

# Not created at all if versioning is off: with suspended versioning, each deletion would leave a marker with the key
# of the image, and with it its owner's id.
resource "aws_s3_bucket_versioning" "images" {
  count = var.versioning ? 1 : 0

  bucket = aws_s3_bucket.images.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "images" {
  bucket = aws_s3_bucket.images.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "OnlyFromThisAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = local.whole_bucket
        Condition = {
          StringNotEquals = { "aws:PrincipalAccount" = var.account_id }
          BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
        }
      },
    ], var.tls_only ? [local.tls_statement] : [])
  })

  depends_on = [aws_s3_bucket_public_access_block.images]
}

resource "aws_s3_bucket_lifecycle_configuration" "images" {
  # checkov:skip=CKV_AWS_300:The first rule does that; its number of days is a variable, which the check cannot read.

  bucket = aws_s3_bucket.images.id

  rule {
    id     = "abort-incomplete-multipart-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.lifecycle_rules.abort_multipart_after_days
    }
  }

  dynamic "rule" {
    for_each = var.lifecycle_rules.expire_prefix_after_days

    content {
      id     = "expire-${replace(trimsuffix(rule.key, "/"), "/", "-")}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.lifecycle_rules.infrequent_access == null ? [] : [var.lifecycle_rules.infrequent_access]

    content {
      id     = "infrequent-access"
      status = "Enabled"

      filter {
        and {
          prefix = rule.value.prefix
          # Smaller objects would cost more there, because they are billed as 128 KB.
          object_size_greater_than = 131072
        }
      }

      transition {
        days          = rule.value.after_days
        storage_class = "STANDARD_IA"
      }
    }
  }

  # Also if versioning is off, for versions from a time when it was on.
  rule {
    id     = "expire-noncurrent-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.lifecycle_rules.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.images]
}

resource "aws_s3_bucket_cors_configuration" "images" {
  bucket = aws_s3_bucket.images.id

  # Whoever has a signed URL may read with it. A browser that was redirected to one sends the origin "null", which
  # cannot be listed here.
  cors_rule {
    id              = "read-with-a-signed-url"
    allowed_origins = ["*"]
    allowed_methods = ["GET", "HEAD"]
    allowed_headers = ["*"]
    expose_headers  = ["Content-Disposition", "ETag"]
    max_age_seconds = 3600
  }

  dynamic "cors_rule" {
    for_each = length(var.cors_origins) == 0 ? [] : [var.cors_origins]

    content {
      id              = "upload"
      allowed_origins = cors_rule.value
      allowed_methods = ["POST", "PUT"]
      allowed_headers = ["*"]
      expose_headers  = ["ETag", "Location"]
      max_age_seconds = 3600
    }
  }
}

resource "aws_s3_bucket_logging" "images" {
  count = var.log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.images.id
  target_bucket = var.log_bucket
  target_prefix = "${var.bucket_name}/"
}

resource "aws_s3_bucket_notification" "images" {
  bucket = aws_s3_bucket.images.id

  dynamic "queue" {
    for_each = var.notification.prefixes

    content {
      queue_arn     = var.notification.queue_arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = queue.value
    }
  }
}
