# Which alarms there are.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "images-upload-test"
  region = "eu-west-1"
  functions = {
    users  = { name = "images-upload-test-users", timeout_s = 20 }
    images = { name = "images-upload-test-images", timeout_s = 30 }
    ingest = { name = "images-upload-test-ingest", timeout_s = 900 }
    events = { name = "images-upload-test-events", timeout_s = 60 }
  }
  api_id = "api"
  queues = {
    uploads = { name = "uploads", dead_letter_queue_name = "uploads-dead-letters" }
    render  = { name = "render", dead_letter_queue_name = "render-dead-letters" }
  }
  table  = { name = "records", index_names = ["by_capture_time", "due"] }
  stream = { function_name = "images-upload-test-events", source_id = "mapping" }
  rules = {
    deleted = { name = "images-upload-test-deleted", bus = "images-upload-test" }
    due     = { name = "images-upload-test-due", bus = "default" }
  }
  alarm_actions   = []
  alarm_emails    = ["ops@example.com"]
  api_latency_ms  = 3000
  denied_sign_ins = 40

  due_every_minutes  = 5
  undelivered_queues = { archive = "images-upload-test-webhook-archive-undelivered" }
}

run "alarms" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition = toset(keys(aws_cloudwatch_metric_alarm.function)) == toset([
      for part in setproduct(["users", "images", "ingest", "events"], ["duration", "errors", "throttles"]) : join("-", part)
    ])
    error_message = "Every function is watched for errors, throttles and time."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.function["users-duration"].threshold == 16000
    error_message = "Four fifths of the timeout, in milliseconds."
  }

  assert {
    condition = {
      for alarm in aws_cloudwatch_metric_alarm.queue : alarm.alarm_name => "${alarm.dimensions["QueueName"]} ${alarm.threshold}"
      } == {
      images-upload-test-dead-letters        = "uploads-dead-letters 0"
      images-upload-test-queue-age           = "uploads 3600"
      images-upload-test-render-dead-letters = "render-dead-letters 0"
      images-upload-test-render-queue-age    = "render 3600"
    }
    error_message = "The first given-up work raises an alarm, and so does work that waits for an hour."
  }

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.undelivered : key => [alarm.metric_name, alarm.threshold, alarm.dimensions["QueueName"]]
    } == { archive = ["ApproximateNumberOfMessagesVisible", 0, "images-upload-test-webhook-archive-undelivered"] }
    error_message = "The first event that a webhook did not accept raises its alarm."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.function), values(aws_cloudwatch_metric_alarm.sum), values(aws_cloudwatch_metric_alarm.queue), values(aws_cloudwatch_metric_alarm.undelivered), [
        aws_cloudwatch_metric_alarm.api_errors,
        aws_cloudwatch_metric_alarm.api_latency,
        aws_cloudwatch_metric_alarm.iterator_age,
        aws_cloudwatch_metric_alarm.overdue,
        aws_cloudwatch_metric_alarm.uploads_rejected,
      ]) : alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:mock"])
    ])
    error_message = "Every alarm reaches the topic."
  }

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.sum : key => toset([
        for query in alarm.metric_query : "${query.metric[0].metric_name} ${join(" ", values(query.metric[0].dimensions))}" if length(query.metric) > 0
      ])
      } == {
      records-throttles = toset(flatten([
        for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] : ["${metric} records", "${metric} by_capture_time records", "${metric} due records"]
      ]))
      records-errors = toset([
        for operation in ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "GetRecords", "PutItem", "Query", "TransactWriteItems", "UpdateItem"] :
        "SystemErrors ${operation} records"
      ])
      events-given-up = toset(["DroppedEventCount mapping", "OnFailureDestinationDeliveredEventCount mapping"])
      throttled       = toset(["Throttled images-upload-test-images", "Throttled images-upload-test-users"])
      sign-ins-denied = toset(["SignIns invalid-credentials images-upload-test-users"])
      rules-failed    = toset(["FailedInvocations images-upload-test images-upload-test-deleted", "FailedInvocations images-upload-test-due"])
    }
    error_message = "Alarms add up what belongs together."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.sum : length(alarm.metric_query) <= 10 && one([
        for query in alarm.metric_query : length(split(" + ", query.expression)) if query.expression != null
      ]) == length(alarm.metric_query) - 1
    ])
    error_message = "CloudWatch adds up at most ten metrics, and all of them are in the sum."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.overdue.threshold == 3900 &&
      aws_cloudwatch_metric_alarm.overdue.treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.overdue.dimensions["service"] == "images-upload-test-ingest"
    )
    error_message = "An hour later than the schedule, or no search at all."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.iterator_age.threshold == 600000 && aws_cloudwatch_metric_alarm.iterator_age.dimensions["FunctionName"] == "images-upload-test-events"
    error_message = "The alarm comes long before the stream drops records."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.uploads_rejected.metric_query : query.id => query.expression if query.expression != null
      } == {
      share    = "IF(rejected + ready >= 20, 100 * rejected / (rejected + ready), 0)"
      ready    = "FILL(ready0, 0) + FILL(ready1, 0) + FILL(ready2, 0)"
      rejected = "FILL(rejected0, 0) + FILL(rejected1, 0) + FILL(rejected2, 0) + FILL(rejected3, 0)"
    }
    error_message = "The share is of all uploads, whichever way they came."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.sum["sign-ins-denied"].threshold == 40
    error_message = "The operator sets how many wrong passwords raise an alarm."
  }

  assert {
    condition = anytrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
      widget.properties.metrics[0][0] == { expression = "SEARCH('{\"images-upload-test\",outcome,way,service} MetricName=\"Uploads\"', 'Sum', 300)" }
      if can(widget.properties.metrics[0][0].expression)
    ])
    error_message = "The dashboard shows the functions' own metrics."
  }
}

# scripts/prices.py has their price.
run "number_of_alarms" {
  module {
    source = "./modules/observability"
  }

  variables {
    functions = {
      for name in ["users", "images", "web", "ingest", "render", "events", "triggers"] : name => { name = name, timeout_s = 10 }
    }
    undelivered_queues = {}
  }

  assert {
    condition = sum([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.api_errors, aws_cloudwatch_metric_alarm.api_latency],
        [aws_cloudwatch_metric_alarm.overdue, aws_cloudwatch_metric_alarm.iterator_age, aws_cloudwatch_metric_alarm.uploads_rejected],
        values(aws_cloudwatch_metric_alarm.function),
        values(aws_cloudwatch_metric_alarm.queue),
        values(aws_cloudwatch_metric_alarm.sum),
      ) : max(1, length([for query in alarm.metric_query : query if length(query.metric) > 0]))
    ]) == 59
    error_message = "The metrics that alarms watch are as many as the price list says."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.function) + length(aws_cloudwatch_metric_alarm.queue) + length(aws_cloudwatch_metric_alarm.sum) + 5 == 36
    error_message = "There are as many alarms as the price list says."
  }
}
