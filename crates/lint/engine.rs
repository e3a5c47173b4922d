//! From facts to a verdict: runs the rules, names their faults, takes out what is allowed, and sorts.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use facts::{Facts, Problem};
use rayon::prelude::*;
use source::redact::Concealed;
use source::{FileKind, Place, Tree, is_backup};

use crate::config::{Note, unmatched_notes};
use crate::finding::{Because, Finding, Fixed, Suppressed, fingerprint};
use crate::nearest::did_you_mean;
use crate::suppress::{self, Comment, Judge};
use crate::texts::Texts;
use crate::{
    Check, CheckContext, Config, Date, Fault, Level, Registry, Rule, Severity, Verdict, checks, select,
};

/// What a run is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these rules; all where none is named.
    pub rules: Vec<String>,
    /// Only findings of these environments, and those of no environment in particular; all where none is named.
    pub environments: Vec<String>,
    /// The mildest severity that holds the deployment back.
    pub fail_on: Severity,
    /// Whether allowances are left aside.
    pub no_allow: bool,
    /// The day on which allowances are judged.
    pub today: Date,
}

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    /// What it all says.
    pub verdict: Verdict,
    /// How many files were read.
    pub files: usize,
    /// In the order of path, line, column, rule, subject.
    pub findings: Vec<Finding>,
    /// Allowed findings, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// Repaired findings, in the same order.
    pub fixed: Vec<Fixed>,
    /// What could not be read, understood or run, in the order of path, line, message.
    pub problems: Vec<Problem>,
    /// The deployed environments that were judged, by canonical name.
    pub environments: Vec<String>,
    /// What no report shows.
    pub concealed: Concealed,
}

impl Outcome {
    /// What is left to say where nothing could be judged.
    #[must_use]
    pub fn not_judged(message: impl Into<String>) -> Self {
        let problem = select::whole(message.into(), true);
        Self {
            verdict: Verdict::Unsure,
            files: 0,
            findings: Vec::new(),
            suppressed: Vec::new(),
            fixed: Vec::new(),
            problems: vec![problem],
            environments: Vec::new(),
            concealed: Concealed::default(),
        }
    }

    /// What is left to say where nothing was asked for.
    #[must_use]
    pub fn nothing_asked(message: impl Into<String>) -> Self {
        let note = select::whole(message.into(), false);
        Self { verdict: Verdict::Clear, problems: vec![note], ..Self::not_judged("") }
    }

    /// Keeps what `concerns` answers for, and decides again.
    #[must_use]
    pub fn only(mut self, concerns: impl Fn(&Finding) -> bool, fail_on: Severity) -> Self {
        self.findings.retain(&concerns);
        self.suppressed.retain(|suppressed| concerns(&suppressed.finding));
        self.verdict = Verdict::decide(&self.findings, &self.problems, fail_on);
        self
    }

    /// The files in which something was found, or that keep the verdict from being clear.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let suppressed = self.suppressed.iter().map(|suppressed| &suppressed.finding);
        let found = self.findings.iter().chain(suppressed).map(|finding| &*finding.at.place.path);
        let blocking = self.problems.iter().filter(|problem| problem.blocking && !problem.path.is_empty());
        found.chain(blocking.map(|problem| &*problem.path))
    }

    /// Adds what went wrong besides, and decides again.
    #[must_use]
    pub fn with_problems(mut self, problems: impl IntoIterator<Item = Problem>, fail_on: Severity) -> Self {
        self.problems.extend(problems);
        sort(&mut self.problems);
        self.verdict = Verdict::decide(&self.findings, &self.problems, fail_on);
        self
    }

    /// Adds a word on the run as a whole, which changes nothing of the verdict.
    #[must_use]
    pub fn noting(mut self, message: String) -> Self {
        self.problems.push(select::whole(message, false));
        sort(&mut self.problems);
        self
    }

    /// Drops what was found in these files, and decides again: what was not understood in them blocks nothing.
    #[must_use]
    pub fn without_files(mut self, files: &BTreeSet<String>, fail_on: Severity) -> Self {
        // What the configuration says holds, whether git ignores its file or not.
        let is_ignored = |problem: &&mut Problem| {
            files.contains(&*problem.path) && source::file_name(&problem.path) != "shipworthy.toml"
        };
        self.problems.iter_mut().filter(is_ignored).for_each(|problem| problem.blocking = false);
        self.only(|finding| !files.contains(&*finding.at.place.path), fail_on)
    }
}

