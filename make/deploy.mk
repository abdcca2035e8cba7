# Packaging, deployment and operation. ENVIRONMENT names terraform/environments/<name>.tfvars and its workspace.

PYTHON_VERSION ?= 3.13
ENVIRONMENT ?= dev
FUNCTIONS ?= local
STATE_DIR ?= .local

LAYER := dist/imagemagick-$(ARCH).zip
LAYER_SOURCES := $(wildcard layers/imagemagick/*.py layers/imagemagick/*.json) layers/reproducible_zip.py \
  src/adapters/imagemagick/policy/ImageMagick/policy.xml
TERRAFORM := terraform -chdir=terraform
TERRAFORM_VARIABLES = -var-file=environments/$(ENVIRONMENT).tfvars \
  -var=architecture=$(ARCH) -var=runtime=python$(PYTHON_VERSION)

##@ Build

.PHONY: package
package: $(LAYER) $(VENV)/.local ## Build the functions and the ImageMagick layer: make package ARCH=arm64
	$(VENV)/bin/python -m scripts.package_functions --arch $(ARCH) --python $(PYTHON_VERSION) --output dist/functions.zip

.PHONY: layer
layer: $(LAYER) ## Build only the ImageMagick layer: make layer ARCH=x86_64

# A layer from a release is checked each time; a layer that is built here is rebuilt if its sources are newer.
dist/imagemagick-%.zip: $(if $(LAYER_URL),FORCE,$(LAYER_SOURCES)) | $(VENV)/.local
	@$(VENV)/bin/python -m scripts.package_layer --arch $* --output $@ $(if $(LAYER_LOCKED),--locked)

.PHONY: FORCE
FORCE:

.PHONY: layer-lock
layer-lock: $(VENV)/.local ## Record the newest Debian packages for the layer
	@for arch in arm64 x86_64; do \
	  $(VENV)/bin/python -m layers.imagemagick.build --arch $$arch --write-lock; done

RELEASE := dist/release

.PHONY: release
release: dist/imagemagick-arm64.zip dist/imagemagick-x86_64.zip $(VENV)/.local ## Build the files of a release, with checksums and a bill of materials
	rm -rf $(RELEASE) && mkdir -p $(RELEASE) && cp dist/imagemagick-arm64.zip dist/imagemagick-x86_64.zip $(RELEASE)
	for arch in arm64 x86_64; do $(VENV)/bin/python -m scripts.package_functions --arch $$arch \
	  --python $(PYTHON_VERSION) --output $(RELEASE)/functions-$$arch.zip; done
	$(VENV)/bin/python -m scripts.bill_of_materials $(RELEASE)/*.zip --output $(RELEASE)/sbom.cdx.json
	cd $(RELEASE) && sha256sum *.zip sbom.cdx.json > SHA256SUMS

.PHONY: terraform-docs
terraform-docs: $(VENV)/.local ## Generate the tables in the Terraform modules' READMEs and of the roles in docs/security.md
	$(VENV)/bin/python -m scripts.terraform_docs
	$(VENV)/bin/python -m scripts.role_tables

##@ Deploy and operate

.PHONY: deploy
deploy: package terraform-init ## Show the plan and deploy to AWS: make deploy ENVIRONMENT=dev
	$(TERRAFORM) apply $(TERRAFORM_VARIABLES) $(TERRAFORM_FLAGS)

.PHONY: destroy
destroy: terraform-init ## Show the plan and remove the deployment from AWS
	$(TERRAFORM) destroy $(TERRAFORM_VARIABLES) $(TERRAFORM_FLAGS)

.PHONY: deploy-local
deploy-local: $(VENV)/.local ## Deploy to the AWS emulator at AWS_ENDPOINT_URL, or to one that it starts
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m scripts.deploy_local up --functions $(FUNCTIONS)

.PHONY: destroy-local
destroy-local: $(VENV)/.local ## Remove the deployment from the emulator
	@$(VENV)/bin/python -m scripts.deploy_local down

.PHONY: redrive
redrive: $(VENV)/.local ## Move dead letters back to their queues, locally or in a deployment: make redrive ENVIRONMENT=prod
ifeq ($(origin ENVIRONMENT),command line)
	@export TF_WORKSPACE=$(ENVIRONMENT); for kind in "" render_; do \
	  given_up=$$($(TERRAFORM) output -raw $${kind}dead_letter_queue_url); \
	  queue=$$($(TERRAFORM) output -raw $${kind}queue_url); \
	  $(VENV)/bin/python scripts/redrive.py "$$given_up" "$$queue"; done
else
	@[ -n "$${QUEUE_URL:-}" ] || . $(STATE_DIR)/environment; \
	  $(VENV)/bin/python scripts/redrive.py "$$DEAD_LETTER_QUEUE_URL" "$$QUEUE_URL"; \
	  $(VENV)/bin/python scripts/redrive.py "$$RENDER_DEAD_LETTER_QUEUE_URL" "$$RENDER_QUEUE_URL"
endif

.PHONY: redrive-webhook
redrive-webhook: $(VENV)/.local ## Post events again that a webhook did not accept: make redrive-webhook ENVIRONMENT=prod WEBHOOK=archive
	@export TF_WORKSPACE=$(ENVIRONMENT); $(TERRAFORM) output -json webhooks | \
	  $(VENV)/bin/python -m scripts.redrive_webhook "$(WEBHOOK)"

.PHONY: rebuild-records
rebuild-records: $(VENV)/.local ## Rebuild lost records from the bucket, locally or in a deployment: make rebuild-records ENVIRONMENT=prod
ifeq ($(origin ENVIRONMENT),command line)
	@export TF_WORKSPACE=$(ENVIRONMENT) IMAGES_BUCKET RECORDS_TABLE RENDITIONS LOCATION; IMAGES_BUCKET=$$($(TERRAFORM) output -raw bucket); \
	  RECORDS_TABLE=$$($(TERRAFORM) output -raw records_table); RENDITIONS=$$($(TERRAFORM) output -raw renditions); \
	  LOCATION=$$($(TERRAFORM) output -raw location); $(WITH_IMAGEMAGICK) $(VENV)/bin/python -m entrypoints.rebuild_records
else
	@[ -n "$${RECORDS_TABLE:-}" ] || . $(STATE_DIR)/environment; \
	  $(WITH_IMAGEMAGICK) $(VENV)/bin/python -m entrypoints.rebuild_records
endif

.PHONY: render-missing
render-missing: $(VENV)/.local ## Make renditions that are missing or failed, locally or in a deployment: make render-missing ENVIRONMENT=prod
ifeq ($(origin ENVIRONMENT),command line)
	@export TF_WORKSPACE=$(ENVIRONMENT) IMAGES_BUCKET RECORDS_TABLE RENDER_QUEUE_URL RENDITIONS; \
	  IMAGES_BUCKET=$$($(TERRAFORM) output -raw bucket); RECORDS_TABLE=$$($(TERRAFORM) output -raw records_table); \
	  RENDER_QUEUE_URL=$$($(TERRAFORM) output -raw render_queue_url); RENDITIONS=$$($(TERRAFORM) output -raw renditions); \
	  $(VENV)/bin/python -m entrypoints.render_missing
else
	@[ -n "$${RENDER_QUEUE_URL:-}" ] || . $(STATE_DIR)/environment; \
	  $(VENV)/bin/python -m entrypoints.render_missing
endif

# The tests' settings come from a deployment's outputs. Without ENVIRONMENT, they must be set already.
SMOKE_TESTS ?= tests/integration
.PHONY: smoke
smoke: $(VENV)/.dev ## Run the black-box tests against a deployment: make smoke ENVIRONMENT=dev URL=https://api.example.com
ifeq ($(origin ENVIRONMENT),command line)
	@export TF_WORKSPACE=$(ENVIRONMENT) API_URL USER_POOL_ID USER_POOL_CLIENT_ID USER_POOL_PUBLIC_CLIENT_ID IMAGES_BUCKET; \
	  API_URL=$(or $(URL),$$($(TERRAFORM) output -raw api_url)); USER_POOL_ID=$$($(TERRAFORM) output -raw user_pool_id); \
	  USER_POOL_CLIENT_ID=$$($(TERRAFORM) output -raw server_client_id); \
	  USER_POOL_PUBLIC_CLIENT_ID=$$($(TERRAFORM) output -raw public_client_id); \
	  IMAGES_BUCKET=$$($(TERRAFORM) output -raw bucket); $(WITH_IMAGEMAGICK) $(VENV)/bin/python -m pytest --durations=5 $(SMOKE_TESTS)
else
	@[ -n "$(URL)$${API_URL:-}" ] || { echo "error: name a deployment: make smoke ENVIRONMENT=dev" >&2; exit 1; }
	@export API_URL=$(or $(URL),$${API_URL:-}); $(WITH_IMAGEMAGICK) $(VENV)/bin/python -m pytest --durations=5 $(SMOKE_TESTS)
endif

.PHONY: terraform-init
terraform-init: $(VENV)/.local
	@test -f terraform/environments/$(ENVIRONMENT).tfvars || { \
	  echo "error: terraform/environments/$(ENVIRONMENT).tfvars is missing; copy dev.tfvars.example" >&2; exit 1; }
	@$(VENV)/bin/python -m scripts.terraform init terraform $(addprefix -backend-config=environments/, \
	  $(notdir $(wildcard terraform/environments/$(ENVIRONMENT).backend.hcl)))
	@$(TERRAFORM) workspace select -or-create $(ENVIRONMENT)
