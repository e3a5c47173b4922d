//! What JavaScript and TypeScript give, where it is asked for in a deployment of staging.

use source::Memory;

use super::Answer;
use crate::{Declared, Facts, collect};

const STAGING: (&str, &str) = (
    "service.yaml",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        \
     - name: web\n          env:\n            - name: ENVIRONMENT\n              value: staging\n",
);

fn facts(code: &str) -> Facts {
    let tree: Memory = [STAGING, ("src/env.ts", code)].into_iter().collect();
    collect(&tree, &Declared::default())
}

fn answer(code: &str, name: &str) -> Option<Answer> {
    let wanted = format!("::{name}");
    facts(code).cells.iter().find(|cell| cell.detector.ends_with(&wanted)).map(|cell| cell.answer.clone())
}

fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.to_owned()))
}

const YES: Option<Answer> = Some(Answer::Bool(true));
const NO: Option<Answer> = Some(Answer::Bool(false));

#[test]
fn this_is_the_object_that_a_method_is_called_on() {
    let code = "const config = {\n  env: process.env.ENVIRONMENT,\n  \
                get isStaging() { return this.env === 'staging'; },\n  \
                set isStaging(value) { this.env = value; },\n  \
                isDevelopment() { return this.env === 'development'; },\n  \
                isTest: function () { return this.env === 'test'; },\n};\n\
                export const isStaging = config.isStaging;\n\
                export const isDevelopment = config['isDevelopment']();\n\
                export const isTest = config.isTest();\n\
                export const isQa = ({ ...config }).isStaging;\n";
    assert_eq!(answer(code, "isStaging"), YES);
    assert_eq!(answer(code, "isQa"), YES);
    assert_eq!(answer(code, "isDevelopment"), NO);
    assert_eq!(answer(code, "isTest"), NO);
}

#[test]
fn this_of_an_arrow_function_is_not_its_object() {
    let code = "const config = {\n  env: process.env.ENVIRONMENT,\n  \
                isStaging: () => this?.env === 'staging',\n};\n\
                export const isStaging = config.isStaging() || process.env.ENVIRONMENT === 'qa';\n";
    assert_ne!(answer(code, "isStaging"), YES);
    let inner = "const config = {\n  env: process.env.ENVIRONMENT,\n  \
                 isStaging() { return ['staging'].some((name) => name === this.env); },\n};\n\
                 export const isStaging = config.isStaging();\n";
    assert_eq!(answer(inner, "isStaging"), YES);
}

#[test]
fn a_parameter_of_a_constructor_may_be_a_property() {
    let code = "export class Config {\n  constructor(private readonly environment = process.env.ENVIRONMENT) {}\n  \
                isStaging() { return this.environment === 'staging'; }\n}\n";
    assert_eq!(answer(code, "Config.isStaging"), YES);
    assert_eq!(answer(code, "Config.environment"), text("staging"));
    let plain = code.replace("private readonly ", "");
    assert_eq!(answer(&plain, "Config.environment"), None);
    let below = "class Base { constructor() { this.environment = 'test'; } }\n\
                 export class Config extends Base {\n  constructor(public environment: string = process.env.ENVIRONMENT!) {\n    \
                 super();\n  }\n  get isStaging() { return this.environment === 'staging'; }\n}\n";
    assert_eq!(answer(below, "Config.isStaging"), YES);
}

#[test]
fn a_function_that_the_module_calls_may_set_its_variables() {
    let code = "let current = 'none';\nfunction init() { current = process.env.ENVIRONMENT; }\ninit();\n\
                export const getEnvironment = () => current;\n";
    assert_eq!(answer(code, "getEnvironment"), text("staging"));
    let own = code.replace("function init() {", "function init(current) {");
    assert_eq!(answer(&own, "getEnvironment"), None);
    let inner = code.replace("init();\n", "start();\nfunction start() { init(); }\n");
    assert_eq!(answer(&inner, "getEnvironment"), text("staging"));
    let at_once = "let current = 'none';\n(() => { current = process.env.ENVIRONMENT; })();\n\
                   export const getEnvironment = () => current;\n";
    assert_eq!(answer(at_once, "getEnvironment"), text("staging"));
    let unknown = code.replace("process.env.ENVIRONMENT; }", "load(process.env.ENVIRONMENT); }");
    assert!(answer(&unknown, "getEnvironment").is_none_or(|answer| !answer.is_known()));
}

#[test]
fn what_a_module_sets_in_its_objects_is_there() {
    let code = "const state: { env?: string } = { env: 'none' };\nCHANGE;\n\
                export function getEnvironment() { return state.env; }\n";
    for change in [
        "state.env = process.env.ENVIRONMENT",
        "state['env'] = process.env.ENVIRONMENT",
        "Object.assign(state, { env: process.env.ENVIRONMENT })",
        "['env'].forEach((name) => { state[name] = process.env.ENVIRONMENT; })",
    ] {
        assert_eq!(answer(&code.replace("CHANGE", change), "getEnvironment"), text("staging"), "{change}");
    }
    let process = "process.env.STAGE = process.env.ENVIRONMENT;\nexport const stage = process.env.STAGE;\n\
                   process.env.OTHER ??= 'test';\nexport const isTest = process.env.OTHER === 'test';\n";
    assert_eq!(answer(process, "stage"), text("staging"));
    let by_function = "function init() { Object.assign(process.env, { STAGE: process.env.ENVIRONMENT }); }\ninit();\n\
                       export const stage = process.env.STAGE;\n";
    assert_eq!(answer(by_function, "stage"), text("staging"));
    let removed = "delete process.env.ENVIRONMENT;\n\
                   export const environment = process.env.ENVIRONMENT ?? 'development';\n";
    assert_eq!(answer(removed, "environment"), text("development"));
}
