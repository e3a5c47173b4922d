//! Where a value stands in a Compose file, as the rules about it are written: `["services", _, "build", "args"]`.

/// A chain of keys from the root down; `[]` stands for an item of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    key: &'p str,
    depth: usize,
}

/// No rule looks at longer paths.
const LONGEST_RULE: usize = 8;

impl<'p> Path<'p> {
    /// The root.
    pub(super) const ROOT: Self = Self { above: None, key: "", depth: 0 };

    pub(super) const fn to(&'p self, key: &'p str) -> Self {
        Self { above: Some(self), key, depth: self.depth + 1 }
    }

    pub(super) const fn item(&'p self) -> Self {
        self.to("[]")
    }

    /// The keys, for a pattern to look at; empty for a path that is longer than any rule.
    pub(super) fn keys(&self) -> Vec<&'p str> {
        let mut keys = Vec::with_capacity(self.depth);
        if self.depth > LONGEST_RULE {
            return keys;
        }
        let mut at = self;
        while let Some(above) = at.above {
            keys.push(at.key);
            at = above;
        }
        keys.reverse();
        keys
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(above) = self.above else { return Ok(()) };
        if above.depth > 0 {
            write!(out, "{above}.")?;
        }
        out.write_str(self.key)
    }
}
