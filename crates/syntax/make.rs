//! Makefiles, as far as they tell which targets there are and what their recipes run.
//!
//! Source: <https://www.gnu.org/software/make/manual/make.html>, "Writing Rules" and "Including Other Makefiles".

use source::Span;

/// What a Makefile makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Makefile {
    /// Names that can be asked for: targets of rules and what `.PHONY` lists.
    pub targets: Vec<String>,
    /// Targets with a `%`.
    pub patterns: Vec<String>,
    /// Targets with variables: what stands before them and behind.
    pub computed: Vec<(String, String)>,
    /// Files that it includes, as written, relative to the folder that make runs in.
    pub includes: Vec<String>,
    /// The lines of recipes with those that continue them, without the tab and the marks of make (`@`, `-`, `+`) before the
    /// command. Variables of make, `$(NAME)`, stand in them as they are written.
    pub recipes: Vec<Span>,
    /// What targets need to be made before; none where make looks for files in other folders as well (`VPATH`).
    pub needs: Vec<Need>,
    /// Whether `VPATH` or `vpath` is set.
    searches: bool,
    /// Whether it may have targets that its text does not name: computed ones, a rule for everything else.
    pub is_open: bool,
}

/// What a target needs: the name of another target by its form, and no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The target.
    pub target: String,
    /// What it needs.
    pub needed: String,
    /// The line of the rule, with those that it goes on from.
    pub at: Span,
}

impl Makefile {
    /// Whether there is a rule for a target, or may be one.
    #[must_use]
    pub fn may_make(&self, target: &str) -> bool {
        let fits = |pattern: &String| {
            pattern.split_once('%').is_some_and(|(start, end)| {
                target.len() > start.len() + end.len() && target.starts_with(start) && target.ends_with(end)
            })
        };
        let may_be = |(start, end): &(String, String)| {
            target.len() >= start.len() + end.len() && target.starts_with(start) && target.ends_with(end)
        };
        self.is_open
            || self.targets.iter().any(|known| known.trim_end_matches('/') == target)
            || self.patterns.iter().any(fits)
            || self.computed.iter().any(may_be)
    }
}

/// Reads a Makefile. Both branches of conditions count.
#[must_use]
pub fn parse(text: &str) -> Makefile {
    let mut file = Makefile::default();
    let mut is_definition = false;
    let mut continued = String::new();
    let (mut end, mut recipe_continues) = (0, false);
    let (mut rule_start, mut conditions) = (0, 0_usize);
    for whole in text.split_inclusive('\n') {
        let start = end;
        end += whole.len();
        let line = whole.trim_end_matches(['\n', '\r']);
        let is_recipe = recipe_continues || continued.is_empty() && line.starts_with('\t');
        if is_recipe && !is_definition {
            file.add_recipe(line, start, recipe_continues);
        }
        recipe_continues = is_recipe && line.ends_with('\\');
        if continued.is_empty() {
            rule_start = start;
        }
        if let Some(start) = line.strip_suffix('\\').filter(|_| !is_recipe) {
            continued.push_str(start);
            continued.push(' ');
            continue;
        }
        let whole = std::mem::take(&mut continued) + line;
        let first = whole.split_whitespace().next().unwrap_or("");
        match first {
            "define" => is_definition = true,
            "endef" => is_definition = false,
            _ if is_definition || is_recipe => {}
            "ifdef" | "ifndef" | "ifeq" | "ifneq" => conditions += 1,
            "endif" => conditions = conditions.saturating_sub(1),
            _ => {
                let at = Some(Span::new(rule_start, start + line.len())).filter(|_| conditions == 0);
                file.add(whole.split('#').next().unwrap_or(""), at);
            }
        }
    }
    if file.searches {
        file.needs.clear();
    }
    file
}

impl Makefile {
    /// A line of a recipe that begins at `start` of the text.
    fn add_recipe(&mut self, line: &str, start: usize, continues: bool) {
        let end = start + line.len();
        match self.recipes.last_mut().filter(|_| continues) {
            Some(recipe) => recipe.end = end,
            None => {
                let command = line.trim_start_matches(['\t', ' ', '@', '-', '+']);
                self.recipes.push(Span::new(end - command.len(), end));
            }
        }
    }

    /// A line outside of recipes; `at` where no condition decides over it.
    fn add(&mut self, line: &str, at: Option<Span>) {
        let mut words = line.split_whitespace();
        self.searches |= line.to_ascii_lowercase().trim_start().starts_with("vpath");
        match words.next().unwrap_or("") {
            "include" | "-include" | "sinclude" => {
                let (known, computed): (Vec<&str>, Vec<&str>) =
                    words.partition(|path| !path.contains(['$', '*']));
                self.includes.extend(known.into_iter().map(str::to_owned));
                self.is_open |= !computed.is_empty();
                return;
            }
            ".RECIPEPREFIX" => self.is_open = true,
            _ => {}
        }
        // A call outside a rule may make rules.
        let rule = rule(line);
        if rule.is_none() && line.trim_start().starts_with("$(") || line.contains("$(eval") {
            self.is_open = true;
        }
        let Some((names, rest)) = rule else { return };
        if let Some(at) = at {
            self.add_needs(names, rest, at);
        }
        for name in names.split_whitespace() {
            match name.trim_end_matches('&') {
                ".DEFAULT" => self.is_open = true,
                ".PHONY" => self.add_names(rest),
                name => self.add_names(name),
            }
        }
    }

