//! The directory that Compose takes relative paths from: `docker compose --project-directory . -f ci/compose.yml`.

use source::{directory_of, join};

use crate::collect::commands::{Command, Word, is_known_path};
use crate::record::ProjectDirectory;

/// The files that a command reads, each with the project's directory: the one that is named, else that of the first
/// file. Source: <https://docs.docker.com/reference/cli/docker/compose/#use--f-to-specify-the-name-and-path-of-one-or-more-compose-files>.
#[must_use]
pub(crate) fn directories(command: &Command<'_>) -> Vec<ProjectDirectory> {
    let is_compose = command.runs(&["docker", "compose"]) || command.runs(&["docker-compose"]);
    let Some(folder) = command.folder.filter(|_| is_compose) else { return Vec::new() };
    let known = |(word, start): (&Word, usize)| {
        let text = word.text.as_deref()?.get(start..)?;
        join(folder, text).filter(|_| text == "." || is_known_path(text))
    };
    let files: Vec<Option<String>> = command.flags(&["-f", "--file"]).into_iter().map(known).collect();
    let directory = match command.flag(&["--project-directory"]) {
        Some(named) => known(named),
        None => files.first().and_then(|first| first.as_deref()).map(|first| directory_of(first).to_owned()),
    };
    let Some(directory) = directory else { return Vec::new() };
    let files = files.into_iter().flatten();
    files.map(|file| ProjectDirectory { file, directory: directory.clone() }).collect()
}
