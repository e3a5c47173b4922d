#!/usr/bin/env python3
"""Does a test fail for every guard of the gate once that guard is switched off?

usage: guards.py [WORD...]

Takes the guards of guards.toml, or those whose hole, file or test holds one of the words. In a copy of the work tree,
below the target folder and at the same place each time, each is switched off alone and its test is run. Prints a line
for each, and the sums. Exit 0 if every test failed, 1 if one still passes, 2 if an entry is of no use: its code is not
there any more, does not compile when switched off, or its test is not there or fails anyway. Takes some minutes.
"""
import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
COPY = TARGET / "guards" / "repository"
SECONDS = 300


def listed(root):
    """The files of a work tree that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return {path for path in output.split("\0") if path and (root / path).is_file()}


def copy():
    """Makes the copy equal to the work tree. What is equal is not touched, so that it is not compiled again."""
    wanted = listed(ROOT)
    here = {path.relative_to(COPY).as_posix() for path in COPY.rglob("*") if path.is_file()} if COPY.exists() else set()
    for path in here - wanted:
        (COPY / path).unlink()
    for path in sorted(wanted):
        source, to = ROOT / path, COPY / path
        content = source.read_bytes()
        if path not in here or to.read_bytes() != content:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content)
        to.chmod(source.stat().st_mode)


def cargo(*words):
    """Runs cargo in the copy: its status, none where it took too long, and what it wrote."""
    command = ["cargo", "test", "--locked", "--quiet", *words]
    # Its own folder: in a shared one cargo would take what it made of the copy for what the work tree makes.
    env = {**os.environ, "CARGO_TARGET_DIR": str(COPY.parent / "target"), "CARGO_TERM_COLOR": "never"}
    try:
        done = subprocess.run(command, cwd=COPY, env=env, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def target_of(package):
    """The one test program of a package."""
    return ["-p", package, "--test", "tests"] if package == "shipworthy" else ["-p", package, "--lib"]


def run(package, name):
    """What comes of a test: `passed`, `failed`, or why it says nothing."""
    status, output = cargo(*target_of(package), "--no-run")
    if status is None:
        return "takes too long to compile"
    if status != 0:
        return "does not compile: " + next(iter(re.findall(r"^error.*", output, re.MULTILINE)), "no reason given")
    status, output = cargo(*target_of(package), "--", "--exact", "--nocapture", name)
    if status is None:
        return "failed"
    if "running 1 test" not in output:
        return "there is no such test"
    skipped = re.search(r"skipped: .*", output)
    return "failed" if status != 0 else skipped.group() if skipped else "passed"


def without(guard):
    """What comes of a guard's test while the guard is switched off."""
    file = COPY / guard["file"]
    text = file.read_text()
    if text.count(guard["guard"]) != 1:
        return f"its code stands {text.count(guard['guard'])} times in {guard['file']}"
    file.write_text(text.replace(guard["guard"], guard["off"]))
    try:
        return run(*guard["test"].split())
    finally:
        file.write_text(text)


def main(words):
    guards = tomllib.loads((ROOT / "bench" / "guards.toml").read_text())["guard"]
    chosen = [one for one in guards if not words or any(word in str(one) for word in words)]
    copy()
    usual = {}
    results = []
    for guard in sorted(chosen, key=lambda one: one["test"].split()[0]):
        test = guard["test"]
        if test not in usual:
            usual[test] = run(*test.split())
        result = without(guard) if usual[test] == "passed" else usual[test]
        if usual[test] == "failed":
            result = "fails with its guard too"
        results.append(result)
        told = {"failed": "failed without its guard", "passed": "STILL PASSES"}.get(result, result)
        print(f"{guard['hole']}: {test}: {told}", flush=True)
    failed, passes = results.count("failed"), results.count("passed")
    skipped = sum(result.startswith("skipped: ") for result in results)
    useless = len(results) - failed - passes - skipped
    print(f"{len(results)} guards: {failed} tests failed without, {passes} still pass, {skipped} skipped, {useless} of no use")
    return 2 if useless or not results else 1 if passes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
