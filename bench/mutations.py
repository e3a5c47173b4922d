#!/usr/bin/env python3
"""One fault at a time put into copies of healthy repositories: is each found where it was put, and nothing else?

usage: mutations.py BINARY FOLDER...

A mutation is tried in the first place of each folder where it applies, in the order of the paths. It is found if `check`
then has a finding, error or warning, of a rule that speaks of it, with the changed file as its place or its evidence;
an error elsewhere that the folder did not have before is counted as noise. Prints a row for each, and the sums.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = re.compile(r"(^|/)(\.git|node_modules|tests?|fixtures?|examples?|docs?|testing|templates?|e2e|samples?)(/|$)")


def files(root, pattern):
    """Paths below `root` whose name matches, in order, none of tests or examples."""
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(path for path in found if re.search(pattern, path) and not SKIPPED.search(path))


def changed(root, pattern, change):
    """The first matching file that `change(path, text)` makes another of: its path and its new text."""
    for path in files(root, pattern):
        try:
            text = (root / path).read_text()
        except UnicodeDecodeError:
            continue
        new = change(path, text)
        if new is not None and new != text:
            return path, new
    return None


def replaced(pattern, replacement):
    """A change that replaces the first match in a file."""
    return lambda _, text: re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE)


def unless(word, pattern, replacement):
    """The same in files without `word`: a key must not come to stand twice."""
    change = replaced(pattern, replacement)
    return lambda path, text: None if word in text else change(path, text)


DOCKERFILE = r"(^|/)Dockerfile$"
COMPOSE = r"(^|/)(docker-)?compose\.ya?ml$"
WORKFLOW = r"^\.github/workflows/.*\.ya?ml$"
MANIFEST = r"(^|/)(k8s|kubernetes|kubernetes-manifests|manifests|deploy)[^/]*/.*\.ya?ml$"
TERRAFORM = r"\.tf$"
# A source of COPY with no wildcard, variable or flag: alone before its destination.
COPIED = r"^COPY (?!--)(?P<source>[\w./-]*[\w-]) +(?P<to>\S+)$"

# What it is, the files it is put into, the change, the rules that speak of it.
CHANGES = [
    ("COPY of a name with a slip", DOCKERFILE, replaced(COPIED, r"COPY \g<source>x \g<to>"), r"copy-source|path"),
    ("COPY from a stage with a slip", DOCKERFILE, replaced(r"^COPY --from=([a-z][\w-]*) ", r"COPY --from=\1x "), r"stage|copy"),
    ("CMD with a variable in JSON form", DOCKERFILE, replaced(r'^CMD \["(?!sh|/bin/sh|bash)([^"]+)"(.*)\]', r'CMD ["\1"\2, "--port", "${PORT}"]'), r"exec-form"),
    ("Compose builds a Dockerfile with a slip", COMPOSE, replaced(r"^( +)dockerfile: (\S+)$", r"\1dockerfile: \2x"), r"dockerfile|path|missing"),
    ("Compose builds a folder with a slip", COMPOSE, replaced(r"^( +)(build|context): (\./)?([\w./-]+\w)$", r"\1\2: ./\4x"), r"context|dockerfile|path|missing"),
    ("Compose needs an env file that is not there", COMPOSE, unless("env_file:", r"^    (image|build):", "    env_file: settings/absent.env\n    \\1:"), r"env|missing|path"),
    ("Compose mounts a file that is not there", COMPOSE, unless("volumes:", r"^    (image|build):", "    volumes: [./absent/nginx.conf:/etc/nginx/nginx.conf:ro]\n    \\1:"), r"volume|mount|bind|missing|path"),
    ("a health check's timeout has no unit", COMPOSE, replaced(r"^( +)timeout: (\d+)s$", r"\1timeout: \2"), r"unit|not understood"),
    ("a command's timeout has no unit", WORKFLOW, replaced(r"((?:kubectl|helm) .*--timeout[= ]\d+)s\b", r"\1"), r"unit"),
    ("a manifest asks a host with a slip", MANIFEST, replaced(r'^( +- name: \w+_ADDR\n +value: "?[a-z-]+)(:\d+"?)$', r"\1x\2"), r"host"),
    ("a manifest leads to localhost", MANIFEST, replaced(r'^( +)- name: (\w+_(?:ADDR|URL|HOST))\n( +)value: .*$', r'\1- name: \2\n\3value: "http://localhost:8080"'), r"localhost"),
    ("a manifest holds a placeholder", MANIFEST, replaced(r'^( +)- name: (\w+_(?:ADDR|URL|HOST))\n( +)value: .*$', r'\1- name: \2\n\3value: "REPLACE_WITH_ADDRESS"'), r"placeholder"),
    ("a manifest holds template syntax", MANIFEST, replaced(r'^( +)- name: (\w+_(?:ADDR|URL|HOST))\n( +)value: .*$', r'\1- name: \2\n\3value: "{{ address }}"'), r"placeholder"),
    ("Terraform reads a variable that is not declared", TERRAFORM, replaced(r'= var\.(\w+)$', r'= var.\1_x'), r"terraform"),
    ("Terraform declares a variable twice", r"(^|/)variables\.tf$", lambda _, text: text + "".join(re.findall(r'(?ms)^variable "\w+" \{\n.*?^\}\n', text)[:1]), r"terraform"),
    ("a workflow uses a retired action", WORKFLOW, replaced(r"^( +(?:- )?uses: )actions/(?:upload|download)-artifact@\S+", r"\1actions/upload-artifact@v2"), r"action|workflow"),
    ("a workflow builds a Dockerfile with a slip", WORKFLOW, replaced(r"^( +)file: (\S*Dockerfile\S*)$", r"\1file: \2x"), r"dockerfile|path|missing"),
    ("a job's condition reads secrets", WORKFLOW, replaced(r"^(    )runs-on:", r"\1if: secrets.TOKEN != ''\n\1runs-on:"), r"workflow|context"),
]


def excluded(root):
    """What a COPY takes is left out by the ignore file beside the Dockerfile."""
    for path in files(root, DOCKERFILE):
        context = (root / path).parent
        taken = re.search(COPIED, (root / path).read_text(), re.MULTILINE)
        if taken and (context / taken["source"]).exists() and taken["source"].strip("./"):
            ignore = context / ".dockerignore"
            text = ignore.read_text() if ignore.exists() else ""
            line = taken["source"].removeprefix("./")
            return ignore.relative_to(root).as_posix(), f"{text.rstrip()}\n{line}\n".lstrip()
    return None


def without_package(root):
    """The ignore file beside a Dockerfile with `COPY . ` leaves out a Python package that a module beside it imports."""
    for path in files(root, DOCKERFILE):
        context = (root / path).parent
        if not re.search(r"^COPY \. ", (root / path).read_text(), re.MULTILINE):
            continue
        for module in sorted(context.glob("*.py")):
            for name in re.findall(r"^(?:from|import) (\w+)", module.read_text(), re.MULTILINE):
                if (context / name / "__init__.py").is_file():
                    ignore = context / ".dockerignore"
                    text = ignore.read_text() if ignore.exists() else ""
                    return ignore.relative_to(root).as_posix(), f"{text.rstrip()}\n{name}\n".lstrip()
    return None


def without_key(root):
    """The `.env` beside a Compose file loses a key that the Compose file uses and gives no default."""
    for path in files(root, COMPOSE):
        env = (root / path).parent / ".env"
        text = env.read_text() if env.is_file() else ""
        for name in re.findall(r"\$\{(\w+)\}", (root / path).read_text()):
            if re.search(rf"^{name}=.", text, re.MULTILINE):
                return env.relative_to(root).as_posix(), re.sub(rf"^{name}=.*\n", "", text, flags=re.MULTILINE)
    return None


def other_host(root):
    """A Compose service is asked for under a name with a slip."""
    for path in files(root, COMPOSE):
        text = (root / path).read_text()
        for service in re.findall(r"^  ([a-z][\w-]*):\n    ", text, re.MULTILINE):
            new = re.sub(rf"^( {{6}}\S.*(?://|@|=|: )){service}(:\d+)", rf"\1{service}x\2", text, count=1, flags=re.MULTILINE)
            if new != text:
                return path, new
    return None


def mutations(root):
    """Every mutation that applies: what it is, path, new text, rules."""
    for what, change, rules in [
        ("what COPY takes is left out", excluded, r"copy-source|context"),
        ("a package that is imported is left out", without_package, r"context|import"),
        ("an env file loses a key that Compose uses", without_key, r"undefined|key-missing|unset|compose"),
        ("a Compose service is called by a name with a slip", other_host, r"host"),
    ]:
        found = change(root)
        if found:
            yield (what, *found, rules)
    for what, pattern, change, rules in CHANGES:
        found = changed(root, pattern, lambda path, text: change(path, text))
        if found:
            yield (what, *found, rules)


def findings(binary, root):
    """The findings, and as such what stops `check` from understanding a file."""
    run = subprocess.run([binary, "check", str(root), "--format", "json"], capture_output=True, text=True)
    report = json.loads(run.stdout)
    held = [problem for problem in report["problems"] if problem["blocking"]]
    as_finding = {"rule": "not understood", "severity": "error", "because": []}
    return report["findings"] + [as_finding | problem | {"subject": problem["message"]} for problem in held]


def key(finding):
    return finding["rule"], finding["path"], finding["subject"]


def places(finding):
    return {finding["path"], *(evidence["path"] for evidence in finding["because"])}


def tried(binary, root, before, path, text, rules):
    """Whether the fault was found, by which rules, and the errors that came elsewhere."""
    at = root / path
    old = at.read_bytes() if at.exists() else None
    at.write_text(text)
    new = [finding for finding in findings(binary, root) if key(finding) not in before]
    if old is None:
        at.unlink()
    else:
        at.write_bytes(old)
    speaks = [f for f in new if f["severity"] != "info" and re.search(rules, f["rule"]) and path in places(f)]
    noise = [f for f in new if f["severity"] == "error" and path not in places(f)]
    return speaks, noise


def main():
    binary, folders = os.path.abspath(sys.argv[1]), sys.argv[2:]
    total = found = noisy = 0
    for folder in folders:
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch) / "tree"
            shutil.copytree(folder, root, symlinks=True, ignore=shutil.ignore_patterns(".git", "node_modules"))
            before = {key(finding) for finding in findings(binary, root)}
            for what, path, text, rules in mutations(root):
                speaks, noise = tried(binary, root, before, path, text, rules)
                total, found, noisy = total + 1, found + bool(speaks), noisy + len(noise)
                by = ", ".join(sorted({f["rule"] for f in speaks})) or "NOT FOUND"
                print(f"{pathlib.Path(folder).name:28} {what:48} {by}  ({path})")
                for f in noise:
                    print(f"{'':28} noise: {f['rule']} {f['path']}:{f['line']}")
    print(f"found {found} of {total}; new errors elsewhere: {noisy}")


if __name__ == "__main__":
    main()
