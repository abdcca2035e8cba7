provider "aws" {
  region              = var.region
  allowed_account_ids = var.aws_account_id == null ? null : [var.aws_account_id]

  default_tags {
    tags = local.tags
  }
}

# CloudFront's certificates, firewalls and their logs are in us-east-1. Partitions without CloudFront may lack that region.
provider "aws" {
  alias               = "us_east_1"
  region              = var.cdn == null ? var.region : "us-east-1"
  allowed_account_ids = var.aws_account_id == null ? null : [var.aws_account_id]

  default_tags {
    tags = local.tags
  }
}
