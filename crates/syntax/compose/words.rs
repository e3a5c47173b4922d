//! How Compose divides a command that is one string: go-shellwords 1.0.12 without variables and backticks. No shell
//! runs it, so `&&`, `|`, `;`, `<` and `>` are not operators: the first of them ends the command.

/// The words of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// The words, quotes taken away.
    pub words: Vec<String>,
    /// The byte at which an operator ended the command; what follows is silently lost.
    pub cut: Option<usize>,
}

/// Divides a command line.
///
/// # Errors
/// An open quote, a `\` at the end, or a parenthesis that is not part of `$( )`.
pub fn split(line: &str) -> Result<Words, String> {
    let mut splitter = Splitter::default();
    for (at, character) in line.char_indices() {
        match splitter.take(character) {
            Step::On => {}
            Step::Cut => {
                splitter.words.cut = Some(at);
                break;
            }
            Step::Wrong => return Err(format!("`{character}` must be quoted: no shell runs this command")),
        }
    }
    splitter.finish()
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "the states overlap: a quote may open inside backticks")]
struct Splitter {
    words: Words,
    word: String,
    has_word: bool,
    escaped: bool,
    in_double: bool,
    in_single: bool,
    in_backticks: bool,
    in_dollar: bool,
}

enum Step {
    On,
    Cut,
    Wrong,
}

impl Splitter {
    fn take(&mut self, character: char) -> Step {
        let is_quoted = self.in_single || self.in_double || self.in_backticks;
        match character {
            _ if self.escaped => {
                self.escaped = false;
                self.add(match character {
                    't' => '\t',
                    'n' => '\n',
                    other => other,
                });
            }
            '\\' if self.in_single => self.word.push('\\'),
            '\\' => self.escaped = true,
            ' ' | '\t' | '\r' | '\n' if is_quoted || self.in_dollar => self.word.push(character),
            ' ' | '\t' | '\r' | '\n' => self.end_word(),
            '`' if !self.in_single && !self.in_double && !self.in_dollar => {
                self.in_backticks = !self.in_backticks;
                self.add('`');
            }
            '(' if !is_quoted && !self.in_dollar && self.word.ends_with('$') => {
                self.in_dollar = true;
                self.word.push('(');
            }
            ')' if !is_quoted && self.in_dollar => {
                self.in_dollar = false;
                self.add(')');
            }
            '(' | ')' if !is_quoted => return Step::Wrong,
            '"' if !self.in_single && !self.in_dollar => {
                self.has_word |= self.in_double;
                self.in_double = !self.in_double;
            }
            '\'' if !self.in_double && !self.in_dollar => {
                self.has_word |= self.in_single;
                self.in_single = !self.in_single;
            }
            ';' | '&' | '|' | '<' | '>' if !is_quoted && !self.in_dollar => {
                if character == '>' && self.word.starts_with(|c: char| c.is_ascii_digit()) {
                    self.has_word = false;
                }
                return Step::Cut;
            }
            other => self.add(other),
        }
        Step::On
    }

    fn add(&mut self, character: char) {
        self.word.push(character);
        self.has_word = true;
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.has_word) {
            self.words.words.push(std::mem::take(&mut self.word));
        }
    }

    fn finish(mut self) -> Result<Words, String> {
        self.end_word();
        if self.escaped || self.in_single || self.in_double || self.in_backticks || self.in_dollar {
            return Err("has an open quote, or ends with `\\`".to_owned());
        }
        Ok(self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn an_operator_ends_the_command() {
        let words = split("sh -c 'a && b' \"\" x\\ y && c").unwrap();
        assert_eq!(words.words, ["sh", "-c", "a && b", "", "x y"]);
        assert_eq!(words.cut, Some(23));
        assert!(split("echo (x)").is_err() && split("echo 'x").is_err());
        assert_eq!(split("echo $(a b)").unwrap().words, ["echo", "$(a b)"]);
    }
}
