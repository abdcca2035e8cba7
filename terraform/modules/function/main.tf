# One Lambda function: its role, its log group, a published version and the alias "live" that everything
# else calls. To roll back, point the alias at an earlier version.

locals {
  log_group_name = "/aws/lambda/${var.name}"

  # To destroy the function, its package need not exist.
  package_hash = fileexists(var.settings.package) ? filebase64sha256(var.settings.package) : null
  alias        = "live"

  own_statements = merge(
    {
      WriteLogs = {
        actions    = ["logs:CreateLogStream", "logs:PutLogEvents"]
        resources  = ["${aws_cloudwatch_log_group.this.arn}:*"]
        conditions = {}
      }
    },
    # X-Ray has no resources: these two actions can only be granted on "*".
    var.settings.tracing ? {
      WriteTraces = {
        actions    = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        resources  = ["*"]
        conditions = {}
      }
    } : {},
  )
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for sid, statement in merge(local.own_statements, var.statements) : merge(
        {
          Sid      = sid
          Effect   = "Allow"
          Action   = statement.actions
          Resource = statement.resources
        },
        length(statement.conditions) == 0 ? {} : { Condition = statement.conditions },
      )
    ]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:The retention is a variable.

  name              = local.log_group_name
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = var.settings.kms_key_arn
}

resource "aws_iam_role" "this" {
  # Roles are global in the account, functions regional.
  name                 = "${var.name}-${var.settings.region}"
  description          = "What the Lambda function ${var.name} may do."
  permissions_boundary = var.settings.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = local.policy
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116:Nothing calls it asynchronously; the queues that invoke functions have dead-letter queues.
  # checkov:skip=CKV_AWS_117:It only uses AWS services, at their public endpoints; a VPC would add cost, not protection.
  # checkov:skip=CKV_AWS_272:The person who deploys builds and uploads the package; signing needs a profile of the organisation.

  function_name                  = var.name
  role                           = aws_iam_role.this.arn
  runtime                        = var.settings.runtime
  architectures                  = [var.settings.architecture]
  handler                        = var.handler
  filename                       = var.settings.package
  source_code_hash               = local.package_hash
  layers                         = var.layers
  memory_size                    = var.settings.memory_mb
  timeout                        = var.settings.timeout_s
  reserved_concurrent_executions = coalesce(var.settings.reserved_concurrency, -1)
  kms_key_arn                    = var.settings.kms_key_arn
  publish                        = true

  environment {
    variables = merge(
      { for name, value in merge(var.environment, { POWERTOOLS_SERVICE_NAME = var.name }) : name => value if value != null },
      var.secrets,
    )
  }

  ephemeral_storage {
    size = var.settings.ephemeral_storage_mb
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
    # Lambda has another name for Python's WARNING.
    application_log_level = var.settings.log_level == "WARNING" ? "WARN" : var.settings.log_level
  }

  tracing_config {
    mode = var.settings.tracing ? "Active" : "PassThrough"
  }

  dynamic "snap_start" {
    for_each = var.settings.snap_start ? [true] : []

    content {
      apply_on = "PublishedVersions"
    }
  }

  lifecycle {
    precondition {
      condition     = local.package_hash != null
      error_message = "${var.settings.package} is missing: make package builds it."
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  name             = local.alias
  description      = "The version that callers use."
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.settings.pinned_version, aws_lambda_function.this.version)
}

resource "aws_lambda_event_source_mapping" "this" {
  count = var.event_source == null ? 0 : 1

  function_name           = aws_lambda_alias.live.arn
  event_source_arn        = var.event_source.queue_arn
  batch_size              = var.event_source.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.event_source.maximum_concurrency
  }
}

resource "aws_lambda_event_source_mapping" "stream" {
  count = var.stream_source == null ? 0 : 1

  function_name     = aws_lambda_alias.live.arn
  event_source_arn  = var.stream_source.stream_arn
  starting_position = "TRIM_HORIZON"
  batch_size        = var.stream_source.batch_size

  function_response_types        = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = var.stream_source.maximum_retry_attempts
  maximum_record_age_in_seconds  = var.stream_source.maximum_record_age_seconds

  filter_criteria {
    dynamic "filter" {
      for_each = var.stream_source.filters

      content {
        pattern = filter.value
      }
    }
  }

  destination_config {
    on_failure {
      destination_arn = var.stream_source.failure_bucket_arn
    }
  }

  # No other metric shows that a record was given up.
  metrics_config {
    metrics = ["EventCount"]
  }
}
