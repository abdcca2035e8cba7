# Into an emulator on this machine; make deploy-local adds the paths and addresses.
environment         = "local"
region              = "eu-central-1"
deletion_protection = false
force_destroy       = true
