//! The examples of a rule file: little repositories with the findings that they must give.

use source::Memory;

use crate::Severity;
use crate::rule::{Rule, RuleError};

/// The heading of the examples that have findings of the rule.
pub(crate) const FAILS: &str = "Fails";

/// The heading of the examples that have none.
pub(crate) const PASSES: &str = "Passes";

/// One example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its `###` heading.
    pub name: String,
    /// 1-based line of the heading in the rule file.
    pub line: u32,
    /// Whether it stands under `## Fails`.
    pub fails: bool,
    /// Its files by path. A path that ends in `/` is an empty directory.
    pub files: Vec<(String, String)>,
    /// The findings of all rules, in the order written.
    pub expected: Vec<Expectation>,
}

/// A finding that an example must give: `expect: PATH:LINE ID severity`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    /// The primary place's file.
    pub path: String,
    /// The primary place's 1-based line.
    pub line: u32,
    /// The rule.
    pub rule: String,
    /// How grave.
    pub severity: Severity,
}

impl Example {
    /// The example as a tree of files.
    #[must_use]
    pub fn tree(&self) -> Memory {
        let mut tree = Memory::new();
        for (path, text) in &self.files {
            match path.strip_suffix('/') {
                Some(directory) => tree.insert_directory(directory),
                None => tree.insert(path, text.as_str()),
            }
        }
        tree
    }
}

/// The `## ` headings of a Markdown text outside of fenced blocks, with their byte offsets.
pub(crate) fn headings(body: &str) -> impl Iterator<Item = (&str, usize)> {
    lines(body)
        .filter(|line| !line.fenced)
        .filter_map(|line| Some((line.text.strip_prefix("## ")?.trim(), line.start)))
}

/// Reads every example of a rule file.
pub(crate) fn parse(rule: &Rule) -> Result<Vec<Example>, RuleError> {
    let body = rule.text.get(rule.body_start..).unwrap_or("");
    let mut reader = Reader { rule, examples: Vec::new(), section: None, path: None };
    for line in lines(body) {
        let offset = rule.body_start + line.start;
        reader.take(&line).map_err(|message| rule.error_at(offset, message))?;
    }
    reader.finish().map_err(|message| rule.error_at(rule.text.len(), message))
}

/// One line of a Markdown text.
struct Line<'b> {
    text: &'b str,
    start: usize,
    /// Whether it is part of a fenced block, its fences included.
    fenced: bool,
    /// Whether it opens a fenced block.
    opens: bool,
    /// Whether it closes one.
    closes: bool,
}

fn lines(body: &str) -> impl Iterator<Item = Line<'_>> {
    let mut fence: Option<&str> = None;
    let mut start = 0;
    body.split_inclusive('\n').map(move |raw| {
        let text = raw.strip_suffix('\n').unwrap_or(raw);
        let mark = fence_mark(text);
        let closes = fence.is_some_and(|open| text.trim_end() == mark && mark.starts_with(open));
        let opens = fence.is_none() && !mark.is_empty();
        let line = Line { text, start, fenced: fence.is_some() || opens, opens, closes };
        if opens {
            fence = Some(mark);
        } else if closes {
            fence = None;
        }
        start += raw.len();
        line
    })
}

/// The three or more backticks or tildes that a line starts with; empty where it has none.
fn fence_mark(text: &str) -> &str {
    let first = text.chars().next().filter(|first| matches!(first, '`' | '~'));
    let length = first.map_or(0, |first| text.chars().take_while(|letter| *letter == first).count());
    if length >= 3 { text.get(..length).unwrap_or("") } else { "" }
}

struct Reader<'r> {
    rule: &'r Rule,
    examples: Vec<Example>,
    /// Whether the section is `Fails`; `None` outside of the two sections of examples.
    section: Option<bool>,
    /// The path that the next fenced block belongs to.
    path: Option<String>,
}

