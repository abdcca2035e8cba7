# Sourced by .ci/run. A build machine without internet reaches package registries but not Terraform's: there,
# a folder ../shared beside the checkout says where the AWS provider lies, and brings the schema of its other
# major version, which is all that plans need. Elsewhere this does nothing.

[[ -x ../shared/bin/terraform-offline ]] || return 0

settings=$(../shared/bin/terraform-offline) || {
  echo "warning: the AWS provider cannot be had: its tests will be skipped" >&2
  return 0
}
eval "$settings" # sets TF_CLI_CONFIG_FILE if the provider is there
[[ -f ${TF_CLI_CONFIG_FILE:-} ]] || return 0

# Everything that the tests need can be had here, so none may be skipped.
export REQUIRE_ALL=1

schemas=$PWD/.local/terraform-schemas
if ../shared/tools/terraform-v6-check/install --home "$schemas" >/dev/null; then
  export TERRAFORM_PROVIDER_MIRROR=$schemas/mirror
else
  echo "warning: version 6 of the AWS provider cannot be had; the plans are tested with 5 alone" >&2
  export TERRAFORM_PROVIDER_MAJORS=5
fi
