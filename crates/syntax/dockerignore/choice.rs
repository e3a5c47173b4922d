//! Which ignore file a builder picks.

use super::Builder;

/// What a builder does about its ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It reads this file, relative to the repository.
    File(String),
    /// It finds none and leaves nothing out. gcloud then writes one of its own where there is a `.git` or a
    /// `.gitignore`: [`generated_gcloudignore`].
    Nothing,
    /// It stops, because a directory bears the file's name.
    Stops(String),
}

/// The ignore files that `builder` looks for, best first, relative to the repository. Both arguments are
/// relative to the repository; the context `""` or `"."` is the repository itself. The first that exists is
/// the only one read, even when it is empty.
///
/// The classic docker builder knows no file beside the Dockerfile; for 20.10 its `BuildKit` is meant, which
/// does. buildah joins the argument of `-f`, as typed, to the context: run inside the context it finds the file
/// beside a Dockerfile in a deeper directory, run elsewhere it does not (measured: 1.28.2 and 1.43.2). Here it
/// does not, as in the judged cases.
#[must_use]
pub fn ignore_file_candidates(dockerfile: &str, context: &str, builder: Builder) -> Vec<String> {
    let dockerfile = normal(dockerfile);
    let context = normal(context);
    let beside_dockerfile = |suffix: &str| format!("{dockerfile}{suffix}");
    let in_context =
        |name: &str| if context.is_empty() { name.to_owned() } else { format!("{context}/{name}") };
    match builder {
        Builder::Buildkit | Builder::Docker20 | Builder::Kaniko => {
            vec![beside_dockerfile(".dockerignore"), in_context(".dockerignore")]
        }
        Builder::Legacy => vec![in_context(".dockerignore")],
        Builder::Buildah => {
            let mut candidates = vec![in_context(".containerignore"), in_context(".dockerignore")];
            if source::directory_of(&dockerfile) == context {
                let own = [beside_dockerfile(".dockerignore"), beside_dockerfile(".containerignore")];
                candidates.splice(0..0, own);
            }
            candidates
        }
        Builder::Gcloud => vec![in_context(".gcloudignore")],
    }
}

/// What `builder` does, `is_dir` telling whether a path is a directory, or `None` where nothing stands there.
/// Symbolic links count as what they lead to.
pub fn choose_ignore_file(
    dockerfile: &str,
    context: &str,
    builder: Builder,
    is_dir: impl Fn(&str) -> Option<bool>,
) -> Choice {
    for candidate in ignore_file_candidates(dockerfile, context, builder) {
        match is_dir(&candidate) {
            Some(false) => return Choice::File(candidate),
            Some(true) if stops_at_directory(builder) => return Choice::Stops(candidate),
            Some(true) | None => {}
        }
    }
    Choice::Nothing
}

/// `BuildKit` and gcloud pass over what they cannot read as a file (`BuildKit` and buildah measured, the rest
/// read in the source).
const fn stops_at_directory(builder: Builder) -> bool {
    matches!(builder, Builder::Legacy | Builder::Buildah | Builder::Kaniko)
}

/// A path that leads out of the repository stays as it is: nothing of it can be found.
fn normal(path: &str) -> String {
    source::join("", path).unwrap_or_else(|| path.to_owned())
}

/// What gcloud writes as `.gcloudignore` where there is none but a `.git` or a `.gitignore`. Without either
/// it leaves nothing out.
#[must_use]
pub fn generated_gcloudignore(has_gitignore: bool) -> String {
    let mut text = String::from(
        "# As gcloud writes it where there is no .gcloudignore.\n.gcloudignore\n.git\n.gitignore\n",
    );
    if has_gitignore {
        text.push_str("#!include:.gitignore\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_beside_the_dockerfile_comes_first() {
        let candidates =
            |dockerfile, context, builder| ignore_file_candidates(dockerfile, context, builder).join(" ");
        assert_eq!(
            candidates("docker/api.Dockerfile", ".", Builder::Buildkit),
            "docker/api.Dockerfile.dockerignore .dockerignore"
        );
        assert_eq!(candidates("docker/api.Dockerfile", "api", Builder::Legacy), "api/.dockerignore");
        assert_eq!(
            candidates("./Dockerfile", "", Builder::Buildah),
            "Dockerfile.dockerignore Dockerfile.containerignore .containerignore .dockerignore"
        );
        assert_eq!(candidates("p/Dockerfile", "p/", Builder::Gcloud), "p/.gcloudignore");
    }

    #[test]
    fn a_directory_in_its_place_stops_some_builders() {
        let is_dir = |path: &str| (path == ".dockerignore").then_some(true);
        assert_eq!(choose_ignore_file("Dockerfile", ".", Builder::Buildkit, is_dir), Choice::Nothing);
        let stops = Choice::Stops(".dockerignore".to_owned());
        assert_eq!(choose_ignore_file("Dockerfile", ".", Builder::Buildah, is_dir), stops);
    }

    #[test]
    fn the_generated_file_includes_gitignore_only_where_there_is_one() {
        let file = super::super::parse_gcloud(&generated_gcloudignore(true)).tree;
        assert_eq!((file.patterns.len(), file.includes.len()), (3, 1));
        assert!(super::super::parse_gcloud(&generated_gcloudignore(false)).tree.includes.is_empty());
    }
}
