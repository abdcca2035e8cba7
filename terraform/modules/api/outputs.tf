output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "Base URL, without a trailing slash."
  value       = var.custom_domain == null ? trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/") : "https://${var.custom_domain.name}"
}

output "routes" {
  description = "Each route with its tag, whether it needs a token, and whether its body is not JSON."
  value       = local.routes
}

output "domain_target" {
  description = "Where the custom domain's DNS record must point, if there is one."
  value       = one(aws_apigatewayv2_domain_name.this[*].domain_name_configuration[0].target_domain_name)
}
