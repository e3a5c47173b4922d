"""Runs the commands that a Markdown file shows and compares what they print with what it shows.

usage: readme.py FILE

A command is a line of a ```console block that starts with "$ ", with the lines that follow while one ends in "\\".
What stands between it and the next command is its output: standard output must be the same, where a line "..." stands
for any number of lines; a command without shown output may print what it likes. A command must end with 0, unless the
next one of its block is `echo $?`, which shows how it ended.
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKS_FOR_EXIT = "echo $?"


@dataclass
class Command:
    line: int
    text: str
    shown: list[str] = field(default_factory=list)


def blocks(markdown: str) -> list[list[Command]]:
    """The commands of each console block; a line is counted from 1."""
    found = []
    for block in BLOCK.finditer(markdown):
        first = markdown.count("\n", 0, block.start(1)) + 1
        commands: list[Command] = []
        goes_on = False
        for line, text in enumerate(block.group(1).splitlines(), first):
            if goes_on:
                commands[-1].text += "\n" + text
            elif text.startswith("$ "):
                commands.append(Command(line, text[2:]))
            elif not commands:
                raise ValueError(f"line {line}: a console block starts with a command, not with {text!r}")
            else:
                commands[-1].shown.append(text)
            goes_on = commands[-1].text.endswith("\\") and not commands[-1].shown
        found.append(commands)
    return found


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines are the same; "..." stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed)) is not None


def run(commands: list[Command]) -> list[str]:
    """Runs one block and says what went otherwise than shown."""
    wrong = []
    ended = 0
    for command, following in zip(commands, [*commands[1:], None]):
        print(f"$ {command.text}", flush=True)
        done = subprocess.run(["bash", "-c", f"(exit {ended})\n{command.text}"], stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="", flush=True)
        ended = done.returncode
        if ended != 0 and (following is None or following.text != ASKS_FOR_EXIT):
            wrong.append(f"line {command.line}: {command.text}: ended with {ended}")
        if command.shown and not matches(command.shown, done.stdout.splitlines()):
            shown = "\n".join(command.shown)
            wrong.append(f"line {command.line}: {command.text}: printed\n{done.stdout}instead of\n{shown}")
    return wrong


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        found = blocks(file.read())
    wrong = [fault for commands in found for fault in run(commands)]
    for fault in wrong:
        print(f"{path}, {fault}", file=sys.stderr)
    if not found:
        print(f"{path}: no console block", file=sys.stderr)
    return 0 if found and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
