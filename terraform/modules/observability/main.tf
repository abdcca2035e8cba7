# Alarms for what needs a person's attention, and one dashboard. docs/operations.md says what to do about each alarm.

locals {
  # The functions' own metrics: in the namespace of this deployment, by function (service) and other dimensions.
  measured = {
    ready    = [for way in ["small", "form", "multipart"] : { name = "Uploads", dimensions = { service = var.functions["events"].name, way = way, outcome = "ready" } }]
    rejected = [for way in ["small", "form", "multipart"] : { name = "Uploads", dimensions = { service = var.functions["events"].name, way = way, outcome = "rejected" } }]
    # Most refused small uploads never have a record.
    refused   = [{ name = "Uploads", dimensions = { service = var.functions["images"].name, way = "small", outcome = "rejected" } }]
    throttled = [for key in ["images", "users"] : { name = "Throttled", dimensions = { service = var.functions[key].name } }]
    denied    = [{ name = "SignIns", dimensions = { service = var.functions["users"].name, outcome = "invalid-credentials" } }]
  }

  # Alarms on queues: on messages that were given up, and on messages that wait too long.
  queue_alarms = {
    dead-letters = {
      description = "Work was given up after the last attempt; make redrive sends it back."
      queue       = var.queues.uploads.dead_letter_queue_name
      metric      = "ApproximateNumberOfMessagesVisible"
      period      = 60
      threshold   = 0
    }
    queue-age = {
      description = "Work has waited for more than an hour."
      queue       = var.queues.uploads.name
      metric      = "ApproximateAgeOfOldestMessage"
      period      = 300
      threshold   = 3600
    }
    render-dead-letters = {
      description = "Renditions were given up after the last attempt; make redrive sends the work back."
      queue       = var.queues.render.dead_letter_queue_name
      metric      = "ApproximateNumberOfMessagesVisible"
      period      = 60
      threshold   = 0
    }
    render-queue-age = {
      description = "Ready images have waited for their renditions for more than an hour."
      queue       = var.queues.render.name
      metric      = "ApproximateAgeOfOldestMessage"
      period      = 300
      threshold   = 3600
    }
  }

  topic   = length(var.alarm_emails) == 0 ? [] : [true]
  actions = concat(var.alarm_actions, aws_sns_topic.alarms[*].arn)

  function_alarms = merge([
    for key, function in var.functions : {
      "${key}-errors" = {
        description = "The ${key} function failed."
        metric      = "Errors"
        function    = function.name
        statistic   = "Sum"
        percentile  = null
        threshold   = 0
      }
      "${key}-throttles" = {
        description = "Calls of the ${key} function were refused because they exceeded a concurrency limit."
        metric      = "Throttles"
        function    = function.name
        statistic   = "Sum"
        percentile  = null
        threshold   = 0
      }
      "${key}-duration" = {
        description = "The ${key} function comes close to its timeout."
        metric      = "Duration"
        function    = function.name
        statistic   = null
        percentile  = "p99"
        threshold   = 800 * function.timeout_s
      }
    }
  ]...)

  # Alarms on sums: for each, the metrics that are added up. A metric without values counts as 0.
  sum_alarms = {
    records-throttles = {
      description = "The table of the records throttled more than ten requests in five minutes."
      threshold   = 10
      metrics = [
        for part in setproduct(["ReadThrottleEvents", "WriteThrottleEvents"], concat([null], var.table.index_names)) : {
          namespace = "AWS/DynamoDB"
          name      = part[0]
          dimensions = merge(
            { TableName = var.table.name },
            part[1] == null ? {} : { GlobalSecondaryIndexName = part[1] },
          )
        }
      ]
    }
    records-errors = {
      description = "DynamoDB failed to serve requests to the table of the records."
      threshold   = 0
      metrics = [
        for operation in ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "GetRecords", "PutItem", "Query", "TransactWriteItems", "UpdateItem"] : {
          namespace  = "AWS/DynamoDB"
          name       = "SystemErrors"
          dimensions = { TableName = var.table.name, Operation = operation }
        }
      ]
    }
    events-given-up = {
      description = "Events could not be published; they are under aws/lambda/ in the bucket."
      threshold   = 0
      metrics = [
        for name in ["DroppedEventCount", "OnFailureDestinationDeliveredEventCount"] : {
          namespace  = "AWS/Lambda"
          name       = name
          dimensions = { EventSourceMappingUUID = var.stream.source_id }
        }
      ]
    }
    throttled = {
      description = "The functions responded to more than a hundred requests in five minutes with 429, Too Many Requests."
      threshold   = 100
      metrics     = [for metric in local.measured.throttled : merge(metric, { namespace = var.name })]
    }
    sign-ins-denied = {
      description = "More than ${var.denied_sign_ins} sign-ins in five minutes had a wrong password: somebody may be guessing."
      threshold   = var.denied_sign_ins
      metrics     = [for metric in local.measured.denied : merge(metric, { namespace = var.name })]
    }
    rules-failed = {
      description = "EventBridge could not send to a queue."
      threshold   = 0
      metrics = [
        for rule in values(var.rules) : {
          namespace = "AWS/Events"
          name      = "FailedInvocations"
          dimensions = merge(
            { RuleName = rule.name },
            rule.bus == "default" ? {} : { EventBusName = rule.bus },
          )
        }
      ]
    }
  }
}

