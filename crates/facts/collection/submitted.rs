//! Builds whose files are uploaded from another folder than the root.

use source::join;

use crate::record::{Seen, Submission, Use, UseKind};

/// Reads the paths of configurations in the folder that is uploaded; of several or an unknown one, what they name may be
/// in any.
pub(super) fn apply(submissions: &[&Submission], uses: &mut [Use]) {
    if submissions.is_empty() {
        return;
    }
    for used in uses {
        let of_it = || submissions.iter().filter(|submission| submission.config == *used.at.path);
        let is_as_committed = of_it().all(|submission| submission.is_as_committed);
        let mut folders: Vec<Option<&str>> = of_it().map(|submission| submission.folder.as_deref()).collect();
        folders.sort_unstable();
        folders.dedup();
        match folders.as_slice() {
            [] => {}
            [Some(folder)] => rebase(used, folder, is_as_committed),
            _ => used.may_be_from_elsewhere(),
        }
    }
}

fn rebase(used: &mut Use, folder: &str, is_as_committed: bool) {
    let UseKind::Build(build) = &mut used.what else { return };
    if is_as_committed {
        build.seen = Seen::FromUpload;
    }
    if let (Some(path), Some(context)) = (join(folder, &used.path), join(folder, &build.context)) {
        used.path = path;
        build.context = context;
    }
}
