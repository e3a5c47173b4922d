//! The file, its resources, and the shapes that several keys share.

use super::service::SERVICE;
use super::types::{BOOL, NULL, NUMBER, TEXT, WHOLE};
use super::{Object, Others, Shape};

pub(super) const STRING: Shape = Shape::Scalar(TEXT);
pub(super) const SWITCH: Shape = Shape::Scalar(BOOL | TEXT);
pub(super) const COUNT: Shape = Shape::Scalar(WHOLE | TEXT);
pub(super) const QUANTITY: Shape = Shape::Scalar(NUMBER | TEXT);
pub(super) const STRINGS: Shape = Shape::List(&STRING);
pub(super) const DISTINCT: Shape = Shape::Set(&STRING);
pub(super) const ONE_OR_MORE: Shape = Shape::Either(&[STRING, DISTINCT]);
/// `KEY=value` items, or a mapping.
pub(super) const PAIRS: Shape =
    Shape::Either(&[Shape::Object(&of_any(&Shape::Scalar(TEXT | NUMBER | BOOL | NULL))), DISTINCT]);
pub(super) const COMMAND: Shape = Shape::Either(&[Shape::Scalar(NULL), STRING, STRINGS]);
pub(super) const OPTIONS: Shape = Shape::Object(&of_any(&QUANTITY));
pub(super) const EXTRA_HOSTS: Shape =
    Shape::Either(&[Shape::Object(&of_any(&Shape::Either(&[STRING, STRINGS]))), DISTINCT]);
pub(super) const ULIMITS: Shape = Shape::Object(&of_any(&Shape::Either(&[
    COUNT,
    Shape::Object(&Object { required: &["soft", "hard"], ..of(&[("hard", COUNT), ("soft", COUNT)]) }),
])));
/// Secrets or configs that a service is given.
pub(super) const GRANTS: Shape = Shape::List(&Shape::Either(&[
    STRING,
    Shape::Object(&of(&[
        ("source", STRING),
        ("target", STRING),
        ("uid", STRING),
        ("gid", STRING),
        ("mode", QUANTITY),
    ])),
]));

/// A mapping with these keys and extensions.
pub(super) const fn of(keys: &'static [(&'static str, Shape)]) -> Object {
    Object { keys, required: &[], others: Others::Extensions, may_be_null: false }
}

/// A mapping with these keys only.
pub(super) const fn only(keys: &'static [(&'static str, Shape)]) -> Object {
    Object { others: Others::None, ..of(keys) }
}

/// A mapping from anything to values of one shape.
pub(super) const fn of_any(value: &'static Shape) -> Object {
    Object { others: Others::Any(value), ..of(&[]) }
}

/// A mapping from names to values of one shape.
pub(super) const fn of_names(value: &'static Shape) -> Object {
    Object { others: Others::Names(value), ..of(&[]) }
}

/// The same, where names that are none are left alone.
const fn of_open_names(value: &'static Shape) -> Object {
    Object { others: Others::OpenNames(value), ..of(&[]) }
}

pub(super) const FILE: Object = of(&[
    ("version", STRING),
    ("name", STRING),
    ("include", Shape::List(&Shape::Either(&[STRING, Shape::Object(&INCLUDE)]))),
    ("services", Shape::Object(&of_names(&Shape::Object(&SERVICE)))),
    ("models", Shape::Object(&of_open_names(&Shape::Object(&MODEL)))),
    ("networks", Shape::Object(&of_open_names(&Shape::Object(&NETWORK)))),
    ("volumes", Shape::Object(&of_names(&Shape::Object(&VOLUME)))),
    ("secrets", Shape::Object(&of_names(&Shape::Object(&SECRET)))),
    ("configs", Shape::Object(&of_names(&Shape::Object(&CONFIG)))),
]);

const INCLUDE: Object =
    only(&[("path", ONE_OR_MORE), ("env_file", ONE_OR_MORE), ("project_directory", STRING)]);

const EXTERNAL: Shape = Shape::Either(&[SWITCH, Shape::Object(&of(&[("name", STRING)]))]);

/// `external:` of secrets and configs, which the specification leaves open.
const OPEN_EXTERNAL: Shape =
    Shape::Either(&[SWITCH, Shape::Object(&Object { others: Others::Unchecked, ..of(&[("name", STRING)]) })]);

const MODEL: Object = Object {
    required: &["model"],
    ..of(&[
        ("name", STRING),
        ("model", STRING),
        ("context_size", Shape::Scalar(WHOLE)),
        ("runtime_flags", STRINGS),
    ])
};

const NETWORK: Object = Object {
    may_be_null: true,
    ..of(&[
        ("name", STRING),
        ("driver", STRING),
        ("driver_opts", OPTIONS),
        ("ipam", Shape::Object(&IPAM)),
        ("external", EXTERNAL),
        ("internal", SWITCH),
        ("enable_ipv4", SWITCH),
        ("enable_ipv6", SWITCH),
        ("attachable", SWITCH),
        ("labels", PAIRS),
    ])
};

const IPAM: Object = of(&[
    ("driver", STRING),
    ("config", Shape::List(&Shape::Object(&IPAM_CONFIG))),
    ("options", Shape::Object(&of_any(&STRING))),
]);

const IPAM_CONFIG: Object = of(&[
    ("subnet", STRING),
    ("ip_range", STRING),
    ("gateway", STRING),
    ("aux_addresses", Shape::Object(&of_any(&STRING))),
]);

const VOLUME: Object = Object {
    may_be_null: true,
    ..of(&[
        ("name", STRING),
        ("driver", STRING),
        ("driver_opts", OPTIONS),
        ("external", EXTERNAL),
        ("labels", PAIRS),
    ])
};

const SECRET: Object = of(&[
    ("name", STRING),
    ("environment", STRING),
    ("file", STRING),
    ("external", OPEN_EXTERNAL),
    ("labels", PAIRS),
    ("driver", STRING),
    ("driver_opts", OPTIONS),
    ("template_driver", STRING),
]);

const CONFIG: Object = of(&[
    ("name", STRING),
    ("content", STRING),
    ("environment", STRING),
    ("file", STRING),
    ("external", OPEN_EXTERNAL),
    ("labels", PAIRS),
    ("template_driver", STRING),
]);
