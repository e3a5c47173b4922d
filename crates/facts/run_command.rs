//! Commands that a deployment starts an image with, instead of the image's own.

use source::Place;

use crate::run_image::Source;

/// What one container of a deployment is told to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunCommand {
    /// The image that it runs in.
    pub(crate) image: Source,
    /// The context and the stage of its build, where the same file builds it.
    pub(crate) build: Option<(String, Option<String>)>,
    /// The words in place of ENTRYPOINT.
    pub(crate) entrypoint: Option<Vec<String>>,
    /// The words in place of CMD.
    pub(crate) arguments: Option<Vec<String>>,
    /// The folder that it starts in, where that is told.
    pub(crate) directory: Option<String>,
    /// Where the container has its volumes, as written.
    pub(crate) mounted: Vec<String>,
    /// Whether another image may be pulled instead.
    pub(crate) is_alternative: bool,
    /// Where the command stands.
    pub(crate) at: Place,
}

impl RunCommand {
    /// The command, unless a variable is part of it.
    pub(crate) fn told(self) -> Option<Self> {
        let mut words = self.entrypoint.iter().chain(&self.arguments).flatten().chain(&self.directory);
        let is_open = words.any(|word| word.contains(['$', '{']));
        (!is_open).then_some(self)
    }
}
