//! What HCL texts are read into.

use source::Span;

use crate::Spanned;

/// What stands at the top of a file or between the braces of a block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body {
    /// `key = value`, in the order of the text. A key stands once; a second one is an error and left out.
    pub attributes: Vec<Attribute>,
    /// `kind "label" { … }`, in the order of the text.
    pub blocks: Vec<Block>,
}

impl Body {
    /// The attribute with this key.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.key.value == key)
    }

    /// The blocks of a kind.
    pub fn blocks_of<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind.value == kind)
    }
}

/// `key = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name before `=`.
    pub key: Spanned<String>,
    /// The expression after it.
    pub value: Spanned<Expression>,
    /// From the key to the end of the value.
    pub span: Span,
    /// 1-based line of the key.
    pub line: u32,
}

/// `kind "label" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `resource`, `variable`, …
    pub kind: Spanned<String>,
    /// What stands between the kind and the brace, without quotes; the spans are inside the quotes.
    pub labels: Vec<Spanned<String>>,
    /// What stands between the braces.
    pub body: Body,
    /// From the kind to the closing brace.
    pub span: Span,
    /// 1-based line of the kind.
    pub line: u32,
}

/// A value or what it is computed from.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `1`, `1.5`, `1e3`.
    Number(Number),
    /// A quoted string or heredoc without references, escapes replaced. The span is the text inside the quotes,
    /// or the lines of the heredoc: what a fix may replace.
    String(Spanned<String>),
    /// A quoted string or heredoc with references.
    Template(Template),
    /// `[a, b]`.
    Array(Vec<Spanned<Expression>>),
    /// `{ a = b }`; of a key that comes twice the last one wins.
    Object(Vec<ObjectItem>),
    /// A path whose steps are all names, splats or literal keys: `var.x`, `local.a.b`, `data.x.y[0]`,
    /// `google_sql_database_instance.main.name`, `a.b["key"]`, `a.*.id`, `a[*].id`; as one would write it without
    /// blanks. `a.0` is given as `a[0]`.
    Traversal(String),
    /// A step into something that is no plain path: `f(x).y`, `a[var.b]`, `[1, 2][0]`.
    Access(Access),
    /// `name(argument, …)`.
    Call(Call),
    /// `condition ? then : otherwise`.
    Conditional(Box<Conditional>),
    /// `-a`, `!a`.
    Unary(UnaryOperator, Box<Spanned<Expression>>),
    /// `a + b - c`: operators that bind equally strong.
    Operation(Operation),
    /// `[for …]` or `{for …}`.
    For(Box<For>),
    /// `(a)`.
    Parenthesis(Box<Spanned<Expression>>),
}

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// As written.
    pub written: String,
    /// Its value. Terraform keeps 512 bits; this keeps 53, so that integers from 2^53 on may lose their last
    /// digits.
    pub value: f64,
}

/// A string with references.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its pieces.
    pub parts: Vec<TemplatePart>,
    /// The text inside the quotes, or the lines of the heredoc.
    pub inner: Span,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    /// Text, escapes replaced, blanks cut where a neighbour has `~` or the heredoc is indented (`<<-`).
    Literal(Spanned<String>),
    /// `${expression}`; the span is the expression's.
    Interpolation(Spanned<Expression>),
    /// `%{if condition}…%{else}…%{endif}`.
    If {
        /// What is tested.
        condition: Spanned<Expression>,
        /// What stands for true.
        then: Vec<TemplatePart>,
        /// What stands for false.
        otherwise: Vec<TemplatePart>,
    },
    /// `%{for name in collection}…%{endfor}`.
    For {
        /// One or two names.
        names: Vec<Spanned<String>>,
        /// What is gone through.
        collection: Spanned<Expression>,
        /// What stands once for each item.
        parts: Vec<TemplatePart>,
    },
}

/// `key = value` or `key : value` in an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectItem {
    /// A bare word is a [`Expression::String`]; `(var.x)` is an [`Expression::Parenthesis`].
    pub key: Spanned<Expression>,
    /// What it is set to.
    pub value: Spanned<Expression>,
}

impl ObjectItem {
    /// The key, where it is a plain word, string or number.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.key.value {
            Expression::String(text) => Some(&text.value),
            Expression::Number(number) => Some(&number.written),
            _ => None,
        }
    }
}

/// Steps into a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// What is stepped into.
    pub base: Box<Spanned<Expression>>,
    /// The steps, at least one.
    pub steps: Vec<Step>,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.name`.
    Attribute(Spanned<String>),
    /// `[key]`, or `.0`.
    Index(Spanned<Expression>),
    /// `[*]` or `.*`: what follows is done with each item.
    Splat(Span),
}

/// `name(argument, …)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function with its namespaces: `provider::x::f`.
    pub name: Spanned<String>,
    /// The arguments.
    pub arguments: Vec<Spanned<Expression>>,
    /// Whether `...` follows the last argument: its items are the arguments.
    pub expands_last: bool,
}

/// `condition ? then : otherwise`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// What is tested.
    pub condition: Spanned<Expression>,
    /// The value for true.
    pub then: Spanned<Expression>,
    /// The value for false.
    pub otherwise: Spanned<Expression>,
}

/// `first + a - b`, applied from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The first operand.
    pub first: Box<Spanned<Expression>>,
    /// The operators and what follows each, at least one; all bind equally strong.
    pub rest: Vec<(BinaryOperator, Spanned<Expression>)>,
}

/// `[for v in c : value if condition]` or `{for k, v in c : key => value if condition}`.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// One or two names.
    pub names: Vec<Spanned<String>>,
    /// What is gone through.
    pub collection: Spanned<Expression>,
    /// The key, where it makes an object.
    pub key: Option<Spanned<Expression>>,
    /// The value.
    pub value: Spanned<Expression>,
    /// Whether `...` follows the value: values of equal keys are gathered in a list.
    pub groups: bool,
    /// What chooses the items.
    pub condition: Option<Spanned<Expression>>,
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// An operator between its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl BinaryOperator {
    /// How strong it binds: 1 (`||`) to 6 (`*`).
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Modulo => 6,
        }
    }
}
