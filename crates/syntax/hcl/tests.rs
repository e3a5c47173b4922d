use proptest::prelude::*;
use source::Span;

use super::*;
use crate::Spanned;
