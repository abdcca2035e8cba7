# What is different in an AWS emulator. Terraform merges a file of this name into the configuration when it lies
# beside it, where make deploy-local puts a copy; a deployment to AWS knows nothing of it.

provider "aws" {
  # No bucket names as host names, no instance metadata, no account behind the credentials. The emulator's
  # address comes from AWS_ENDPOINT_URL, which the provider reads itself.
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias = "us_east_1"

  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

# It speaks plain HTTP.

module "storage" {
  tls_only = false
}

module "queue" {
  tls_only = false
}

module "render_queue" {
  tls_only = false
}

module "webhooks" {
  tls_only = false
}
