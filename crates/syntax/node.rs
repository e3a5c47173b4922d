//! `package.json` and `tsconfig.json`, as far as they tell where modules lie and what is started.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source::{Span, without_bom};

use crate::Spanned;

/// Targets of `exports` that are looked at.
const MAX_TARGETS: usize = 1_000;

/// Whether yarn, pnpm and bun take a word for a command of their own rather than for a script of `package.json`.
#[must_use]
pub fn is_manager_command(word: &str) -> bool {
    matches!(
        word,
        "install"
            | "i"
            | "ci"
            | "add"
            | "remove"
            | "update"
            | "upgrade"
            | "exec"
            | "dlx"
            | "init"
            | "create"
            | "publish"
            | "config"
            | "cache"
            | "audit"
            | "link"
            | "set"
            | "version"
            | "prune"
            | "list"
            | "ls"
            | "why"
            | "info"
            | "global"
            | "workspace"
            | "workspaces"
            | "fetch"
            | "deploy"
            | "store"
            | "rebuild"
            | "import"
            | "pack"
            | "plugin"
            | "dedupe"
            | "patch"
            | "node"
            | "env"
            | "setup"
            | "pm"
    )
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Package {
    /// Its name.
    pub name: Option<String>,
    /// Names of scripts and their commands, in order.
    pub scripts: Vec<(String, Spanned<String>)>,
    /// What `exports` gives: the subpath (`.`, `./button`, `./*`) and a file, first conditions first.
    pub exports: Vec<(String, String)>,
    /// `types`, `module` and `main`, as far as they are given.
    pub entries: Vec<String>,
    /// What it needs wherever it is installed, by name.
    pub dependencies: Vec<String>,
    /// What only those need who work on it, by name.
    pub dev_dependencies: Vec<Spanned<String>>,
}

impl Package {
    /// The command of a script; its span is that of the text between the quotes.
    #[must_use]
    pub fn script(&self, name: &str) -> Option<&Spanned<String>> {
        self.scripts.iter().find(|(known, _)| known == name).map(|(_, command)| command)
    }
}

/// The settings of the TypeScript compiler.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compiler {
    /// The files that it builds on, as written.
    pub extends: Vec<String>,
    /// `baseUrl`.
    pub base: Option<String>,
    /// `paths`: each pattern with its targets; `None` where the file has none.
    pub paths: Option<Vec<(String, Vec<String>)>>,
    /// `files`.
    pub files: Option<Vec<String>>,
    /// `include`.
    pub include: Option<Vec<String>>,
    /// `exclude`.
    pub exclude: Option<Vec<String>>,
    /// The projects of `references`.
    pub references: Vec<String>,
}

/// Reads a `package.json`; `None` where it is no JSON object.
#[must_use]
pub fn package(text: &str) -> Option<Package> {
    with_object(text, |object, shift| {
        let entries = ["types", "typings", "module", "main", "source"];
        let mut package = Package {
            name: string(object, "name"),
            entries: entries.iter().filter_map(|key| string(object, key)).collect(),
            ..Package::default()
        };
        for property in object.get_object("scripts").iter().flat_map(|scripts| &scripts.properties) {
            let Value::StringLit(command) = &property.value else { continue };
            let range = command.range();
            let span = Span::new(range.start + 1, range.end.saturating_sub(1).max(range.start + 1));
            let command = Spanned::new(command.value.to_string(), span.shifted(shift));
            package.scripts.push((property.name.as_str().to_owned(), command));
        }
        let names = |key: &str| object.get_object(key).into_iter().flat_map(|list| &list.properties);
        for key in ["dependencies", "optionalDependencies", "peerDependencies"] {
            package.dependencies.extend(names(key).map(|property| property.name.as_str().to_owned()));
        }
        for property in names("devDependencies") {
            let range = property.name.range();
            let span = Span::new(range.start, range.end).shifted(shift);
            package.dev_dependencies.push(Spanned::new(property.name.as_str().to_owned(), span));
        }
        if let Some(exports) = object.get("exports") {
            targets(".", &exports.value, &mut package.exports);
        }
        package
    })
}

