"""Writes detectors from a seed, and what Python says each of them answers.

usage: generator.py SEED COUNT

Prints one JSON object: `modules` (source texts), `sets` (variables), `answers` (for each module and set a text, a truth
value, null, or {"raises": CLASS}).
"""

import json
import os
import random
import sys

NAMES = ["production", "staging", "development", "testing", "preview"]
WORDS = ["prod", "staging", "stg", "dev", "test", "auth", "api", "author", "product-catalog", "qa", "local"]
VARIABLES = ["ENVIRONMENT", "APP_ENV", "K_SERVICE", "K_REVISION", "TESTING", "PR_NUMBER", "DEBUG", "PORT"]


class Writer:
    """Writes one module."""

    def __init__(self, rng):
        self.rng = rng
        self.top = []
        self.names = 0

    def pick(self, values):
        return self.rng.choice(values)

    def fresh(self, prefix):
        self.names += 1
        return f"{prefix}_{self.names}"

    def literal(self):
        return repr(self.pick(NAMES + WORDS))

    def name(self):
        return repr(self.pick(NAMES))

    def read(self):
        """An expression that is always a text."""
        variable = self.pick(VARIABLES)
        default = self.pick(["", "development", "staging", "none", "production"])
        return self.pick([
            f'os.environ.get("{variable}", "{default}")',
            f'os.getenv("{variable}", "{default}")',
            f'(os.environ.get("{variable}") or "{default}")',
            f'os.environ.get("{variable}", default="{default}")' if False else f'os.getenv("{variable}", default="{default}")',
            f'os.environ["{variable}"] if "{variable}" in os.environ else "{default}"',
        ])

    def text(self, depth=0):
        """A text expression."""
        base = f"({self.read()})"
        if depth > 2:
            return base
        choice = self.rng.randrange(16)
        inner = self.text(depth + 1) if choice > 3 else base
        return [
            base,
            f"{base}.lower()",
            f"{base}.strip().lower()",
            f"{base}.upper()",
            f"{inner}.replace({self.literal()}, {self.name()})",
            f'{inner}.split("-")[0]',
            f'{inner}.split("-")[-1]',
            f'{inner}.rsplit("-", 1)[-1]',
            f"{inner}.removeprefix({self.literal()})",
            f'f"{{{inner}}}-x"' if '"' not in inner else f"({inner} + '-x')",
            f"({inner} if {self.test(depth + 1)} else {self.name()})",
            f"({inner} or {self.name()})",
            f"{inner}[:4]",
            f'{inner}.partition("-")[2]',
            f'"-".join(part for part in {inner}.split("-") if part)',
            f"str({inner}).casefold()",
        ][choice]

    def test(self, depth=0):
        """A condition."""
        variable = self.pick(VARIABLES)
        simple = [
            f'os.environ.get("{variable}")',
            f'"{variable}" in os.environ',
            f'os.getenv("{variable}") is not None',
            f"({self.read()}) == {self.literal()}",
            f'os.environ.get("{variable}", "").lower() in ("1", "true", "yes")',
        ]
        if depth > 2:
            return self.pick(simple)
        text = self.text(depth + 1)
        words = ", ".join(self.literal() for _ in range(3))
        return self.pick(simple + [
            f"{self.literal()} in {text}",
            f"{text} in [{words}]",
            f"{text} not in {{{words}}}",
            f"{text}.startswith({self.literal()})",
            f"{text}.endswith(({words}))",
            f"not ({self.test(depth + 1)})",
            f"({self.test(depth + 1)} and {self.test(depth + 1)})",
            f"({self.test(depth + 1)} or {self.test(depth + 1)})",
            f"any(word in {text} for word in [{words}])",
            f"all(os.environ.get(key) for key in ['{variable}', 'ENVIRONMENT'])",
            f"len({text}) > 4",
            f're.search(r"(^|-)(prod|stag)[a-z]*", {text})',
            f"re.match({self.literal()}, {text}) is not None",
            f"bool({text})",
            f"({self.fresh('seen')} := {text}) == {self.literal()}",
            f"{text} == {text}",
        ])

    def indent(self, lines):
        return ["    " + line for line in lines]

    def statement(self, depth=0):
        """Statements that may return."""
        kind = self.rng.randrange(14)
        returned = f"return {self.name()}"
        if kind <= 3:
            lines = [f"if {self.test()}:"] + self.indent(self.block(depth + 1) if depth < 2 else [returned])
            if self.rng.random() < 0.4:
                lines += [f"elif {self.test()}:", f"    {returned}"]
            if self.rng.random() < 0.3:
                lines += ["else:", f"    env = {self.text(1)}"]
            return lines
        if kind == 4:
            return [f"env = {self.text()}"]
        if kind == 5:
            variable = self.pick(VARIABLES)
            error = self.pick(["KeyError", "Exception", "(KeyError, ValueError)", "LookupError"])
            return ["try:", f'    env = os.environ["{variable}"].lower()', f"except {error}:",
                    f"    {self.pick([returned, 'pass', 'env = env.upper()'])}"]
        if kind == 6:
            items = ", ".join(f"({self.literal()}, {self.name()})" for _ in range(3))
            return [f"for word, answer in [{items}]:", "    if word in env:", "        return answer"]
        if kind == 7:
            table = self.fresh("TABLE")
            entries = ", ".join(f"{self.literal()}: {self.name()}" for _ in range(4))
            self.top.append(f"{table} = {{{entries}}}")
            return [f"env = {table}.get(env, {self.pick(['env', self.name()])})"]
        if kind == 8:
            helper = self.fresh("helper")
            self.top += [f"def {helper}(value, fallback={self.name()}):",
                         f"    if {self.literal()} in value:", f"        return {self.name()}",
                         f"    return {self.pick(['fallback', 'value.strip()', 'value or fallback'])}", ""]
            return [f"env = {helper}({self.text(1)})"]
        if kind == 9:
            return ["match env:", f"    case {self.literal()} | {self.literal()}:", f"        {returned}",
                    f"    case other if other.startswith({self.literal()}):", f"        env = other + ''",
                    "    case _:", "        pass"]
        if kind == 10:
            enum = self.fresh("Kind").title().replace("_", "")
            self.top += [f"class {enum}(str, Enum):"] + [f'    {name.upper()} = "{name}"' for name in NAMES] + [""]
            return ["try:", f"    env = {enum}(env).value", "except ValueError:",
                    f"    env = {enum}.{self.pick(NAMES).upper()}.value"]
        if kind == 11:
            holder = self.fresh("Holder").title().replace("_", "")
            self.top += [f"class {holder}:", f"    default = {self.name()}", "    def __init__(self, value):",
                         "        self.value = value or self.default", "    @property",
                         "    def short(self):", "        return self.value[:7].lower()", "    @classmethod",
                         "    def of(cls, value):", "        return cls(value)", ""]
            return [f"env = {holder}.of({self.text(1)}).short"]
        if kind == 12:
            return [f"flags = {{name for name in {VARIABLES[:4]!r} if os.environ.get(name)}}",
                    f"if {self.pick(VARIABLES[:4])!r} in flags and len(flags) > {self.rng.randrange(3)}:",
                    f"    {returned}"]
        if depth == 0 and self.rng.random() < 0.5:
            return [f'port = os.environ.get("PORT", "80")', "try:", "    if int(port) > 8000:",
                    f"        {returned}", "except ValueError:", f"    {returned}"]
        return [f"env = '%s' % env" if self.rng.random() < 0.1 else "env = env.strip()"]

    def block(self, depth=0):
        lines = []
        for _ in range(self.rng.randrange(1, 4)):
            lines += self.statement(depth)
        return lines

    def module(self):
        predicate = self.rng.random() < 0.25
        body = [f"env = {self.text()}"] + self.block() + self.block()
        if predicate:
            answer = [f"return env == {self.name()}"]
            asked = self.pick(["production", "staging"])
            function = f"is_{asked}"
            # A predicate answers yes or no.
            body = [line for line in body]
        else:
            answer = [self.pick(["return env", f"return env if env in {NAMES!r} else {self.name()}",
                                 f"raise RuntimeError(env)", "return env.lower()"])]
            function = "get_environment"
        lines = ["import os", "import re", "from enum import Enum", ""] + self.top
        lines += ["", f"def {function}():"] + self.indent(body + answer) + [""]
        return function, "\n".join(lines)


def variables(rng):
    chosen = {}
    for name in VARIABLES:
        if rng.random() < 0.45:
            chosen[name] = rng.choice(NAMES + WORDS + ["", "1", "true", "backend-staging", "Prod", " staging ", "8080"])
    return chosen


def answer(source, function, chosen):
    os.environ.clear()
    os.environ.update(chosen)
    space = {"__name__": "detector"}
    try:
        exec(compile(source, "detector", "exec"), space)
        value = space[function]()
    except Exception as error:
        return {"raises": type(error).__name__}
    if function.startswith("is_"):
        return bool(value)
    return value


def main():
    rng = random.Random(int(sys.argv[1]))
    modules = [Writer(rng).module() for _ in range(int(sys.argv[2]))]
    sets = [variables(rng) for _ in range(8)]
    answers = [[answer(source, function, chosen) for chosen in sets] for function, source in modules]
    out = {
        "modules": [{"function": function, "source": source} for function, source in modules],
        "sets": sets,
        "answers": answers,
    }
    json.dump(out, sys.stdout)


main()
