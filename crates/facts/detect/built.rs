//! Variables that a bundler or a framework of JavaScript writes into the program when it is built, or sets when it is
//! started, whatever the deployment says.

use source::{Place, Span};

use super::machine::Machine;
use super::scope::Frame;
use super::value::Value;
use super::variables::Known;

/// What begins the names that are written in, and the package whose build does that. Sources:
/// <https://nextjs.org/docs/app/guides/environment-variables#bundling-environment-variables-for-the-browser>,
/// <https://create-react-app.dev/docs/adding-custom-environment-variables/>,
/// <https://docs.expo.dev/guides/environment-variables/>.
const WRITTEN_IN: &[(&str, &str)] =
    &[("NEXT_PUBLIC_", "next"), ("REACT_APP_", "react-scripts"), ("EXPO_PUBLIC_", "expo")];

impl Machine<'_> {
    /// A variable that is written into the program by its whole name, `process.env.NAME`, when it is built; `None` for
    /// one that is read when it runs.
    pub(super) fn written_in(&mut self, frame: &Frame, span: Span, name: &str) -> Option<Value> {
        let (_, package) = WRITTEN_IN.iter().find(|(prefix, _)| name.starts_with(prefix))?;
        let path = std::sync::Arc::clone(&frame.module.loaded.path);
        (self.is_deployed() && !self.set.contains_key(name) && self.program.uses(&path, package))
            .then(|| self.known_to_the_build(frame, span, name))
    }

    /// A variable of `import.meta.env`.
    pub(super) fn of_bundled(&mut self, frame: &Frame, span: Span, name: &str) -> Value {
        if self.is_deployed() {
            self.known_to_the_build(frame, span, name)
        } else {
            self.read_variable(frame, span, name)
        }
    }

    /// Whether it is a deployment that is asked for, and not what nothing set at all leads to.
    fn is_deployed(&self) -> bool {
        let variables = &self.variables;
        variables.environment.is_none() && !(variables.known.is_empty() && variables.hidden.is_empty())
    }

    fn known_to_the_build(&mut self, frame: &Frame, span: Span, name: &str) -> Value {
        self.marks.reads.insert(name.to_owned());
        // A Dockerfile that states the same tells what the build was given.
        if let Known::Value(value) = self.variables.get(name)
            && self.program.is_stated_for_builds(name, value)
        {
            return Value::text(value);
        }
        let reason = format!("`{name}` is written into the program when it is built");
        self.unknown_of_process(frame, span, reason, ("built", &[&Value::text(name)]))
    }

    /// What `NODE_ENV` is where no file sets it: what `next build` writes in its place, and `next start` sets. Where the
    /// configuration says that nothing is set, nothing is.
    pub(super) fn set_by_framework(&self, at: &Place, name: &str) -> Option<Value> {
        let is_set =
            name == "NODE_ENV" && self.program.uses(&at.path, "next") && !self.program.is_for_developers();
        is_set.then(|| Value::text("production"))
    }
}
