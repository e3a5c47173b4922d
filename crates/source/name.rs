//! What a file's name says about it.

/// The kinds of files that are known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, `Containerfile`.
    Dockerfile,
    /// `.dockerignore`, `*.dockerignore`, `.containerignore`.
    DockerIgnore,
    /// `.gcloudignore`.
    GcloudIgnore,
    /// `compose*.yml`, `docker-compose*.yml`.
    Compose,
    /// `.env`, `.env.*`, `*.env`.
    EnvFile,
    /// `*.tfvars`.
    Tfvars,
    /// `*.tfvars.json`.
    TfvarsJson,
    /// `*.tf`.
    Terraform,
    /// `.github/workflows/*.yml`.
    Workflow,
    /// `shipworthy.toml`.
    Shipworthy,
    /// Any other YAML.
    Yaml,
    /// Any other JSON.
    Json,
    /// Any other TOML.
    Toml,
    /// Python code.
    Python,
    /// TypeScript and JavaScript code.
    TypeScript,
    /// Rust code.
    Rust,
    /// Shell scripts by their ending.
    Shell,
    /// Anything else.
    Other,
}

impl FileKind {
    /// The kind that the name of `path` says.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let name = file_name(path).to_ascii_lowercase();
        let extension = extension(&name);
        let yaml = matches!(extension, "yml" | "yaml");
        match name.as_str() {
            ".dockerignore" | ".containerignore" => return Self::DockerIgnore,
            ".gcloudignore" => return Self::GcloudIgnore,
            "shipworthy.toml" => return Self::Shipworthy,
            "dockerfile" | "containerfile" => return Self::Dockerfile,
            _ => {}
        }
        match extension {
            "dockerignore" => Self::DockerIgnore,
            "tfvars" => Self::Tfvars,
            "tf" => Self::Terraform,
            "json" if name.ends_with(".tfvars.json") => Self::TfvarsJson,
            "dockerfile" | "containerfile" => Self::Dockerfile,
            _ if is_dockerfile_with_suffix(&name, extension) => Self::Dockerfile,
            _ if yaml && is_workflow(path) => Self::Workflow,
            _ if yaml && is_compose(&name) => Self::Compose,
            _ if is_env_file(&name, extension) => Self::EnvFile,
            "yml" | "yaml" => Self::Yaml,
            "json" => Self::Json,
            "toml" => Self::Toml,
            "py" => Self::Python,
            "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => Self::TypeScript,
            "rs" => Self::Rust,
            "sh" | "bash" => Self::Shell,
            _ => Self::Other,
        }
    }

    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::DockerIgnore => "dockerignore",
            Self::GcloudIgnore => "gcloudignore",
            Self::Compose => "compose",
            Self::EnvFile => "env-file",
            Self::Tfvars => "tfvars",
            Self::TfvarsJson => "tfvars-json",
            Self::Terraform => "terraform",
            Self::Workflow => "workflow",
            Self::Shipworthy => "shipworthy",
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Python => "python",
            Self::TypeScript => "typescript",
            Self::Rust => "rust",
            Self::Shell => "shell",
            Self::Other => "other",
        }
    }
}

