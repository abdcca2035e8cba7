# Deploys to an emulator on this machine; make deploy-local adds the paths and addresses.
environment         = "local"
region              = "eu-central-1"
deletion_protection = false
force_destroy       = true

# As on the local server: your application may listen there.
cors_origins   = ["http://localhost:3000"]
sign_in_domain = { name = "images-upload-local" }
callback_urls  = ["http://localhost:3000/callback"]
