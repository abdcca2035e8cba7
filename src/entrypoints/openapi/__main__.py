"""Prints the API's description: ``python -m entrypoints.openapi > openapi.json``."""

import json
import sys

from entrypoints.openapi.description import describe_api

json.dump(describe_api(), sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