    /// The prerequisites that are names of targets. `a: NAME = x` sets a variable, and `a: %.o: %.c` is a pattern.
    fn add_needs(&mut self, names: &str, rest: &str, at: Span) {
        let rest = rest.split(';').next().unwrap_or("");
        if rest.contains(['=', ':']) || names.starts_with('.') {
            return;
        }
        let is_name = |word: &&str| {
            word.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        };
        for name in names.split_whitespace() {
            let needed = rest.split_whitespace().filter(is_name);
            let need = |needed: &str| Need { target: name.to_owned(), needed: needed.to_owned(), at };
            self.needs.extend(needed.map(need));
        }
    }

    fn add_names(&mut self, names: &str) {
        let (computed, known): (Vec<&str>, Vec<&str>) =
            names.split_whitespace().partition(|name| name.contains('$'));
        for name in computed {
            match around_variable(name) {
                Some(ends) => self.computed.push(ends),
                None => self.is_open = true,
            }
        }
        let (patterns, targets): (Vec<&str>, Vec<&str>) =
            known.into_iter().partition(|name| name.contains('%'));
        self.patterns.extend(patterns.into_iter().map(str::to_owned));
        self.targets.extend(targets.into_iter().map(str::to_owned));
    }
}

/// What stands before and behind the variables of a target: `$(OUT)/app`; `None` where nothing does, and for functions, whose
/// names have blanks in them.
fn around_variable(name: &str) -> Option<(String, String)> {
    let (start, rest) = name.split_once('$')?;
    let end = rest.rfind([')', '}']).and_then(|at| rest.get(at + 1..))?;
    let is_whole = name.matches(['(', '{']).count() == name.matches([')', '}']).count();
    (is_whole && !(start.is_empty() && end.is_empty())).then(|| (start.to_owned(), end.to_owned()))
}

/// The targets of a rule and what follows its colon; `None` where the line is no rule.
fn rule(line: &str) -> Option<(&str, &str)> {
    let mut depth = 0_u32;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b'=' if depth == 0 => return None,
            b':' if depth == 0 => {
                let rest = line.get(at + 1..)?;
                let is_assignment = rest.trim_start_matches(':').starts_with('=');
                return (!is_assignment).then_some((line.get(..at)?, rest.trim_start_matches(':')));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn targets_of_rules_and_what_may_make_others() {
        let file = parse(
            "A := b:c\nB = x: y\n.PHONY: lint check\nall build: $(A) \\\n  c\n\tgo: build\nimage-%: x\n\tdocker $*\n\
             two:: a\ndefine BODY\nhidden: x\nendef\ninclude common.mk\nifeq ($(A),b)\nlast: ; true\nendif\nlast: export Z := 1\n",
        );
        for target in ["all", "build", "lint", "check", "image-api", "two", "last"] {
            assert!(file.may_make(target), "{target}");
        }
        for target in ["go", "hidden", "c", "image-", "A", "B", "x"] {
            assert!(!file.may_make(target), "{target}");
        }
        assert_eq!(file.includes, ["common.mk"]);
    }

    #[test]
    fn prerequisites_are_names_of_targets() {
        let file = parse("a b: c-d dist/x $(Y) | e ; f\ng: H = i\n.PHONY: j\nk: %.o: %.c\n");
        let needs: Vec<_> = file.needs.iter().map(|need| (&*need.target, &*need.needed)).collect();
        assert_eq!(needs, [("a", "c-d"), ("a", "e"), ("b", "c-d"), ("b", "e")]);
        let text = "x = 1\nifdef A\na: b\nendif\nc: \\\n  d\n";
        let needs = parse(text).needs;
        assert_eq!(needs.iter().map(|need| need.at.of(text)).collect::<Vec<_>>(), ["c: \\\n  d"]);
        assert_eq!(parse("VPATH = src\na: b\n").needs, []);
        assert!(parse("out/:\n\tmkdir out\n").may_make("out"));
    }

    #[test]
    fn recipes_are_commands_with_the_lines_that_continue_them() {
        let text =
            "all: a\n\t@docker build \\\n\t  -t x .\n\n\t-rm -f x\nb: ; true\ndefine C\n\tnone\nendef\n";
        let recipes = parse(text).recipes;
        let found: Vec<_> = recipes.iter().map(|span| &text[span.start..span.end]).collect();
        assert_eq!(found, ["docker build \\\n\t  -t x .", "rm -f x"]);
    }

    #[test]
    fn a_target_with_a_variable_may_be_what_fits_around_it() {
        let file = parse("$(FRONTEND)/node_modules: x\nout-${ARCH}: x\n");
        assert!(file.may_make("web/node_modules") && file.may_make("out-arm64"));
        assert!(!file.may_make("docker") && !file.may_make("out"));
    }

    #[test]
    fn an_open_file_may_make_anything() {
        for text in [
            "$(NAME): x\n",
            "$(addprefix out/,a b): x\n",
            "$(foreach x,a b,$(eval $(call RULE,$(x))))\n",
            ".DEFAULT:\n",
            "include $(X).mk\n",
            "-include *.mk\n",
        ] {
            assert!(parse(text).may_make("anything"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|[\t\n:=$(){}%\\\\]){0,200}") {
            let _ = parse(&text);
        }
    }
}
