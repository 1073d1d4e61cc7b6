"""Walks a folder and looks into each manifest for four permissions that are known to be broad."""
import json
import os
import sys

BROAD = {
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7": "Directory.ReadWrite.All",
    "741f803b-c850-494e-b5df-cde7c675a1ca": "User.ReadWrite.All",
    "c5366453-9fb0-48a5-a156-24f0c49a4b84": "Directory.ReadWrite.All",
    "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4": "User.ReadWrite.All",
}

found = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if not name.endswith(".json"):
            continue
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            try:
                manifest = json.load(file)
            except ValueError:
                continue
        if not isinstance(manifest, dict):
            continue
        for resource in manifest.get("requiredResourceAccess", []):
            for access in resource.get("resourceAccess", []):
                if access.get("id") in BROAD:
                    print(f"{path}: {BROAD[access['id']]}")
                    found += 1
sys.exit(1 if found else 0)
