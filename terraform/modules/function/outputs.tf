output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias" {
  description = "Name of the alias that callers use."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "ARN by which to call the function."
  value       = aws_lambda_alias.live.arn
}

output "invoke_arn" {
  description = "ARN by which API Gateway calls the function."
  value       = aws_lambda_alias.live.invoke_arn
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "policy" {
  description = "The role's policy (JSON)."
  value       = local.policy
}

output "timeout_s" {
  description = "The function's timeout in seconds."
  value       = aws_lambda_function.this.timeout
}

output "version" {
  description = "The latest published version."
  value       = aws_lambda_function.this.version
}

output "stream_source_id" {
  description = "Id of the event source mapping of the stream, if there is one."
  value       = one(aws_lambda_event_source_mapping.stream[*].uuid)
}