/// Brings problems into the order of outputs, each once.
fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|one, other| {
        (&one.path, one.line, &one.message).cmp(&(&other.path, other.line, &other.message))
    });
    problems.dedup();
}

/// Judges a repository.
#[must_use]
pub fn run(
    tree: &dyn Tree,
    facts: &Facts,
    config: &Config,
    registry: &Registry,
    options: &Options,
) -> Outcome {
    let unknown = select::unknown_names(options, facts, config, registry);
    if !unknown.is_empty() {
        let problems = unknown.into_iter().map(|message| select::whole(message, true)).collect();
        return outcome(facts, options, Vec::new(), Vec::new(), problems);
    }
    let mut problems = [&facts.problems[..], &config.problems, registry.problems()].concat();
    problems.extend(select::reach(facts));
    let run = Run { tree, facts, config, registry, options };
    let mut raised = run.checked(&mut problems);
    raised.extend(run.noted(config.notes.iter().cloned()));
    raised.extend(run.noted(unmatched_notes(config, tree, facts)));
    raised.extend(run.noted(run.unknown_rules()));
    raised.retain(|raised| run.is_wanted(raised));
    let (mut findings, suppressed) = run.parted(raised);
    once_a_place(&mut findings);
    outcome(facts, options, findings, suppressed, problems)
}

/// Filters by environment, sorts, and decides.
fn outcome(
    facts: &Facts,
    options: &Options,
    mut findings: Vec<Finding>,
    mut suppressed: Vec<Suppressed>,
    mut problems: Vec<Problem>,
) -> Outcome {
    let asked = select::environments(options);
    let is_wanted = select::wanted(options);
    findings.retain(&is_wanted);
    suppressed.retain(|suppressed| is_wanted(&suppressed.finding));
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    suppressed.sort_by(|one, other| one.finding.order().cmp(&other.finding.order()));
    sort(&mut problems);
    findings.iter_mut().for_each(|finding| conceal(finding, &facts.concealed));
    suppressed.iter_mut().for_each(|suppressed| conceal(&mut suppressed.finding, &facts.concealed));
    for problem in &mut problems {
        hide(&mut problem.message, &facts.concealed);
    }
    let judged = |name: &&String| asked.is_empty() || asked.contains(*name);
    Outcome {
        verdict: Verdict::decide(&findings, &problems, options.fail_on),
        files: facts.files.len(),
        findings,
        suppressed,
        fixed: Vec::new(),
        problems,
        environments: facts.environments.iter().filter(judged).cloned().collect(),
        concealed: facts.concealed.clone(),
    }
}

/// Hides what the texts of a finding repeat of secrets. Its identity has been made of them as they were.
fn conceal(finding: &mut Finding, concealed: &Concealed) {
    hide(&mut finding.subject, concealed);
    hide(&mut finding.message, concealed);
    finding.because.iter_mut().for_each(|because| hide(&mut because.message, concealed));
    if let Some(fix) = &mut finding.fix {
        hide(&mut fix.title, concealed);
    }
}

fn hide(text: &mut String, concealed: &Concealed) {
    if let Cow::Owned(shown) = concealed.sentence(text) {
        *text = shown;
    }
}

/// A fault with the rule that speaks of it.
struct Raised<'r> {
    rule: &'r Rule,
    severity: Severity,
    fault: Fault,
}

/// Keeps one of several faults that say the same of one place and environment: several services may take a value from
/// one line. Of these the gravest stays. An allowance is for one of them, so this comes after the allowances.
fn once_a_place(findings: &mut Vec<Finding>) {
    fn told(finding: &Finding) -> impl Ord + '_ {
        let at = &finding.at.place;
        (finding.rule.as_str(), at, finding.message.as_str(), finding.environment.as_deref())
    }
    findings.sort_by(|one, other| {
        let graver = other.severity.cmp(&one.severity);
        told(one).cmp(&told(other)).then(graver).then_with(|| one.subject.cmp(&other.subject))
    });
    findings.dedup_by(|later, first| told(later) == told(first));
}

struct Run<'r> {
    tree: &'r dyn Tree,
    facts: &'r Facts,
    config: &'r Config,
    registry: &'r Registry,
    options: &'r Options,
}

