//! Dockerfiles and Compose files: variables that do not become what they look like.

use source::Place;

/// A variable in an `ENV` that nothing in the Dockerfile has defined by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndefinedBuildVariable {
    /// The variable that is read.
    pub name: String,
    /// The variable that `ENV` sets with it.
    pub target: String,
    /// Whether the value is a list with colons to which the variable itself is added: `/app:$PYTHONPATH`.
    pub is_list: bool,
    /// Where the value stands.
    pub at: Place,
    /// An `ARG` of that name which does not reach this place: in another stage, before the first `FROM`, or later.
    pub declared: Option<Place>,
    /// The image that the stage starts from, where it is one whose variables are known.
    pub base: Option<String>,
}

/// An instruction that the builder takes and that means something else than it seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerfileFlaw {
    /// What it is.
    pub kind: DockerfileFlawKind,
    /// Where it stands.
    pub at: Place,
    /// What is written there.
    pub written: String,
}

/// In which way an instruction is not what it seems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerfileFlawKind {
    /// A list that is no JSON, and so the text of a shell.
    NoJson {
        /// The instruction's keyword.
        keyword: String,
        /// Whether it may only be what an entry point is given.
        is_argument: bool,
        /// Whether a build of the last stage runs it, or its container does.
        is_of_last: bool,
    },
    /// A health check that starts with `CMD` or `CMD-SHELL`, which are forms of Compose.
    HealthForm,
    /// An instruction behind an empty line of a RUN that goes on, and so a part of it.
    Swallowed {
        /// The line of the RUN, counted from 1.
        line: u32,
    },
    /// A folder that a RUN makes where its user may not.
    Denied {
        /// Where the user is named.
        user: Place,
    },
    /// An instruction's keyword where the shell of a RUN expects a program: `RUN RUN make`.
    Keyword,
    /// A RUN that changes only the shell that it runs in.
    NoEffect,
    /// A COPY that replaces the file which another one has just given this name.
    Replaces {
        /// The COPY whose file is lost.
        first: Place,
    },
    /// Packages of Debian are installed while no package lists are there.
    NoPackageLists {
        /// The image that the stage starts from.
        base: String,
    },
}

/// Programs that the final stage of a Dockerfile certainly lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingTools {
    /// The Dockerfile, relative to the root.
    pub dockerfile: String,
    /// The programs.
    pub programs: Vec<&'static str>,
    /// The image that the stage starts from, as written.
    pub base: String,
    /// Where that stands.
    pub at: Place,
    /// The one among them that the health check starts, with where the health check stands.
    pub health: Option<(&'static str, Place)>,
}

/// A build argument without a default in the last stage of a Dockerfile, which the commands after it run with: its
/// value is written into the history of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildArgument {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub at: Place,
    /// The first command that runs with it.
    pub run: Place,
}

/// Something in a Dockerfile that BuildKit alone understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildKitNeed {
    /// What it is: `RUN --mount`.
    pub what: String,
    /// Where it stands.
    pub at: Place,
}

/// A variable in a command that no shell reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralVariable {
    /// The word as written.
    pub word: String,
    /// The program that gets it as it stands.
    pub program: String,
    /// Where the word stands.
    pub at: Place,
    /// 1-based line of the `FROM` of the stage that starts it.
    pub stage_line: u32,
    /// Whether that is the last stage, which is built where none is named.
    pub is_last: bool,
}

/// A variable of a Compose file with a backslash before it, which does not escape it, or with its dollar inside of the braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscapedVariable {
    /// The variable.
    pub name: String,
    /// Where its `$` stands.
    pub at: Place,
    /// Whether it stands between braces, `{$NAME}`, which then stay in the value.
    pub in_braces: bool,
}

/// The name of an image without its tag and digest. The registry before it may have a port.
#[must_use]
pub fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let tag = name.get(last..).and_then(|rest| rest.find(':'));
    tag.and_then(|colon| name.get(..last + colon)).unwrap_or(name)
}

/// An argument that a build gives and its Dockerfile does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntakenArgument {
    /// Its name.
    pub name: String,
    /// Where it is given.
    pub at: Place,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The arguments that it declares and the build does not give, each with whether it has a default.
    pub open: Vec<(String, bool)>,
}

#[cfg(test)]
mod tests {
    use super::image_name;

    #[test]
    fn a_registry_may_have_a_port() {
        assert_eq!(image_name("registry.example.com:5000/postgres:16"), "registry.example.com:5000/postgres");
        assert_eq!(image_name("postgres@sha256:0"), "postgres");
        assert_eq!(image_name("a/b"), "a/b");
    }
}
