# A function and its role, and what the module refuses.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name    = "images-upload-test-users"
  handler = "entrypoints.functions.users.handler"
  settings = {
    region             = "eu-west-1"
    package            = "versions.tf" # any file: nothing is uploaded
    architecture       = "arm64"
    runtime            = "python3.13"
    memory_mb          = 512
    timeout_s          = 20
    snap_start         = false
    tracing            = true
    log_retention_days = 30
  }
  environment = { PRESENT = "yes", ABSENT = null }
  statements = {
    ReadObjects = {
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::images/users/*"]
    }
    ListObjects = {
      actions    = ["s3:ListBucket"]
      resources  = ["arn:aws:s3:::images"]
      conditions = { StringLike = { "s3:prefix" = ["users/*"] } }
    }
  }
}

run "role" {
  module {
    source = "./modules/function"
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => [statement.Action, statement.Resource]
      } == {
      ReadObjects = [["s3:GetObject"], ["arn:aws:s3:::images/users/*"]]
      ListObjects = [["s3:ListBucket"], ["arn:aws:s3:::images"]]
      WriteLogs   = [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-west-1:123456789012:log-group:mock:*"]]
      WriteTraces = [["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]]
    }
    error_message = "The role may do what its statements allow, and write its own logs and traces."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Condition if statement.Sid == "ListObjects"
    ]) == { StringLike = { "s3:prefix" = ["users/*"] } }
    error_message = "Conditions are kept."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" }
    error_message = "Only Lambda can assume the role."
  }
}

run "roles_of_two_regions_live_in_one_account" {
  module {
    source = "./modules/function"
  }

  assert {
    condition     = aws_iam_role.this.name == "images-upload-test-users-eu-west-1"
    error_message = "A role's name has the region in it."
  }
}

run "a_missing_package_is_said" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    settings = {
      region             = "eu-west-1"
      package            = "missing.zip"
      architecture       = "arm64"
      runtime            = "python3.13"
      memory_mb          = 512
      timeout_s          = 20
      snap_start         = false
      tracing            = true
      log_retention_days = 30
    }
  }

  expect_failures = [aws_lambda_function.this]
}

run "function" {
  module {
    source = "./modules/function"
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "The function is traced."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "INFO"
    error_message = "Lambda lets through what the function logs by default."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Logs are kept for the configured time."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ PRESENT = "yes", POWERTOOLS_SERVICE_NAME = "images-upload-test-users" })
    error_message = "Variables that are null are omitted."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.function_version == "7"
    error_message = "The alias serves the version published last."
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.this) == 0
    error_message = "No queue unless one is named."
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.stream) == 0 && output.stream_source_id == null
    error_message = "No stream unless one is named."
  }
}

run "stream" {
  module {
    source = "./modules/function"
  }

  variables {
    stream_source = {
      stream_arn                 = "arn:aws:dynamodb:eu-west-1:123456789012:table/records/stream/1"
      batch_size                 = 100
      filters                    = ["{\"eventName\":[\"REMOVE\"]}"]
      maximum_retry_attempts     = 10
      maximum_record_age_seconds = 3600
      failure_bucket_arn         = "arn:aws:s3:::images"
    }
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream[0].function_name == aws_lambda_alias.live.arn &&
      aws_lambda_event_source_mapping.stream[0].starting_position == "TRIM_HORIZON"
    )
    error_message = "The alias gets every change, starting with the first one."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream[0].function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.stream[0].bisect_batch_on_function_error
    )
    error_message = "One bad record does not repeat others."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream[0].maximum_retry_attempts == 10 &&
      aws_lambda_event_source_mapping.stream[0].maximum_record_age_in_seconds == 3600 &&
      aws_lambda_event_source_mapping.stream[0].destination_config[0].on_failure[0].destination_arn == "arn:aws:s3:::images"
    )
    error_message = "Records that keep failing are stored in the bucket, and the others go on."
  }

  assert {
    condition     = one(aws_lambda_event_source_mapping.stream[0].metrics_config).metrics == toset(["EventCount"])
    error_message = "Records that are given up are counted."
  }

  assert {
    condition     = [for filter in aws_lambda_event_source_mapping.stream[0].filter_criteria[0].filter : jsondecode(filter.pattern)] == [{ eventName = ["REMOVE"] }]
    error_message = "Only what matters invokes the function."
  }
}

run "streams_are_not_retried_for_ever" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    stream_source = {
      stream_arn                 = "arn:aws:dynamodb:eu-west-1:123456789012:table/records/stream/1"
      batch_size                 = 100
      filters                    = ["{\"eventName\":[\"REMOVE\"]}"]
      maximum_retry_attempts     = -1
      maximum_record_age_seconds = -1
      failure_bucket_arn         = "arn:aws:s3:::images"
    }
  }

  expect_failures = [var.stream_source]
}

run "pinned_snapshot_without_traces" {
  module {
    source = "./modules/function"
  }

  variables {
    settings = {
      region             = "eu-west-1"
      package            = "versions.tf"
      architecture       = "x86_64"
      runtime            = "python3.13"
      memory_mb          = 512
      timeout_s          = 20
      snap_start         = true
      tracing            = false
      log_level          = "WARNING"
      log_retention_days = 30
      pinned_version     = "3"
    }
    event_source = {
      queue_arn           = "arn:aws:sqs:eu-west-1:123456789012:uploads"
      batch_size          = 10
      maximum_concurrency = 20
    }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "3"
    error_message = "A pinned version serves."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "WARN"
    error_message = "Lambda's own filter has the function's level under the name that it knows."
  }

  assert {
    condition     = aws_lambda_function.this.snap_start[0].apply_on == "PublishedVersions"
    error_message = "SnapStart works on published versions."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this.policy, "\"*\"")
    error_message = "Without traces the role has no resource that is not named."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this[0].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Only the messages that failed are tried again."
  }
}

run "debugging" {
  module {
    source = "./modules/function"
  }

  variables {
    settings = {
      region             = "eu-west-1"
      package            = "versions.tf"
      architecture       = "arm64"
      runtime            = "python3.13"
      memory_mb          = 512
      timeout_s          = 20
      snap_start         = false
      tracing            = false
      log_level          = "DEBUG"
      log_retention_days = 30
    }
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lambda does not filter out the requested log level."
  }
}

run "wildcard_actions_are_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    statements = { All = { actions = ["s3:*"], resources = ["arn:aws:s3:::images/users/*"] } }
  }

  expect_failures = [var.statements]
}

run "wildcard_resources_are_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    statements = { All = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}