impl<'r> Run<'r> {
    /// How grave a rule's findings in the file at `path` are at most; `None` where none is wanted.
    fn severity(&self, rule: &Rule, path: &str) -> Option<Severity> {
        match self.config.level(rule.id(), path) {
            Some(Level::Off) => None,
            Some(Level::On(severity)) => Some(severity),
            None => Some(rule.head.severity),
        }
    }

    /// Whether a rule takes part in this run: it is asked for, and on in some place.
    fn takes_part(&self, rule: &Rule) -> bool {
        let selected = self.options.rules.is_empty() || self.options.rules.iter().any(|id| id == rule.id());
        let everywhere = self.config.rules.get(rule.id()).and_then(|configured| configured.level);
        let mut scoped = self.config.scopes.iter().filter_map(|scope| scope.rules.get(rule.id()));
        selected && (everywhere != Some(Level::Off) || scoped.any(|(level, _)| *level != Level::Off))
    }

    /// Whether the rule of this name takes part in this run.
    fn ran(&self, id: &str) -> bool {
        self.registry.get(id).is_some_and(|rule| self.takes_part(rule))
    }

    fn raise(&self, rule: &'r Rule, fault: Fault) -> Option<Raised<'r>> {
        let severity = self.severity(rule, &fault.at.path).filter(|_| self.takes_part(rule))?;
        // The consequence in this place lowers what the rule says, and never raises it.
        let severity = fault.severity.map_or(severity, |consequence| consequence.min(severity));
        Some(Raised { rule, severity, fault })
    }

    /// The faults of every check, rule by rule.
    fn checked(&self, problems: &mut Vec<Problem>) -> Vec<Raised<'r>> {
        let taking_part: Vec<&Rule> =
            self.registry.rules().iter().filter(|rule| self.takes_part(rule)).collect();
        let answers: Vec<_> = taking_part.into_par_iter().map(|rule| (rule, self.faults(rule))).collect();
        let mut raised = Vec::new();
        for (rule, answer) in answers {
            match answer {
                Ok(faults) => raised.extend(faults.into_iter().filter_map(|fault| self.raise(rule, fault))),
                Err(problem) => problems.push(problem),
            }
        }
        raised
    }

    /// What one rule's check finds; a policy that cannot be used and a panic are problems that block.
    fn faults(&self, rule: &Rule) -> Result<Vec<Fault>, Problem> {
        let configured = self.config.rules.get(rule.id());
        let mut policy = rule.head.policy.clone();
        for (key, (value, _)) in configured.iter().flat_map(|configured| &configured.policy) {
            if policy.contains_key(key) {
                policy.insert(key.clone(), value.clone());
            }
        }
        let (path, line) = match configured {
            Some(configured) => (configured.at.path.clone(), configured.at.line),
            None => (rule.path.as_str().into(), 1),
        };
        let blocking = |message: String| Problem { path, line, message, blocking: true };
        let context = CheckContext { config: self.config };
        let check = match checks::build(&rule.head.check, &policy, context) {
            Ok(Some(check)) => check,
            Ok(None) => return Ok(Vec::new()),
            Err(message) => {
                return Err(blocking(format!("the policy of `{}` is wrong: {message}", rule.id())));
            }
        };
        guarded(&*check, self.facts).ok_or_else(|| {
            blocking(format!("internal error in the check of `{}`, so its findings are missing", rule.id()))
        })
    }

