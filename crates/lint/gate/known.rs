//! The baseline at the gate: honoured only where the gate's policy names it, and it may only shrink.

use facts::Problem;
use source::{MAX_CONFIG_BYTES, Place, ReadError, Tree};

use super::weaker;
use crate::{Baseline, Finding};

/// Reads the baseline of a tree.
///
/// # Errors
/// It is not there or cannot be understood; the gate was told to honour it, so nothing is judged without.
pub(super) fn read(tree: &dyn Tree, path: &str) -> Result<Baseline, Problem> {
    let problem = |message| Problem { path: path.into(), line: 1, message, blocking: true };
    let bytes = tree.read(path, MAX_CONFIG_BYTES).map_err(|error| match error {
        ReadError::NotFound => problem(
            "`[gate] baseline` names it, but it is not committed; `shipworthy baseline` makes one".to_owned(),
        ),
        other => problem(format!("the baseline cannot be read: {other}")),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| problem("the baseline is not UTF-8".to_owned()))?;
    Baseline::parse(&text).map_err(problem)
}

/// What a baseline has that the one of the protected branch has not. Where that branch has none, everything is new.
pub(super) fn grown(now: &Baseline, protected: &dyn Tree, path: &str) -> Option<Finding> {
    let more = read(protected, path).map_or(now.len(), |before| now.grown_since(&before));
    (more > 0).then(|| {
        let message = format!("the baseline has {more} entries that the one of the protected branch has not");
        weaker::finding("gate.baseline".to_owned(), Place::file(path), &message)
    })
}
