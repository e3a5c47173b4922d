#!/bin/sh
# Measures `shipworthy check` on a folder against the cost of listing and of reading it.
# usage: bench/run.sh [--runs N] [--install] FOLDER
set -eu

usage() {
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
}

runs=10 install= folder=
while [ $# -gt 0 ]; do
    case $1 in
    --runs) [ $# -ge 2 ] || usage; runs=$2; shift ;;
    --install) install=yes ;;
    -*) usage ;;
    *) [ -z "$folder" ] || usage; folder=$1 ;;
    esac
    shift
done
[ -n "$folder" ] || usage
[ -d "$folder" ] || { echo "bench: $folder is not a directory" >&2; exit 2; }
for tool in cargo hyperfine rg python3; do
    command -v "$tool" >/dev/null || { echo "bench: $tool is not installed" >&2; exit 2; }
done

folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

cargo build --release --locked --quiet
# The commands are not run through a shell, so the folder must reach them as one word.
ln -s "$folder" "$scratch/folder"
cp "$target/release/shipworthy" "$scratch/shipworthy"
at="$scratch/folder/"

# The exit code of check is its verdict and that of rg says whether anything matched: neither is a failure here.
hyperfine --shell=none --warmup 2 --runs "$runs" --ignore-failure --output=pipe --style=none \
    --export-json "$scratch/times.json" \
    "$scratch/shipworthy check $at" \
    "rg --files --hidden --no-ignore $at" \
    "rg -l --hidden --no-ignore localhost $at" >/dev/null 2>"$scratch/notes" || { cat "$scratch/notes" >&2; exit 1; }

python3 - "$scratch" "$at" "$folder" <<'PYTHON'
import json, resource, statistics, subprocess, sys

scratch, at, folder = sys.argv[1:]
names = ["shipworthy check", "rg --files --hidden --no-ignore", "rg -l --hidden --no-ignore localhost"]
results = json.load(open(f"{scratch}/times.json"))["results"]
wall = [statistics.median(result["times"]) for result in results]
cpu = [result["user"] + result["system"] for result in results]

# A child counts what its parent held when it was started, so the memory of this interpreter is the least that shows.
check = subprocess.run([f"{scratch}/shipworthy", "check", at], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
files = subprocess.run(["rg", "--files", "--hidden", "--no-ignore", at], capture_output=True).stdout.count(b"\n")

print(f"{folder}: {files} files, check exits {check.returncode}")
print(f"{'':40}{'wall ms':>10}{'CPU ms':>10}{'wall ratio':>12}")
for name, seconds, busy in zip(names, wall, cpu):
    print(f"{name:40}{seconds * 1e3:10.1f}{busy * 1e3:10.1f}{wall[0] / seconds:11.2f}x")
print(f"peak memory of check: {'under ' if peak <= own else ''}{peak / 2**20:.1f} MiB")
PYTHON

if [ -n "$install" ]; then
    cargo fetch --locked --quiet
    began=$(date +%s)
    CARGO_TARGET_DIR="$scratch/target" cargo install --path . --locked --quiet --root "$scratch/root"
    echo "cold cargo install --path . --locked: $(($(date +%s) - began)) s, crates already downloaded"
fi