    /// The notes of the engine as faults of the rules that explain them.
    fn noted(&self, notes: impl IntoIterator<Item = Note>) -> Vec<Raised<'r>> {
        let of_rule = |note: Note| self.raise(self.registry.get(note.rule)?, note.fault);
        notes.into_iter().filter_map(of_rule).collect()
    }

    fn unknown_rule(&self, id: &str, at: &Place) -> Note {
        let hint = did_you_mean(id, self.registry.ids());
        let message = format!("there is no rule named `{id}`, so this section has no effect.{hint}");
        Note { rule: "config-unknown-rule", fault: Fault::new(id, at.clone(), message) }
    }

    /// Sections of the configuration for rules that do not exist, and keys that their policy does not have.
    fn unknown_rules(&self) -> Vec<Note> {
        let scoped = self.config.scopes.iter().flat_map(|scope| &scope.rules);
        let scoped = scoped.filter(|(id, _)| self.registry.get(id).is_none());
        let mut notes: Vec<Note> = scoped.map(|(id, (_, at))| self.unknown_rule(id, at)).collect();
        for (id, configured) in &self.config.rules {
            let Some(rule) = self.registry.get(id) else {
                notes.push(self.unknown_rule(id, &configured.at));
                continue;
            };
            let known = || rule.head.policy.keys().map(String::as_str).chain(["severity"]);
            for (key, (_, at)) in
                configured.policy.iter().filter(|(key, _)| known().all(|known| known != *key))
            {
                let hint = did_you_mean(key, known());
                let message = format!("`{key}` is not in the policy of `{id}`, so it has no effect.{hint}");
                let fault = Fault::new(format!("rule.{id}.{key}"), at.clone(), message);
                notes.push(Note { rule: "config-unknown-key", fault });
            }
        }
        notes
    }

    /// Whether a fault may be reported where it stands.
    fn is_wanted(&self, raised: &Raised<'_>) -> bool {
        let path = &raised.fault.at.path;
        let is_set_aside = || is_backup(path) && !self.facts.backups_in_use.contains(&**path);
        !(self.config.excludes(path) || raised.rule.head.values && is_set_aside())
    }

    /// Findings and suppressed findings.
    fn parted(&self, raised: Vec<Raised<'r>>) -> (Vec<Finding>, Vec<Suppressed>) {
        let mut texts = Texts::default();
        texts.read(self.tree, &self.paths_to_read(&raised));
        let findings: Vec<Finding> = raised.into_iter().map(|raised| finding(raised, &texts)).collect();
        if self.options.no_allow {
            return (findings, Vec::new());
        }
        let ran = |id: &str| self.ran(id);
        let judge = Judge { registry: self.registry, ran: &ran, today: self.options.today };
        let mut parted = suppress::part(findings, &self.comments(&texts), self.config, &judge);
        for raised in self.noted(parted.notes) {
            texts.read(self.tree, &BTreeSet::from([raised.fault.at.path.to_string()]));
            parted.kept.push(finding(raised, &texts));
        }
        (parted.kept, parted.suppressed)
    }

    /// The files of all places, and every file that may hold a suppression. Code is read again only where something
    /// was found in it.
    fn paths_to_read(&self, raised: &[Raised<'_>]) -> BTreeSet<String> {
        let primary = raised.iter().map(|raised| &raised.fault.at.path);
        let evidence =
            raised.iter().flat_map(|raised| raised.fault.because.iter().map(|evidence| &evidence.at.path));
        let is_code = |kind| matches!(kind, FileKind::Python | FileKind::TypeScript | FileKind::Rust);
        let configuration =
            self.facts.files.iter().filter(|file| !is_code(file.kind) && suppress::can_hold(file.kind));
        let ignore_files = self.facts.images.iter().filter_map(|image| image.ignore_file.as_ref());
        let all = primary.chain(evidence).chain(configuration.map(|file| &file.path)).chain(ignore_files);
        all.map(ToString::to_string).collect()
    }

    fn comments(&self, texts: &Texts) -> Vec<Comment> {
        let documents: Vec<_> =
            texts.documents().filter(|document| !self.config.excludes(&document.path)).collect();
        let found = documents
            .into_par_iter()
            .map(|document| suppress::comments(document, FileKind::of(&document.path)));
        found.collect::<Vec<_>>().into_iter().flatten().collect()
    }
}

/// Runs a check; `None` where it panics. The payload of a panic may hold a piece of what was judged, so it is dropped.
fn guarded(check: &dyn Check, facts: &Facts) -> Option<Vec<Fault>> {
    catch_unwind(AssertUnwindSafe(|| check.check(facts))).ok()
}

fn finding(raised: Raised<'_>, texts: &Texts) -> Finding {
    let Raised { rule, severity, fault } = raised;
    let because = fault.because.into_iter();
    Finding {
        rule: rule.id().to_owned(),
        severity,
        fingerprint: fingerprint(rule.id(), &fault.at.path, &fault.subject),
        at: texts.locate(fault.at),
        subject: fault.subject,
        message: fault.message,
        environment: fault.environment,
        because: because.map(|one| Because { at: texts.locate(one.at), message: one.message }).collect(),
        fix: fault.fix,
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
