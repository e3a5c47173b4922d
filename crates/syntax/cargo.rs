//! `Cargo.toml`, as far as it tells which files a build needs.

use source::{Span, without_bom};
use toml::de::{DeTable, DeValue};

use crate::Spanned;

/// A manifest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// The package, where it describes one.
    pub package: Option<Package>,
    /// The workspace, where it is the root of one.
    pub workspace: Option<Workspace>,
    /// Dependencies that lie in a folder, or that a workspace tells.
    pub dependencies: Vec<Dependency>,
}

/// A package and its targets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Package {
    /// Its name; empty where none is given.
    pub name: String,
    /// The build script, where one is named; `""` where there is none on purpose.
    pub build: Option<String>,
    /// The file of the library, where it is named.
    pub library: Option<Spanned<String>>,
    /// Programs: name, and the file where it is named.
    pub programs: Vec<(String, Option<Spanned<String>>)>,
    /// Whether programs are looked for in `src/main.rs` and `src/bin`.
    pub finds_programs: bool,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspace {
    /// Folders of its packages, as written: `crates/*`.
    pub members: Vec<Spanned<String>>,
    /// Those that are built where none is named.
    pub default_members: Option<Vec<String>>,
    /// Folders that are no packages of it.
    pub excluded: Vec<String>,
    /// Dependencies that its packages share.
    pub dependencies: Vec<Dependency>,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name under which it is used.
    pub name: String,
    /// Its folder, as written; `None` where the workspace tells it.
    pub path: Option<Spanned<String>>,
    /// Whether its code is always built: it is neither optional nor for tests alone nor for one platform.
    pub is_built: bool,
}

/// Reads a manifest; `None` where it is no TOML.
#[must_use]
pub fn parse(text: &str) -> Option<Manifest> {
    let (body, shift) = without_bom(text);
    let parsed = DeTable::parse(body).ok()?;
    let reader = Reader { shift };
    let root = parsed.get_ref();
    let mut manifest = Manifest {
        package: table(root, "package").map(|package| reader.package(root, package)),
        workspace: table(root, "workspace").map(|workspace| reader.workspace(workspace)),
        dependencies: reader.dependencies(root),
    };
    for platform in table(root, "target").into_iter().flat_map(DeTable::values) {
        let found = platform.get_ref().as_table().map(|table| reader.dependencies(table)).unwrap_or_default();
        manifest.dependencies.extend(found.into_iter().map(|found| Dependency { is_built: false, ..found }));
    }
    Some(manifest)
}

struct Reader {
    /// Bytes of the byte order mark.
    shift: usize,
}

impl Reader {
    fn text(&self, value: &toml::Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        let range = value.span();
        let text = value.get_ref().as_str()?.to_owned();
        Some(Spanned::new(text, Span::new(range.start, range.end).shifted(self.shift)))
    }

    fn string(&self, table: &DeTable<'_>, key: &str) -> Option<Spanned<String>> {
        self.text(table.get(key)?)
    }

    fn list(&self, table: &DeTable<'_>, key: &str) -> Option<Vec<Spanned<String>>> {
        let array = table.get(key)?.get_ref().as_array()?;
        Some(array.iter().filter_map(|value| self.text(value)).collect())
    }

    fn package(&self, root: &DeTable<'_>, package: &DeTable<'_>) -> Package {
        let build = package.get("build").map(toml::Spanned::get_ref);
        let programs = root.get("bin").and_then(|bins| bins.get_ref().as_array());
        let program = |value: &toml::Spanned<DeValue<'_>>| {
            let program = value.get_ref().as_table()?;
            Some((self.string(program, "name")?.value, self.string(program, "path")))
        };
        Package {
            name: self.string(package, "name").map(|name| name.value).unwrap_or_default(),
            build: build.and_then(|build| match build.as_bool() {
                Some(false) => Some(String::new()),
                _ => build.as_str().map(str::to_owned),
            }),
            library: table(root, "lib").and_then(|library| self.string(library, "path")),
            programs: programs.map(|bins| bins.iter().filter_map(program).collect()).unwrap_or_default(),
            finds_programs: package.get("autobins").and_then(|auto| auto.get_ref().as_bool()) != Some(false),
        }
    }

    fn workspace(&self, workspace: &DeTable<'_>) -> Workspace {
        let plain = |list: Vec<Spanned<String>>| list.into_iter().map(|text| text.value).collect();
        Workspace {
            members: self.list(workspace, "members").unwrap_or_default(),
            default_members: self.list(workspace, "default-members").map(plain),
            excluded: self.list(workspace, "exclude").map(plain).unwrap_or_default(),
            dependencies: self.dependencies(workspace),
        }
    }

    /// The dependencies of all kinds in one table.
    fn dependencies(&self, of: &DeTable<'_>) -> Vec<Dependency> {
        let kinds = [("dependencies", true), ("build-dependencies", true), ("dev-dependencies", false)];
        let mut found = Vec::new();
        for (kind, is_built) in kinds {
            for (name, value) in table(of, kind).into_iter().flatten() {
                let Some(dependency) = value.get_ref().as_table() else { continue };
                let is_true =
                    |key: &str| dependency.get(key).and_then(|value| value.get_ref().as_bool()) == Some(true);
                let path = self.string(dependency, "path");
                if path.is_some() || is_true("workspace") {
                    let name = name.get_ref().to_string();
                    found.push(Dependency { name, path, is_built: is_built && !is_true("optional") });
                }
            }
        }
        found
    }
}

fn table<'t, 'i>(of: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
    of.get(key)?.get_ref().as_table()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest() {
        let text = "\u{feff}[package]\nname = \"a\"\nbuild = false\n[lib]\npath = \"lib.rs\"\n[[bin]]\nname = \"b\"\n\
            [dependencies]\nserde = \"1\"\nc = { path = \"../c\" }\nd.workspace = true\n\
            [dev-dependencies]\ne = { path = \"e\" }\n[target.'cfg(unix)'.dependencies]\nf = { path = \"f\" }\n\
            [workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nd = { path = \"d\" }\n";
        let manifest = parse(text).unwrap();
        let package = manifest.package.unwrap();
        assert_eq!(package.library.unwrap().span.of(text), "\"lib.rs\"");
        assert_eq!((package.build.as_deref(), package.finds_programs), (Some(""), true));
        assert_eq!(package.programs, [("b".to_owned(), None)]);
        let names: Vec<_> =
            manifest.dependencies.iter().map(|found| (&*found.name, found.is_built)).collect();
        assert_eq!(names, [("c", true), ("d", true), ("e", false), ("f", false)]);
        let workspace = manifest.workspace.unwrap();
        assert_eq!(workspace.members.first().unwrap().value, "crates/*");
        assert_eq!(workspace.dependencies.first().unwrap().path.as_ref().unwrap().value, "d");
        assert_eq!(parse("["), None);
    }
}
