//! `deploy:`, `develop:` and the devices that a service reserves.

use super::service::HOOK;
use super::shapes::{COUNT, DISTINCT, ONE_OR_MORE, PAIRS, QUANTITY, STRING, STRINGS, of};
use super::types::BOOL;
use super::{Object, Others, Shape};

pub(super) const DEPLOY: Object = Object {
    may_be_null: true,
    ..of(&[
        ("mode", STRING),
        ("endpoint_mode", STRING),
        ("replicas", COUNT),
        ("labels", PAIRS),
        ("rollback_config", Shape::Object(&UPDATE)),
        ("update_config", Shape::Object(&UPDATE)),
        ("resources", Shape::Object(&RESOURCES)),
        ("restart_policy", Shape::Object(&RESTART)),
        ("placement", Shape::Object(&PLACEMENT)),
    ])
};

const UPDATE: Object = of(&[
    ("parallelism", COUNT),
    ("delay", STRING),
    ("failure_action", STRING),
    ("monitor", STRING),
    ("max_failure_ratio", QUANTITY),
    ("order", Shape::Word(&["start-first", "stop-first"])),
]);

const RESOURCES: Object = of(&[
    ("limits", Shape::Object(&of(&[("cpus", QUANTITY), ("memory", STRING), ("pids", COUNT)]))),
    ("reservations", Shape::Object(&RESERVATIONS)),
]);

const RESERVATIONS: Object = of(&[
    ("cpus", QUANTITY),
    ("memory", STRING),
    ("generic_resources", Shape::List(&Shape::Object(&of(&[("discrete_resource_spec", DISCRETE)])))),
    ("devices", Shape::List(&Shape::Object(&DEVICE))),
]);

const DISCRETE: Shape = Shape::Object(&of(&[("kind", STRING), ("value", QUANTITY)]));

const DEVICE_KEYS: &[(&str, Shape)] = &[
    ("capabilities", DISTINCT),
    ("count", COUNT),
    ("device_ids", DISTINCT),
    ("driver", STRING),
    ("options", PAIRS),
];

const DEVICE: Object = Object { required: &["capabilities"], ..of(DEVICE_KEYS) };

pub(super) const GPUS: Shape = Shape::Either(&[
    Shape::Word(&["all"]),
    Shape::List(&Shape::Object(&Object { others: Others::Unchecked, ..of(DEVICE_KEYS) })),
]);

const RESTART: Object =
    of(&[("condition", STRING), ("delay", STRING), ("max_attempts", COUNT), ("window", STRING)]);

const PLACEMENT: Object = of(&[
    ("constraints", STRINGS),
    ("preferences", Shape::List(&Shape::Object(&of(&[("spread", STRING)])))),
    ("max_replicas_per_node", COUNT),
]);

pub(super) const DEVELOP: Object =
    Object { may_be_null: true, ..of(&[("watch", Shape::List(&Shape::Object(&WATCH)))]) };

const WATCH: Object = Object {
    required: &["path", "action"],
    ..of(&[
        ("ignore", ONE_OR_MORE),
        ("include", ONE_OR_MORE),
        ("path", STRING),
        ("action", Shape::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
        ("target", STRING),
        ("exec", Shape::Object(&HOOK)),
        ("initial_sync", Shape::Scalar(BOOL)),
    ])
};
