# What is different in an AWS emulator. Terraform merges a file of this name into a configuration in the same directory,
# to which make deploy-local copies it. A deployment to AWS does not use it.

provider "aws" {
  # Use no bucket names as host names, no instance metadata, and no account lookup. The provider itself reads the
  # emulator's address from AWS_ENDPOINT_URL.
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

# Emulators use plain HTTP.

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
