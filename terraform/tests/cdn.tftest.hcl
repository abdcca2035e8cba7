# What CloudFront and its firewall let through to the API.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name   = "images-upload-test"
  origin = { domain_name = "origin.example.com", secret = "a-secret-of-at-least-32-characters" }
  routes = {
    "ANY /v1/sessions"  = { tag = "users", secured = false }
    "GET /healthz"      = { tag = "service", secured = false }
    "GET /v1/users/me"  = { tag = "users", secured = true }
    "ANY /v1/users/me"  = { tag = "users", secured = false }
    "POST /v1/images"   = { tag = "images", secured = true, takes_bytes = true }
    "POST /v1/sessions" = { tag = "users", secured = false }
    "POST /v1/users"    = { tag = "users", secured = false }
  }
}

run "origin" {
  module {
    source = "./modules/cdn"
  }

  assert {
    condition = one([
      for origin in aws_cloudfront_distribution.this.origin : [
        origin.domain_name,
        [for header in origin.custom_header : [header.name, header.value]],
        origin.custom_origin_config[0].origin_protocol_policy,
        origin.custom_origin_config[0].origin_ssl_protocols,
      ]
    ]) == ["origin.example.com", [["x-origin-secret", "a-secret-of-at-least-32-characters"]], "https-only", toset(["TLSv1.2"])]
    error_message = "Each request goes to the API over TLS, with the secret."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == data.aws_cloudfront_cache_policy.none.id &&
      data.aws_cloudfront_cache_policy.none.name == "Managed-CachingDisabled" &&
      aws_cloudfront_distribution.this.default_cache_behavior[0].origin_request_policy_id == data.aws_cloudfront_origin_request_policy.all.id &&
      data.aws_cloudfront_origin_request_policy.all.name == "Managed-AllViewerExceptHostHeader"
    )
    error_message = "Responses are personal: nothing is cached, and everything except the host name is passed on."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "https-only"
    error_message = "Tokens are not sent in the clear."
  }

  assert {
    condition = [
      for function in aws_cloudfront_distribution.this.default_cache_behavior[0].function_association : [function.event_type, function.function_arn]
    ] == [["viewer-request", aws_cloudfront_function.viewer.arn]]
    error_message = "The API gets the client's address and the requested host name."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.this.arn && aws_wafv2_web_acl.this.scope == "CLOUDFRONT"
    error_message = "The firewall is in front of it."
  }

  assert {
    condition     = output.url == "https://d111111abcdef8.cloudfront.net" && length(aws_route53_record.this) == 0
    error_message = "Without a domain, the API has CloudFront's name."
  }
}

run "firewall" {
  module {
    source = "./modules/cdn"
  }

  assert {
    condition = one([
      for rule in aws_wafv2_web_acl.this.rule : [
        one(rule.statement[0].rate_based_statement).limit,
        one(rule.statement[0].rate_based_statement).evaluation_window_sec,
        one(rule.statement[0].rate_based_statement).aggregate_key_type,
        one(rule.action[0].block[0].custom_response).response_code,
        [for header in one(rule.action[0].block[0].custom_response).response_header : [header.name, header.value]],
      ] if rule.name == "account-requests-per-address"
    ]) == [100, 300, "IP", 429, [["Retry-After", "300"]]]
    error_message = "One address may send a hundred requests in five minutes, and then gets Retry-After."
  }

  assert {
    condition = one([
      for rule in aws_wafv2_web_acl.this.rule : [
        for path in ["/v1/sessions", "/v1/users", "/v1/users/", "/v1/users/me", "/v1/images", "/v1/sessionsx", "/healthz"] :
        can(regex(one(one(rule.statement[0].rate_based_statement).scope_down_statement[0].regex_match_statement).regex_string, path))
      ] if rule.name == "account-requests-per-address"
    ]) == [true, true, true, false, false, false, false]
    error_message = "The rate limit only covers the public account routes."
  }

  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : one(rule.statement[0].managed_rule_group_statement).name => toset([
        for override in one(rule.statement[0].managed_rule_group_statement).rule_action_override : override.name
      ]) if length(rule.statement[0].managed_rule_group_statement) > 0
      } == {
      AWSManagedRulesAmazonIpReputationList = toset([])
      AWSManagedRulesCommonRuleSet          = toset(["NoUserAgent_HEADER", "SizeRestrictions_BODY"])
      AWSManagedRulesKnownBadInputsRuleSet  = toset([])
    }
    error_message = "AWS's rules apply, except for those that legitimate requests would break."
  }

  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this.rule : [
        for match in one(one(one(rule.statement[0].managed_rule_group_statement).scope_down_statement[0].not_statement).statement[0].and_statement).statement :
        match.byte_match_statement[0].search_string
      ] == ["POST", "/v1/images"] if length(rule.statement[0].managed_rule_group_statement) > 0
    ])
    error_message = "The bytes of images are not searched for attacks in text."
  }

  assert {
    condition     = length(distinct([for rule in aws_wafv2_web_acl.this.rule : rule.priority])) == length(aws_wafv2_web_acl.this.rule)
    error_message = "Each rule has its own priority."
  }

  assert {
    condition = (
      startswith(aws_cloudwatch_log_group.firewall.name, "aws-waf-logs-") &&
      anytrue([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : try(field.single_header[0].name == "authorization", false)])
    )
    error_message = "Refused requests are logged, without tokens."
  }
}

run "domain" {
  module {
    source = "./modules/cdn"
  }

  variables {
    domain = {
      name            = "images.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
      zone_id         = "Z123"
    }
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.aliases == toset(["images.example.com"]) &&
      aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" &&
      aws_cloudfront_distribution.this.viewer_certificate[0].ssl_support_method == "sni-only"
    )
    error_message = "The API is at its own name, over TLS 1.2 at least."
  }

  assert {
    condition     = output.url == "https://images.example.com" && toset(keys(aws_route53_record.this)) == toset(["A", "AAAA"])
    error_message = "The zone gets both records."
  }
}

run "rates_that_waf_cannot_count_are_refused" {
  command = plan

  module {
    source = "./modules/cdn"
  }

  variables {
    account_requests_per_address = 5
  }

  expect_failures = [var.account_requests_per_address]
}