/// The last component of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The directory that holds `path`; `""` for what stands at the root.
#[must_use]
pub fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// `path` as seen from `directory`, with `.` and `..` resolved by name; `None` where it leaves the root.
#[must_use]
pub fn join(directory: &str, path: &str) -> Option<String> {
    let start = if path.starts_with('/') { "" } else { directory };
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` is `directory` or lies below it; `""` is the root, which holds everything.
#[must_use]
pub fn is_within(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path holds a placeholder of a project template, so that nothing lies there yet.
#[must_use]
pub fn is_templated(path: &str) -> bool {
    path.contains("{{") || path.contains("{%")
}

/// The whole words of a name in lower case: `terraform-gcp_Staging.v2` gives terraform, gcp, staging, v2.
pub fn tokens(name: &str) -> impl DoubleEndedIterator<Item = String> + '_ {
    words(name).map(str::to_ascii_lowercase)
}

/// The whole words of a name as they are written: runs of ASCII letters and digits.
#[must_use]
pub fn words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// A path of the root as seen from a folder: `../a` for `x/a` from `x/y`.
#[must_use]
pub fn relative(from: &str, path: &str) -> String {
    let mut from = from.split('/').filter(|part| !part.is_empty()).peekable();
    let mut to = path.split('/').filter(|part| !part.is_empty()).peekable();
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    from.map(|_| "..").chain(to).collect::<Vec<_>>().join("/")
}

/// Whether the path lies among tests, examples, templates or documentation, or its name says so.
#[must_use]
pub fn is_illustration(path: &str) -> bool {
    const DIRECTORIES: &[&str] = &[
        "test",
        "tests",
        "testing",
        "testdata",
        "testfiles",
        "testsuite",
        "testsuites",
        "golden",
        "goldens",
        "snapshots",
        "stubs",
        "fixture",
        "fixtures",
        "mock",
        "mocks",
        "fake",
        "fakes",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "template",
        "templates",
        "doc",
        "docs",
        "documentation",
        "e2e",
        "spec",
    ];
    const NAMES: &[&str] = &[
        "example", "examples", "sample", "template", "tmpl", "tpl", "dist", "skeleton", "j2", "jinja",
        "jinja2", "erb", "hbs", "mustache",
    ];
    // What people write a file of their own after; of other files these words may tell what they hold.
    const ENV_FILES: &[&str] = &["dummy", "model", "modele", "modelo", "starter", "stub"];
    let name = file_name(path);
    is_templated(path)
        || has_word(directory_of(path), DIRECTORIES)
        || has_word(name, NAMES)
        || has_word(name, ENV_FILES) && FileKind::of(path) == FileKind::EnvFile
}

/// Whether a whole word of a path or a name says that it is for tests.
#[must_use]
pub fn is_test(name: &str) -> bool {
    has_word(name, &["test", "tests", "testing", "conftest", "spec", "specs", "mocks", "e2e"])
}

/// Whether one of the whole words of a name, as [`tokens`] gives them, is one of `words`.
#[must_use]
pub fn has_word(name: &str, words: &[&str]) -> bool {
    let parts = name.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    parts.into_iter().any(|part| words.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(part)))
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_dockerfile_with_suffix(name: &str, extension: &str) -> bool {
    const OTHER: &[&str] = &[
        "md",
        "mdx",
        "py",
        "sh",
        "ps1",
        "txt",
        "rst",
        "json",
        "yml",
        "yaml",
        "toml",
        "html",
        "css",
        "go",
        "rs",
        "rb",
        "js",
        "cjs",
        "mjs",
        "ts",
        "tsx",
        "jsx",
        "java",
        "php",
        "lua",
        "vim",
        "snap",
        "svg",
        "png",
        "ico",
        "webp",
        "xml",
        "log",
        "lock",
        "sha256",
        "adoc",
        "bat",
        "c",
        "cc",
        "cfg",
        "clj",
        "cmd",
        "cpp",
        "cs",
        "csproj",
        "dart",
        "erl",
        "ex",
        "exs",
        "fs",
        "gradle",
        "groovy",
        "h",
        "hpp",
        "hs",
        "ini",
        "ipynb",
        "kt",
        "kts",
        "m",
        "ml",
        "pl",
        "properties",
        "psm1",
        "r",
        "scala",
        "svelte",
        "swift",
        "tf",
        "vb",
        "vue",
        "zig",
    ];
    let named = name.starts_with("dockerfile.") || name.starts_with("containerfile.");
    let dashed = name.starts_with("dockerfile-") || name.starts_with("dockerfile_");
    (named || dashed && extension.is_empty()) && !OTHER.contains(&extension)
}

fn is_workflow(path: &str) -> bool {
    directory_of(path) == ".github/workflows"
}

fn is_compose(name: &str) -> bool {
    let stem = name.strip_prefix("docker-").unwrap_or(name);
    stem.strip_prefix("compose").is_some_and(|rest| rest.starts_with(['.', '-', '_']))
}

fn is_env_file(name: &str, extension: &str) -> bool {
    const OTHER: &[&str] =
        &["ts", "js", "py", "d", "md", "sh", "mjs", "rs", "patch", "diff", "json", "yml", "yaml"];
    name == ".env" || (name.starts_with(".env.") && !OTHER.contains(&extension)) || extension == "env"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_name() {
        for (path, kind) in [
            ("Dockerfile", FileKind::Dockerfile),
            ("docker/backend.Dockerfile", FileKind::Dockerfile),
            ("Dockerfile.backend", FileKind::Dockerfile),
            ("Dockerfile.md", FileKind::Other),
            ("lib/dockerfile.ex", FileKind::Other),
            ("DockerFile.cs", FileKind::Other),
            ("Dockerfile.prod", FileKind::Dockerfile),
            ("public/icons/dockerfile.svg", FileKind::Other),
            ("languages/dockerfile/dockerfile.js", FileKind::TypeScript),
            ("docker/Dockerfile.dockerignore", FileKind::DockerIgnore),
            (".dockerignore", FileKind::DockerIgnore),
            ("docker-compose.staging.yml", FileKind::Compose),
            ("compose.yaml", FileKind::Compose),
            ("composer.yaml", FileKind::Yaml),
            (".github/workflows/deploy.yml", FileKind::Workflow),
            (".github/workflows/stack/docker-compose.yml", FileKind::Compose),
            ("app/.github/workflows/deploy.yml", FileKind::Yaml),
            (".env", FileKind::EnvFile),
            (".env.staging", FileKind::EnvFile),
            ("config/staging.env", FileKind::EnvFile),
            (".envrc", FileKind::Other),
            (".env.patch", FileKind::Other),
            ("src/env.ts", FileKind::TypeScript),
            ("staging.tfvars", FileKind::Tfvars),
            ("a.auto.tfvars.json", FileKind::TfvarsJson),
            ("main.tf", FileKind::Terraform),
        ] {
            assert_eq!(FileKind::of(path), kind, "{path}");
        }
    }

    #[test]
    fn whole_words_only() {
        assert!(is_illustration(".env.example"));
        assert!(is_illustration(".env.model"));
        assert!(!is_illustration("app/model.py"));
        assert!(is_illustration("docs/compose.yml"));
        assert!(is_illustration("parser/testfiles-negative/flags/Dockerfile"));
        assert!(is_illustration("{{project.slug}}/Dockerfile"));
        assert!(!is_illustration("contest/.env"));
    }

    #[test]
    fn joining_resolves_dots_and_stays_below_the_root() {
        assert_eq!(join("docker", "../app").as_deref(), Some("app"));
        assert_eq!(join("docker", "./a//b/").as_deref(), Some("docker/a/b"));
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("a", "../../b"), None);
    }

    #[test]
    fn a_path_as_seen_from_a_folder() {
        for (from, path, expected) in [
            ("a/ci", "a/ci/x", "x"),
            ("a/ci", "a/x", "../x"),
            ("a", "", ".."),
            ("", "b/c", "b/c"),
            ("a", "a", ""),
        ] {
            assert_eq!(relative(from, path), expected, "{path} from {from}");
        }
    }
}
