output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the user pool."
  value       = aws_cognito_user_pool.this.arn
}

output "issuer" {
  description = "Issuer of the tokens (claim iss); its keys are at <issuer>/.well-known/jwks.json."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "server_client_id" {
  description = "Client id that the API itself uses."
  value       = aws_cognito_user_pool_client.server.id
}

output "public_client_id" {
  description = "Client id for browsers and mobile apps."
  value       = aws_cognito_user_pool_client.public.id
}

output "sign_in_domain" {
  description = "Domain of the hosted sign-in pages, if any."
  value       = one(aws_cognito_user_pool_domain.this[*].domain)
}
