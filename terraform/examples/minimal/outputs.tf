output "issuer" {
  description = "Issuer of the tokens, for the authorizer of an API."
  value       = module.auth.issuer
}

output "client_id" {
  description = "Client id for browsers and mobile apps."
  value       = module.auth.public_client_id
}

output "bucket" {
  description = "Name of the bucket."
  value       = module.storage.bucket_name
}

output "queue_url" {
  description = "URL of the queue of stored objects."
  value       = module.queue.url
}
