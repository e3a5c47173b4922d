//! Names that differ so little that one may be meant for the other.

/// Whether two words of four letters and more differ in one letter: another one, one more, or two that changed places.
pub(crate) fn is_slip(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    if short.len() < 4 || short == long {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(one, other)| one == other).count();
    let (left, right) = (short.get(same..).unwrap_or_default(), long.get(same..).unwrap_or_default());
    match (left, right) {
        ([a, b, rest @ ..], [c, d, other @ ..]) if a == d && b == c && rest == other => true,
        ([_, rest @ ..], [_, other @ ..]) if rest == other => true,
        (rest, [_, other @ ..]) => rest == other,
        _ => false,
    }
}

/// `build` and `builder`, `frontend-build` and `frontend_build`.
pub(crate) fn is_variant(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    one == other || (one.len().min(other.len()) >= 4 && (one.starts_with(&other) || other.starts_with(&one)))
}

/// Likewise, and names that begin alike: `build:prod` and `build:preview`, `tests` and `test`.
pub(crate) fn is_like(one: &str, other: &str) -> bool {
    let (plain_one, plain_other) = (plain(one), plain(other));
    let shared = plain_one.bytes().zip(plain_other.bytes()).take_while(|(one, other)| one == other).count();
    is_variant(one, other)
        || is_slip(&plain_one, &plain_other)
        || shared * 3 >= plain_one.len().max(plain_other.len()) * 2
}

/// A name without the signs between its words, in small letters.
fn plain(name: &str) -> String {
    name.replace(['-', '_', '.', ':'], "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{is_like, is_slip, is_variant};

    #[test]
    fn a_slip_is_one_letter() {
        for (one, other) in [("wsgj", "wsgi"), ("task", "tasks"), ("serevr", "server"), ("wokers", "workers")]
        {
            assert!(is_slip(one, other), "{one} {other}");
        }
        for (one, other) in
            [("http", "http_server"), ("app", "apps"), ("main", "main"), ("superset", "superset_config")]
        {
            assert!(!is_slip(one, other), "{one} {other}");
        }
    }

    #[test]
    fn variants_and_names_that_begin_alike() {
        assert!(is_variant("build", "builder") && is_variant("frontend-build", "frontend_build"));
        assert!(!is_variant("deps", "build") && !is_variant("app", "apps"));
        assert!(is_like("db-migrate", "db:migrate") && is_like("start:prd", "start:prod"));
        assert!(!is_like("lint", "deploy"));
    }
}