impl Reader<'_> {
    fn take(&mut self, line: &Line<'_>) -> Result<(), String> {
        if line.fenced {
            return self.take_fenced(line);
        }
        if let Some(heading) = line.text.strip_prefix("## ") {
            self.section = match heading.trim() {
                FAILS => Some(true),
                PASSES => Some(false),
                _ => None,
            };
            return self.no_path_waits();
        }
        let Some(fails) = self.section else { return Ok(()) };
        if let Some(name) = line.text.strip_prefix("### ") {
            self.no_path_waits()?;
            let line = crate::rule::line_of(&self.rule.text, self.rule.body_start + line.start);
            let name = name.trim().to_owned();
            self.examples.push(Example { name, line, fails, files: Vec::new(), expected: Vec::new() });
        } else if let Some(path) = line.text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            self.no_path_waits()?;
            if path.ends_with('/') {
                self.example()?.files.push((path.to_owned(), String::new()));
            } else {
                self.path = Some(path.to_owned());
            }
        } else if let Some(expected) = line.text.strip_prefix("expect:") {
            let expected = expectation(expected)?;
            self.example()?.expected.push(expected);
        }
        Ok(())
    }

    fn take_fenced(&mut self, line: &Line<'_>) -> Result<(), String> {
        if self.section.is_none() || line.closes {
            return Ok(());
        }
        if line.opens {
            let path =
                self.path.take().ok_or("a block needs the path of its file in backticks on a line above")?;
            self.example()?.files.push((path, String::new()));
            return Ok(());
        }
        let text = if self.rule.head.escapes { unescaped(line.text) } else { line.text.to_owned() };
        if let Some((_, content)) = self.example()?.files.last_mut() {
            content.push_str(&text);
            content.push('\n');
        }
        Ok(())
    }

    fn example(&mut self) -> Result<&mut Example, String> {
        self.examples
            .last_mut()
            .ok_or_else(|| "an example starts with its name as a `### ` heading".to_owned())
    }

    fn no_path_waits(&self) -> Result<(), String> {
        let Some(path) = &self.path else { return Ok(()) };
        Err(format!("the file `{path}` has no fenced block after its path"))
    }

    fn finish(self) -> Result<Vec<Example>, String> {
        self.no_path_waits()?;
        Ok(self.examples)
    }
}

fn unescaped(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\t", "\t").replace("\\x20", " ").replace("\\u{feff}", "\u{feff}")
}

/// `PATH:LINE ID severity`.
fn expectation(text: &str) -> Result<Expectation, String> {
    let read = || {
        let mut words = text.split_whitespace();
        let (path, line) = words.next()?.rsplit_once(':')?;
        let (rule, severity) = (words.next()?, words.next()?);
        let nothing_follows = words.next().is_none();
        let line = line.parse().ok().filter(|line| *line >= 1)?;
        let severity = severity.parse().ok()?;
        nothing_follows.then(|| Expectation { path: path.to_owned(), line, rule: rule.to_owned(), severity })
    };
    read().ok_or_else(|| format!("`expect:{text}` is not `expect: PATH:LINE ID severity`"))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::rule_file::tests::HEAD;

    fn examples(head: &str, body: &str) -> Result<Vec<Example>, RuleError> {
        Rule::parse("f", "no-debug.md", Cow::Owned(format!("{head}{body}"))).unwrap().examples()
    }

    #[test]
    fn files_are_verbatim_and_expectations_apart() {
        let body = "
## Fails

### two files

`a/b.md`

````md
```
# not a heading
## Passes
```
````

`empty/`

expect: a/b.md:2 no-debug error

## Passes

### none

`c`

```
```
";
        let read = examples(HEAD, body).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read[0].fails && !read[1].fails);
        assert_eq!(read[0].line, 15);
        assert_eq!(read[0].files[0].1, "```\n# not a heading\n## Passes\n```\n");
        assert_eq!(read[0].files[1].0, "empty/");
        assert_eq!(read[0].expected[0].line, 2);
        assert_eq!(read[1].files, [("c".to_owned(), String::new())]);
    }

    #[test]
    fn escapes_only_where_the_head_asks_for_them() {
        let body = "## Fails\n### x\n`a`\n```\nA=1\\r\n\\u{feff}b\\x20\n```\n";
        assert_eq!(examples(HEAD, body).unwrap()[0].files[0].1, "A=1\\r\n\\u{feff}b\\x20\n");
        let head = HEAD.replace("ignorable", "escapes = true\nignorable");
        assert_eq!(examples(&head, body).unwrap()[0].files[0].1, "A=1\r\n\u{feff}b \n");
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let lost = examples(HEAD, "## Fails\n### x\n`a`\n### y\n").unwrap_err();
        assert_eq!(lost.line, 15);
        assert!(examples(HEAD, "## Fails\n### x\n```\n```\n").is_err());
        assert!(examples(HEAD, "## Fails\n### x\nexpect: a no-debug error\n").is_err());
    }
}
