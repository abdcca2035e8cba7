# What wakes somebody.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                   = "images-upload-test"
  region                 = "eu-west-1"
  functions              = { users = { name = "images-upload-test-users", timeout_s = 20 } }
  api_id                 = "api"
  queue_name             = "uploads"
  dead_letter_queue_name = "uploads-dead-letters"
  alarm_actions          = []
  alarm_emails           = ["ops@example.com"]
  api_latency_ms         = 3000
}

run "alarms" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.function)) == toset(["users-duration", "users-errors", "users-throttles"])
    error_message = "Every function is watched for errors, throttles and time."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.function["users-duration"].threshold == 16000
    error_message = "Four fifths of the timeout, in milliseconds."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.threshold == 0 && aws_cloudwatch_metric_alarm.dead_letters.dimensions["QueueName"] == "uploads-dead-letters"
    error_message = "The first given-up upload raises the alarm."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.function), [
        aws_cloudwatch_metric_alarm.api_errors,
        aws_cloudwatch_metric_alarm.api_latency,
        aws_cloudwatch_metric_alarm.dead_letters,
        aws_cloudwatch_metric_alarm.queue_age,
      ]) : alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:mock"])
    ])
    error_message = "Every alarm reaches the topic."
  }
}
