//! Images by name: what a build calls what it makes, and by which name a deployment asks for it.

use std::collections::BTreeSet;

/// An image as a file names it, without its tag and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageName {
    /// The file that names it.
    path: String,
    /// Its repository as written: `gcr.io/$PROJECT/api`.
    repository: String,
}

impl ImageName {
    /// The name that a file gives an image; `None` for a text that names none.
    pub(crate) fn of(path: &str, text: &str) -> Option<Self> {
        let without_digest = text.split_once('@').map_or(text, |(name, _)| name);
        let last = without_digest.rfind('/').map_or(0, |at| at + 1);
        let end = tag_of(without_digest.get(last..)?).map_or(without_digest.len(), |tag| last + tag);
        let repository = without_digest.get(..end)?.trim();
        (!repository.is_empty() && !repository.ends_with('/'))
            .then(|| Self { path: path.to_owned(), repository: repository.to_owned() })
    }

    /// Whether a deployment that asks for `self` gets what is built as `built`: the same text in one file, or the same
    /// last part with no part before it that is another. A variable may hold any registry, but not the name itself.
    pub(crate) fn is_built_as(&self, built: &Self) -> bool {
        if self.path == built.path && self.repository == built.repository {
            return true;
        }
        let (mut asked, mut made) = (self.repository.rsplit('/'), built.repository.rsplit('/'));
        let is_same = |asked: &str, made: &str| is_literal(asked) && asked == made;
        if !matches!((asked.next(), made.next()), (Some(asked), Some(made)) if is_same(asked, made)) {
            return false;
        }
        loop {
            match (asked.next(), made.next()) {
                // A bare name is what a build is called before it is tagged for a registry.
                (_, None) => return true,
                // What is asked for by a bare name is none of a registry.
                (None, Some(_)) => return false,
                (Some(asked), Some(made)) if !is_literal(asked) || !is_literal(made) => return true,
                (Some(asked), Some(made)) if asked != made => return false,
                _ => {}
            }
        }
    }
}

/// Where the tag of the last part of a name begins, with its colon; a colon in `${NAME:-x}` begins none.
fn tag_of(last: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in last.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn is_literal(part: &str) -> bool {
    !part.contains(['$', '{', '`'])
}

/// A service that a file deploys, with what it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunImage {
    /// The service.
    pub(crate) service: String,
    /// What it runs.
    pub(crate) what: Source,
}

/// What a deployed service is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// An image.
    Image(ImageName),
    /// The Dockerfile of a folder, which the deploying command builds: its path, relative to the root.
    Dockerfile(String),
}

/// One build of the tree, as far as this file asks.
pub(crate) struct Made<'b> {
    /// The Dockerfile.
    pub(crate) dockerfile: &'b str,
    /// The names of what it makes.
    pub(crate) names: &'b [ImageName],
}

/// The services that run what each of some builds makes, in the order of the builds; a name that two builds make is
/// nobody's.
pub(crate) fn services(builds: &[Made<'_>], deployed: &[RunImage]) -> Vec<BTreeSet<String>> {
    let mut found = vec![BTreeSet::new(); builds.len()];
    for run in deployed {
        let fits = |made: &Made<'_>| match &run.what {
            Source::Image(asked) => made.names.iter().any(|name| asked.is_built_as(name)),
            Source::Dockerfile(path) => made.dockerfile == path,
        };
        let mut fitting = (0..builds.len()).filter(|at| builds.get(*at).is_some_and(fits));
        if let (Some(only), None) = (fitting.next(), fitting.next())
            && let Some(services) = found.get_mut(only)
        {
            services.insert(run.service.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::ImageName;

    fn fits(asked: &str, built: &str) -> bool {
        let (Some(asked), Some(built)) = (ImageName::of("a.tf", asked), ImageName::of("b.sh", built)) else {
            return false;
        };
        asked.is_built_as(&built)
    }

    #[test]
    fn names_are_compared_without_tags_and_registries_of_variables() {
        assert!(fits("gcr.io/p/api:1", "gcr.io/p/api:2"));
        assert!(fits("gcr.io/p/api@sha256:0", "gcr.io/p/api"));
        assert!(fits("gcr.io/${var.project}/api:1", "gcr.io/$PROJECT/api:$TAG"));
        assert!(fits("gcr.io/p/api:1", "api"));
        assert!(fits("localhost:5000/api", "localhost:5000/api:${TAG:-1}"));
        assert!(!fits("gcr.io/p/api", "gcr.io/q/api"));
        assert!(!fits("nginx:1.27", "gcr.io/p/nginx"));
        assert!(!fits("gcr.io/p/${NAME}", "gcr.io/p/$NAME"));
        assert!(!fits("gcr.io/p/api", "gcr.io/p/web"));
    }
}
