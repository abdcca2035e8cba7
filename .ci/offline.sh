# Sourced by .ci/run. A build machine without internet may reach package registries, but not Terraform's registry. There,
# a folder ../shared next to the checkout says where the AWS provider is, and contains the schema of the provider's other
# major version, which is enough for plans. On other machines, this does nothing.

[[ -x ../shared/bin/terraform-offline ]] || return 0

settings=$(../shared/bin/terraform-offline) || {
  echo "warning: the AWS provider is not available, so its tests will be skipped" >&2
  return 0
}
eval "$settings" # sets TF_CLI_CONFIG_FILE if the provider is there
[[ -f ${TF_CLI_CONFIG_FILE:-} ]] || return 0

# Everything that the tests need is available here, so no test may be skipped.
export REQUIRE_ALL=1

schemas=$PWD/.local/terraform-schemas
if ../shared/tools/terraform-v6-check/install --home "$schemas" >/dev/null; then
  export TERRAFORM_PROVIDER_MIRROR=$schemas/mirror
else
  echo "warning: version 6 of the AWS provider is not available; the plans are only tested with version 5" >&2
  export TERRAFORM_PROVIDER_MAJORS=5
fi
