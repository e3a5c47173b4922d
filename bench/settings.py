#!/usr/bin/env python3
"""Lays out a repository of many settings: KEYS variables in each of 5 environments for each of SERVICES services.

usage: settings.py DIR [KEYS] [SERVICES]

Every service has a Compose file for each environment with an env file beside it, and a program that reads every
variable. `shipworthy check DIR` is then timed; bench/README.md tells the goal.
"""

import pathlib
import sys

ENVIRONMENTS = ["production", "staging", "qa", "preview", "development"]


def main(root: pathlib.Path, keys: int, services: int) -> None:
    for number in range(services):
        name = f"service{number:02}"
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        variables = [f"{name.upper()}_KEY_{index:04}" for index in range(keys)]
        reads = "".join(f'{key} = os.environ.get("{key}", "1")\n' for key in variables)
        (folder / "main.py").write_text("import os\n\n" + reads)
        (folder / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY main.py .\nCMD [\"python\", \"main.py\"]\n")
        for environment in ENVIRONMENTS:
            values = "".join(f"{key}={environment}-{index}\n" for index, key in enumerate(variables))
            (folder / f".env.{environment}").write_text(f"ENVIRONMENT={environment}\n{values}")
            (folder / f"compose.{environment}.yaml").write_text(
                f"services:\n  {name}:\n    build: .\n    env_file: .env.{environment}\n"
                f"    environment:\n      ENVIRONMENT: {environment}\n"
            )


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), *(int(text) for text in (sys.argv[2:] + ["1000", "30"][len(sys.argv) - 2 :])[:2]))
