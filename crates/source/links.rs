//! Symbolic links of trees that are not the disk.

use crate::{ReadError, join};

/// As many links are followed in one path as Linux follows.
const MAX_LINKS: usize = 40;

/// The path after the links in it are followed; that of its last part only where `last` is set. `target` says where
/// the link at a path leads, as written, and `None` where no link stands.
///
/// # Errors
/// A link leads out of the tree, or there are too many, or `target` could not tell.
pub fn follow_links(
    path: &str,
    last: bool,
    target: &dyn Fn(&str) -> Option<Result<String, ReadError>>,
) -> Result<String, ReadError> {
    let mut done = String::new();
    let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut links = 0;
    while let Some(part) = rest.pop() {
        let at = join(&done, &part).ok_or(ReadError::OutsideRoot)?;
        let follow = last || !rest.is_empty();
        match target(&at).filter(|_| follow) {
            None => done = at,
            Some(_) if links == MAX_LINKS => {
                return Err(ReadError::Refused("too many levels of symbolic links".to_owned()));
            }
            Some(target) => {
                let target = target?;
                if target.starts_with('/') {
                    return Err(ReadError::OutsideRoot);
                }
                links += 1;
                rest.extend(target.split('/').rev().map(str::to_owned));
            }
        }
    }
    Ok(done)
}