resource "aws_sns_topic" "alarms" {
  count = length(local.topic)

  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = each.value.function }
  statistic           = each.value.statistic
  extended_statistic  = each.value.percentile
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-api-errors"
  alarm_description   = "More than one in a hundred requests ended in a server error."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions

  metric_query {
    id          = "share"
    expression  = "100 * errors / requests"
    label       = "Server errors (%)"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "5xx"
      dimensions  = { ApiId = var.api_id }
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "Count"
      dimensions  = { ApiId = var.api_id }
      stat        = "Sum"
      period      = 300
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "api_latency" {
  alarm_name          = "${var.name}-api-latency"
  alarm_description   = "One in twenty requests took longer than ${var.api_latency_ms} ms."
  namespace           = "AWS/ApiGateway"
  metric_name         = "Latency"
  dimensions          = { ApiId = var.api_id }
  extended_statistic  = "p95"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.api_latency_ms
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = local.queue_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = "Maximum"
  period              = each.value.period
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

# Each search reports how late it was; no report at all is just as bad.
resource "aws_cloudwatch_metric_alarm" "overdue" {
  alarm_name          = "${var.name}-overdue"
  alarm_description   = "Work had been due for more than an hour when the schedule looked for it, or the schedule does not run."
  namespace           = var.name
  metric_name         = "Overdue"
  dimensions          = { service = var.functions["ingest"].name }
  statistic           = "Maximum"
  period              = max(3600, 120 * var.due_every_minutes)
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 3600 + 60 * var.due_every_minutes
  treat_missing_data  = "breaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "undelivered" {
  for_each = var.undelivered_queues

  alarm_name          = "${var.name}-undelivered-${each.key}"
  alarm_description   = "Events could not be posted to the webhook ${each.key}; make redrive-webhook posts them again."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "iterator_age" {
  alarm_name          = "${var.name}-events-age"
  alarm_description   = "Changes have waited for more than ten minutes to be published; the stream keeps them for a day."
  namespace           = "AWS/Lambda"
  metric_name         = "IteratorAge"
  dimensions          = { FunctionName = var.stream.function_name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600000
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "sum" {
  for_each = local.sum_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions

  metric_query {
    id          = "sum"
    expression  = join(" + ", [for index in range(length(each.value.metrics)) : "FILL(m${index}, 0)"])
    label       = each.value.description
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = "m${metric_query.key}"

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "uploads_rejected" {
  alarm_name          = "${var.name}-uploads-rejected"
  alarm_description   = "More than half of at least twenty uploads in fifteen minutes were rejected."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 50
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions

  metric_query {
    id          = "share"
    expression  = "IF(rejected + ready >= 20, 100 * rejected / (rejected + ready), 0)"
    label       = "Rejected uploads (%)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      ready    = length(local.measured.ready)
      rejected = length(concat(local.measured.rejected, local.measured.refused))
    }

    content {
      id         = metric_query.key
      expression = join(" + ", [for index in range(metric_query.value) : "FILL(${metric_query.key}${index}, 0)"])
    }
  }

  dynamic "metric_query" {
    for_each = merge(
      { for index, metric in local.measured.ready : "ready${index}" => metric },
      { for index, metric in concat(local.measured.rejected, local.measured.refused) : "rejected${index}" => metric },
    )

    content {
      id = metric_query.key

      metric {
        namespace   = var.name
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = "Sum"
        period      = 900
      }
    }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, widget in concat([
        {
          title = "Requests"
          stat  = "Sum"
          metrics = [
            for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", var.api_id]
          ]
        },
        {
          title = "Latency of the API, 95 % (ms)"
          stat  = "p95"
          metrics = [
            for metric in ["Latency", "IntegrationLatency"] : ["AWS/ApiGateway", metric, "ApiId", var.api_id]
          ]
        },
        {
          title   = "Duration of the functions, 95 % (ms)"
          stat    = "p95"
          metrics = [for function in var.functions : ["AWS/Lambda", "Duration", "FunctionName", function.name]]
        },
        {
          title = "Errors and throttles of the functions"
          stat  = "Sum"
          metrics = concat(
            [for function in var.functions : ["AWS/Lambda", "Errors", "FunctionName", function.name]],
            [for function in var.functions : ["AWS/Lambda", "Throttles", "FunctionName", function.name]],
          )
        },
        {
          title   = "Concurrent executions"
          stat    = "Maximum"
          metrics = [for function in var.functions : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", function.name]]
        },
        {
          title = "Age of the changes that are not told yet (ms)"
          stat  = "Maximum"
          metrics = [
            ["AWS/Lambda", "IteratorAge", "FunctionName", var.stream.function_name]
          ]
        },
        {
          title = "Capacity that the records take"
          stat  = "Sum"
          metrics = [
            for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : ["AWS/DynamoDB", metric, "TableName", var.table.name]
          ]
        },
        {
          title = "Work waiting, and given up"
          stat  = "Maximum"
          metrics = [
            for queue in flatten([for queue in values(var.queues) : [queue.name, queue.dead_letter_queue_name]]) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]
          ]
        },
        ], [
        for search in [
          ["Uploads by way and outcome", "Uploads", "outcome,way", "Sum"],
          ["Bytes of images that became ready", "UploadedBytes", "way", "Sum"],
          ["From an image's record to the news that it is ready, 95 % (ms)", "TimeToReady", "way", "p95"],
          ["Rejections by code", "Rejections", "code", "Sum"],
          ["Sign-ins by outcome", "SignIns", "outcome", "Sum"],
          ["Delay of due work (s)", "Overdue", "", "Maximum"],
          ["Answers 429", "Throttled", "", "Sum"],
          ["Answers 503", "Unavailable", "", "Sum"],
          ["Cold starts", "ColdStarts", "", "Sum"],
          ] : {
          title = search[0]
          stat  = search[3]
          # Includes ways, outcomes and codes that are added later.
          metrics = [[{
            expression = "SEARCH('{${join(",", compact(["\"${var.name}\"", search[2], "service"]))}} MetricName=\"${search[1]}\"', '${search[3]}', 300)"
          }]]
        }
        ]) : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          stat    = widget.stat
          period  = 300
          metrics = widget.metrics
        }
      }
    ]
  })
}
