//! Makefiles: the images that their recipes build, and the templates that they fill in.

use source::{directory_of, join};
use syntax::make;

use super::commands::Command;
use super::made_files::made_files;
use super::oc_calls::template_calls;
use super::programs::mark_guarded_builds;
use super::script::shell_commands;
use super::shell_text::ShellText;
use crate::record::{Document, Use};

/// Whether make reads a file of this name by itself.
#[must_use]
pub(crate) fn is_one(path: &str) -> bool {
    matches!(source::file_name(path), "GNUmakefile" | "Makefile" | "makefile")
}

/// The builds in the recipes, and the templates of `OpenShift`. What other recipes make may be there by then, whatever their
/// order.
#[must_use]
pub(crate) fn builds(document: &Document) -> Vec<Use> {
    let folder = directory_of(&document.path);
    let file = make::parse(&document.text);
    let mut made: Vec<String> = file.targets.iter().filter_map(|target| join(folder, target)).collect();
    let mut found = Vec::new();
    for recipe in file.recipes {
        let text = document.slice(recipe).into();
        let shell = ShellText::of_step(document, (text, recipe.start), Some(folder.to_owned()));
        made.extend(made_files(&shell.located()));
        let commands = shell_commands(&shell).into_iter();
        let builds = commands.filter_map(|(words, folder)| {
            Command { words: &words, folder: folder.as_deref(), environment: None, only_for: None }.built()
        });
        let mut builds: Vec<Use> = builds.collect();
        mark_guarded_builds(&shell, &mut builds);
        found.extend(builds);
        found.extend(template_calls(&shell));
    }
    for used in &mut found {
        used.comes_after(&made);
        used.comes_after_a_build();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::UseKind;

    #[test]
    fn recipes_build_from_the_folder_of_the_file() {
        let text = "image: bin/app\n\t@docker build . -f docker/api.Dockerfile -t $(NAME)\n\tcd web && docker build -t web ../\n";
        let document = Document::new("services/Makefile", text.to_owned());
        let found: Vec<_> = builds(&document)
            .into_iter()
            .map(|used| match used.what {
                UseKind::Build(build) => (used.path, build.context, build.made),
                _ => panic!("no build"),
            })
            .collect();
        let made = || vec!["services/image".to_owned()];
        assert_eq!(
            found,
            [
                ("services/docker/api.Dockerfile".to_owned(), "services".to_owned(), made()),
                ("services/Dockerfile".to_owned(), "services".to_owned(), made()),
            ]
        );
    }
}
