# CloudFront with a firewall (AWS WAF) in front of the API. The API refuses requests without the secret that CloudFront
# sends, so it cannot be bypassed. All resources are in us-east-1, whose provider must be passed to the module.

locals {
  # Public account operations, where passwords and codes can be guessed.
  account_paths = distinct([
    for key, route in var.routes : element(split(" ", key), 1) if route.tag == "users" && !route.secured && !startswith(key, "ANY ")
  ])

  # Routes whose body is not text: rules that look for attacks in text would find matches by chance.
  upload_route = split(" ", one([for key, route in var.routes : key if route.takes_bytes]))

  # AWS's rule groups, in this order, and the rules of each that only count.
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = []
    # A list of parts exceeds the 8 KB that the rule allows, and scripts may send no User-Agent.
    AWSManagedRulesCommonRuleSet         = ["NoUserAgent_HEADER", "SizeRestrictions_BODY"]
    AWSManagedRulesKnownBadInputsRuleSet = []
  }
  first_priority = { for index, name in keys(local.managed_rules) : name => index + 1 }

  too_many = jsonencode({
    type   = "urn:problem-type:too-many-requests"
    title  = "Too many requests"
    status = 429
    detail = "Too many requests about accounts came from this address; try again in some minutes."
    code   = "too-many-requests"
  })

  aliases = var.domain == null ? [] : [var.domain.name]
}

data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "all" {
  name = "Managed-AllViewerExceptHostHeader"
}

# Adds what the API cannot see behind CloudFront.
resource "aws_cloudfront_function" "viewer" {
  name    = "${var.name}-viewer"
  comment = "Tells the API the client's address and the name that it asked for."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/viewer.js")
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:Requests are in the API's access log, refused ones in the firewall's, sign-ins with their addresses in the audit log.
  # checkov:skip=CKV_AWS_305:The API serves the root.
  # checkov:skip=CKV_AWS_310:There is one API; a second one in another region would need the users and images too.
  # checkov:skip=CKV_AWS_374:The operator decides from which countries the API may be used.
  # checkov:skip=CKV2_AWS_32:The functions send the security headers with every response.
  # checkov:skip=CKV2_AWS_47:The rules for known bad inputs, Log4j's among them, are in the ACL, in a block that the check cannot read.

  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = local.aliases
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = "api"
    domain_name = var.origin.domain_name

    custom_header {
      name  = "x-origin-secret"
      value = var.origin.secret
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      # Longer than the API's longest response.
      origin_read_timeout = 35
    }
  }

  default_cache_behavior {
    target_origin_id         = "api"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.all.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.viewer.arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = try(var.domain.certificate_arn, null)
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? "TLSv1" : "TLSv1.2_2021"
  }
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192:The rules for known bad inputs are among those below, in a block that the check cannot read.

  name        = var.name
  description = "Limits how many passwords and codes one address can try, and blocks known attacks."
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "too-many"
    content_type = "APPLICATION_JSON"
    content      = local.too_many
  }

  rule {
    name     = "account-requests-per-address"
    priority = 0

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "too-many"

          response_header {
            name  = "Retry-After"
            value = "300"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.account_requests_per_address
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"

        scope_down_statement {
          regex_match_statement {
            regex_string = "^(${join("|", local.account_paths)})/?$"

            field_to_match {
              uri_path {}
            }

            # The gateway treats different spellings of a path as the same.
            text_transformation {
              priority = 0
              type     = "URL_DECODE"
            }

            text_transformation {
              priority = 1
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-account-requests-per-address"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = local.first_priority[rule.key]

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }

          scope_down_statement {
            not_statement {
              statement {
                and_statement {
                  statement {
                    byte_match_statement {
                      search_string         = local.upload_route[0]
                      positional_constraint = "EXACTLY"

                      field_to_match {
                        method {}
                      }

                      text_transformation {
                        priority = 0
                        type     = "NONE"
                      }
                    }
                  }

                  statement {
                    byte_match_statement {
                      search_string         = local.upload_route[1]
                      positional_constraint = "EXACTLY"

                      field_to_match {
                        uri_path {}
                      }

                      text_transformation {
                        priority = 0
                        type     = "NONE"
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudwatch_log_group" "firewall" {
  # checkov:skip=CKV_AWS_158:The deployment's key is in another region; the log contains no secrets.
  # WAF requires this prefix.
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    query_string {}
  }

  # Allowed requests are in the API's own log.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}

resource "aws_route53_record" "this" {
  for_each = try(var.domain.zone_id, null) == null ? toset([]) : toset(["A", "AAAA"])

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = each.value

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
