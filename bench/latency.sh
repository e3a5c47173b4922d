#!/bin/sh
# Measures what a person waits for: `check` of one file, `check --staged` in a repository of 5,000 files, and
# `context list` of 50,000 files with `!` lines.
# usage: bench/latency.sh [--runs N] [--binary FILE]
#
# Without --binary a release build is made. Prints each median in milliseconds beside its budget, and ends with 1 where
# one is over it.
set -eu

usage() {
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
}

runs=20 binary=
while [ $# -gt 0 ]; do
    case $1 in
    --runs) [ $# -ge 2 ] || usage; runs=$2; shift ;;
    --binary) [ $# -ge 2 ] || usage; binary=$2; shift ;;
    *) usage ;;
    esac
    shift
done
for tool in git hyperfine python3; do
    command -v "$tool" >/dev/null || { echo "bench: $tool is not installed" >&2; exit 2; }
done
if [ -z "$binary" ]; then
    cd "$(dirname "$0")/.."
    cargo build --release --locked --quiet
    binary=${CARGO_TARGET_DIR:-target}/release/shipworthy
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
cp "$binary" "$scratch/shipworthy"
cd "$scratch"

mkdir one
echo 'API_URL=https://api.harbour.example' >one/.env.staging

python3 - <<'PYTHON'
from pathlib import Path

for package in range(100):
    folder = Path(f"many/app/part{package}")
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    for module in range(49):
        (folder / f"module{module}.py").write_text(f"import os\n\nVALUE = os.getenv('PART_{package}_{module}', '1')\n")
for package in range(500):
    folder = Path(f"context/app/part{package}/inner")
    folder.mkdir(parents=True)
    for module in range(100):
        (folder / f"module{module}.{'py' if module % 2 else 'md'}").touch()
patterns = ["**/*.md", "**/part1*", "!app/part1*/inner/*.py", "**/node_modules", "app/part2*/", "!**/module7.py"]
Path("context/.dockerignore").write_text("\n".join(patterns) + "\n")
Path("many/Dockerfile").write_text("FROM python:3.13-slim\nCOPY app ./app\nCMD [\"python\", \"-m\", \"app.part0.module0\"]\n")
Path("many/.env.staging").write_text("API_URL=https://api.harbour.example\n")
PYTHON
git -C many init --quiet
git -C many add --all
git -C many -c user.name=bench -c user.email=bench@localhost commit --quiet --message Start
# As after a clone: objects in one pack, not in a file each.
git -C many gc --quiet
echo 'OTHER_URL=https://other.harbour.example' >>many/.env.staging
git -C many add --all

hyperfine --shell=none --warmup 3 --runs "$runs" --output=pipe --style=none --export-json times.json \
    'sh -c true' './shipworthy check one' 'env -C many ../shipworthy check --staged' \
    './shipworthy context list context' >/dev/null 2>notes || { cat notes >&2; exit 1; }

python3 - <<'PYTHON'
import json
import statistics
import sys

nothing, one, staged, context = (statistics.median(result["times"]) * 1000 for result in json.load(open("times.json"))["results"])
print(f"starting a process                       {nothing:7.1f} ms")
over = False
for name, median, budget in [("check, one file", one, 15), ("check --staged, 5,000 files", staged, 200),
                             ("context list, 50,000 files", context, 500)]:
    over |= median > budget
    print(f"{name:<40} {median:7.1f} ms   budget {budget} ms{'   OVER' if median > budget else ''}")
sys.exit(over)
PYTHON
