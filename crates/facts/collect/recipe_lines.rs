//! Lines of Makefiles' recipes that are meant for the lines behind them and do nothing for those: each line has a shell of its
//! own.
//!
//! Source: <https://www.gnu.org/software/make/manual/make.html#Execution>.

use source::{FileKind, Span, is_illustration};
use syntax::make;
use syntax::shell::{self, Assignment, Command};

use crate::record::Document;
use crate::{ShellFlaw, ShellFlawKind};

/// What makes one shell of all lines, or other lines of recipes.
const SWITCHES: &[&str] = &[".ONESHELL", ".RECIPEPREFIX", ".SHELLFLAGS"];

/// Such lines of a Makefile.
#[must_use]
pub(super) fn without_effect(document: &Document) -> Vec<ShellFlaw> {
    let text = document.text.as_str();
    if is_illustration(&document.path) || SWITCHES.iter().any(|switch| text.contains(switch)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for rule in rules(text, &make::parse(text).recipes) {
        for (at, line) in rule.iter().enumerate() {
            let later = rule.get(at + 1..).unwrap_or_default();
            let Some(next) = later.iter().find(|later| depends(later.of(text))) else { continue };
            let Some(written) = set_by(line.of(text), later.iter().map(|later| later.of(text))) else {
                continue;
            };
            found.push(ShellFlaw {
                kind: ShellFlawKind::OwnShell,
                name: written.clone(),
                written,
                at: document.place(*line),
                because: Some(document.place(*next)),
            });
        }
    }
    found
}

/// Whether it matters to a line in which folder and with which variables it runs; not to one that reports or marks.
fn depends(line: &str) -> bool {
    const OTHERS: &[&str] = &["echo", "exit", "printf", "touch", "true"];
    let program = line.split_whitespace().next().unwrap_or("");
    !OTHERS.contains(&program)
}

/// The lines of each rule that has several, comments left out.
fn rules(text: &str, recipes: &[Span]) -> Vec<Vec<Span>> {
    let mut rules: Vec<Vec<Span>> = Vec::new();
    let mut end = None;
    for recipe in recipes {
        let between = end.and_then(|end| text.get(end..recipe.start));
        let is_blank = |letter: char| letter.is_whitespace() || matches!(letter, '@' | '-' | '+');
        if !between.is_some_and(|between| between.chars().all(is_blank)) {
            rules.push(Vec::new());
        }
        end = Some(recipe.end);
        if let Some(rule) = rules.last_mut().filter(|_| !recipe.of(text).starts_with('#')) {
            rule.push(*recipe);
        }
    }
    rules.retain(|rule| rule.len() > 1 && rule.first().is_some_and(|first| follows_a_rule(text, *first)));
    rules
}

/// Whether the line before is that of a rule: behind anything else a tab begins no recipe.
fn follows_a_rule(text: &str, first: Span) -> bool {
    let before = text.get(..first.start).unwrap_or("");
    let mut lines =
        before.lines().rev().skip(1).filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    let line = lines.next().unwrap_or("");
    let is_condition = ["if", "else", "endif"].iter().any(|word| line.trim_start().starts_with(word));
    let colon = line.split_once(':').map(|(_, rest)| rest.trim_start_matches(':'));
    colon.is_some_and(|rest| !rest.starts_with('=')) && !is_condition && !line.starts_with('\t')
}

/// What a line sets for its own shell and does not use itself, without values.
fn set_by<'t>(line: &str, mut later: impl Iterator<Item = &'t str>) -> Option<String> {
    let script = shell::parse(line).tree;
    let is_inside = |command: &Command| {
        script.commands.iter().any(|other| {
            other.span != command.span
                && other.span.start <= command.span.start
                && command.span.end <= other.span.end
        })
    };
    let mut outer = script.commands.iter().filter(|command| !is_inside(command));
    let (command, None) = (outer.next()?, outer.next()) else { return None };
    if !script.blocks.is_empty() || !command.redirects.is_empty() {
        return None;
    }
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    match words.as_slice() {
        ["cd", folder] => Some(format!("cd {folder}")),
        ["export", set @ ..] if !set.is_empty() => {
            let names = set.iter().map(|set| set.split_once('=').map(|(name, _)| name));
            let names: Option<Vec<&str>> = names.collect();
            Some(format!("export {}", names?.join(" ")))
        }
        ["." | "source", file]
            if file.ends_with("bin/activate") || FileKind::of(file) == FileKind::EnvFile =>
        {
            Some(words.join(" "))
        }
        [] => {
            let [Assignment { name, .. }] = command.assignments.as_slice() else { return None };
            let read = [format!("$${}", name.value), format!("$${{{}}}", name.value)];
            let is_read = later.any(|line| read.iter().any(|read| line.contains(read)));
            is_read.then(|| format!("{}=", name.value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::without_effect;
    use crate::record::Document;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new("Makefile", text.to_owned());
        without_effect(&document).into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn each_line_has_a_shell_of_its_own() {
        for (text, expected) in [
            ("a:\n\texport TAG=$(shell cat VERSION)\n\t@docker compose build\n", "export TAG"),
            ("a: b\n\tcd infra\n\n\t# now\n\tterraform apply\n", "cd infra"),
            ("a:\n\t. .venv/bin/activate\n\tpip install -r requirements.txt\n", ". .venv/bin/activate"),
            ("a:\n\tTAG=`git describe`\n\techo a\n\tdocker build -t app:$$TAG .\n", "TAG="),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_holds_or_is_no_recipe_is_silent() {
        for text in [
            "a:\n\tcd infra && terraform apply\n\techo done\n",
            "a:\n\tcd infra; \\\n\tterraform apply\n\techo done\n",
            "a:\n\tdocker build .\n\tcd ..\n",
            ".ONESHELL:\na:\n\tcd infra\n\tterraform apply\n",
            "ifdef X\n\texport A=1\n\texport B=2\nendif\n",
            "A := b\n\texport A=1\n\texport B=2\n",
            "a:\n\tTAG=1 docker build .\n\techo $$TAG\n",
            "a:\n\tTAG=1\n\techo $(TAG)\n",
            "a:\n\t. ./check.sh\n\tdocker build .\n",
            "a:\n\texport PATH\n\tdocker build .\n",
            "a:\n\tcd b\nc:\n\tdocker build .\n",
            "a:\n\t. venv/bin/activate\n\ttouch venv/bin/activate\n",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
