# Packaging and deployment. ENVIRONMENT names terraform/environments/<name>.tfvars and its workspace.

ARCH ?= arm64
PYTHON_VERSION ?= 3.13
ENVIRONMENT ?= dev
FUNCTIONS ?= local

TERRAFORM := terraform -chdir=terraform
TERRAFORM_VARIABLES = -var-file=environments/$(ENVIRONMENT).tfvars \
  -var=architecture=$(ARCH) -var=runtime=python$(PYTHON_VERSION)

.PHONY: package
package: dist/imagemagick-$(ARCH).zip $(VENV)/.local ## Build the functions and the ImageMagick layer: make package ARCH=arm64
	$(VENV)/bin/python -m scripts.package_functions --arch $(ARCH) --python $(PYTHON_VERSION) --output dist/functions.zip

.PHONY: deploy
deploy: package terraform-init ## Show the plan and deploy to AWS: make deploy ENVIRONMENT=dev
	$(TERRAFORM) apply $(TERRAFORM_VARIABLES) $(TERRAFORM_FLAGS)

.PHONY: destroy
destroy: terraform-init ## Show the plan and remove the deployment from AWS
	$(TERRAFORM) destroy $(TERRAFORM_VARIABLES) $(TERRAFORM_FLAGS)

.PHONY: deploy-local
deploy-local: $(VENV)/.local ## Deploy into the AWS emulator at AWS_ENDPOINT_URL, or into one started for it
	@settings="$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && eval "$$settings" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && $(VENV)/bin/python -m scripts.deploy_local up --functions $(FUNCTIONS)

.PHONY: destroy-local
destroy-local: $(VENV)/.local ## Remove that deployment
	@$(VENV)/bin/python -m scripts.deploy_local down

.PHONY: terraform-init
terraform-init: $(VENV)/.local
	@test -f terraform/environments/$(ENVIRONMENT).tfvars || { \
	  echo "error: terraform/environments/$(ENVIRONMENT).tfvars is missing; copy dev.tfvars.example" >&2; exit 1; }
	@$(VENV)/bin/python -m scripts.terraform init terraform $(addprefix -backend-config=environments/, \
	  $(notdir $(wildcard terraform/environments/$(ENVIRONMENT).backend.hcl)))
	@$(TERRAFORM) workspace select -or-create $(ENVIRONMENT)

CHECKOV_VENV := .local/checkov

.PHONY: scan
scan: $(VENV)/.dev $(CHECKOV_VENV)/.installed ## Scan the Terraform configuration for insecure settings
	@$(VENV)/bin/python -m pytest --quiet --capture=no tests/terraform/test_scan.py

$(CHECKOV_VENV)/.installed: requirements/checkov.txt
	@echo "Installing the scanner of the Terraform configuration ..." >&2
	@$(PYTHON) -m venv $(CHECKOV_VENV)
	@$(CHECKOV_VENV)/bin/pip install -qq --disable-pip-version-check --require-hashes -r requirements/checkov.txt
	@touch $@

.PHONY: lock-scan
lock-scan: ## Pin the newest allowed versions of the scanner's packages, with hashes (needs uv)
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --upgrade --quiet checkov.in -o checkov.txt