/// Reads a `tsconfig.json` or `jsconfig.json`; `None` where it is no JSON object.
#[must_use]
pub fn compiler(text: &str) -> Option<Compiler> {
    with_object(text, |object, _| {
        let options = object.get_object("compilerOptions");
        let extends = match object.get("extends").map(|property| &property.value) {
            Some(Value::StringLit(one)) => vec![one.value.to_string()],
            Some(Value::Array(several)) => several.elements.iter().filter_map(text_of).collect(),
            _ => Vec::new(),
        };
        let paths = options.and_then(|options| options.get_object("paths"));
        let paths = paths.map(|paths| {
            let pair = |property: &jsonc_parser::ast::ObjectProp<'_>| {
                (property.name.as_str().to_owned(), texts(Some(&property.value)).unwrap_or_default())
            };
            paths.properties.iter().map(pair).collect()
        });
        let list = |key: &str| texts(object.get(key).map(|property| &property.value));
        let references = object.get_array("references").map(|references| &references.elements);
        let reference = |value: &Value<'_>| value.as_object().and_then(|object| string(object, "path"));
        Compiler {
            extends,
            base: options.and_then(|options| string(options, "baseUrl")),
            paths,
            files: list("files"),
            include: list("include"),
            exclude: list("exclude"),
            references: references.into_iter().flatten().filter_map(reference).collect(),
        }
    })
}

fn with_object<T>(text: &str, work: impl FnOnce(&Object<'_>, usize) -> T) -> Option<T> {
    let (json, shift) = without_bom(text);
    let parsed = parse_to_ast(json, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    match parsed.value {
        Some(Value::Object(object)) => Some(work(&object, shift)),
        _ => None,
    }
}

fn string(object: &Object<'_>, key: &str) -> Option<String> {
    object.get(key).and_then(|property| text_of(&property.value))
}

fn text_of(value: &Value<'_>) -> Option<String> {
    value.as_string_lit().map(|text| text.value.to_string())
}

fn texts(value: Option<&Value<'_>>) -> Option<Vec<String>> {
    Some(value?.as_array()?.elements.iter().filter_map(text_of).collect())
}

/// The files of an `exports` field: `{"." : {"import": "./a.js"}, "./b": "./b.js"}`.
fn targets(subpath: &str, value: &Value<'_>, found: &mut Vec<(String, String)>) {
    if found.len() >= MAX_TARGETS {
        return;
    }
    match value {
        Value::StringLit(file) => found.push((subpath.to_owned(), file.value.to_string())),
        Value::Object(object) => {
            for property in &object.properties {
                let name = property.name.as_str();
                targets(if name.starts_with('.') { name } else { subpath }, &property.value, found);
            }
        }
        Value::Array(several) => several.elements.iter().for_each(|one| targets(subpath, one, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package() {
        let text = "\u{feff}{\"name\": \"@x/ui\", \"main\": \"./dist/a.js\", \"scripts\": {\"build\": \"vite build\"},
            \"exports\": {\".\": {\"types\": \"./a.d.ts\", \"import\": \"./src/a.ts\"}, \"./*\": \"./src/*.ts\"}}";
        let package = package(text).unwrap();
        assert_eq!(package.name.as_deref(), Some("@x/ui"));
        assert_eq!(package.script("build").unwrap().span.of(text), "vite build");
        assert_eq!(package.entries, ["./dist/a.js"]);
        let exports: Vec<_> = package.exports.iter().map(|(path, file)| (&**path, &**file)).collect();
        assert_eq!(exports, [(".", "./a.d.ts"), (".", "./src/a.ts"), ("./*", "./src/*.ts")]);
        assert_eq!(super::package("[]"), None);
    }

    #[test]
    fn a_compiler() {
        let text = "{ // comments and commas are allowed
            \"extends\": [\"./base.json\"], \"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@/*\": [\"./src/*\"],}},
            \"include\": [\"src\"], \"references\": [{\"path\": \"../core\"}] }";
        let compiler = compiler(text).unwrap();
        assert_eq!(compiler.paths, Some(vec![("@/*".to_owned(), vec!["./src/*".to_owned()])]));
        assert_eq!(
            (compiler.extends, compiler.references),
            (vec!["./base.json".to_owned()], vec!["../core".to_owned()])
        );
        assert_eq!(compiler.include.unwrap(), ["src"]);
    }
}
