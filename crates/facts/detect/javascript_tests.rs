//! What JavaScript and TypeScript give, where it is asked for in a deployment of staging.

use std::collections::BTreeMap;

use source::Memory;

use super::Answer;
use crate::{Declared, DeclaredDeployment, DeclaredService, Facts, collect};

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

#[expect(clippy::unnecessary_wraps, reason = "compared with what may be no cell")]
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

/// What a detector answers where the deployment sets `NAME`, and all else is absent, in a repository with these files too.
fn complete(files: &[(&str, &str)], name: &str, variable: (&str, &str)) -> Option<Answer> {
    let deployment = DeclaredDeployment {
        variables: BTreeMap::from([(variable.0.to_owned(), variable.1.to_owned())]),
        complete: true,
        url: None,
    };
    let deploy = BTreeMap::from([("staging".to_owned(), deployment)]);
    let mut declared = Declared::default();
    declared.services.insert("web".to_owned(), DeclaredService { deploy, ..DeclaredService::default() });
    let tree: Memory = files.iter().copied().collect();
    let facts = collect(&tree, &declared);
    let wanted = format!("::{name}");
    facts.cells.iter().find(|cell| cell.detector.ends_with(&wanted)).map(|cell| cell.answer.clone())
}

const ZOD: &str = "import { z } from 'zod';\nimport { createEnv } from '@t3-oss/env-core';\n\
                   const names = z.enum(['production', 'staging', 'development']);\n\
                   const schema = z.object({ ENVIRONMENT: names.default('development'), OTHER: z.string().optional() });\n\
                   const env = schema.parse(process.env);\nexport const environment = env.ENVIRONMENT;\n\
                   const checked = schema.safeParse(process.env);\n\
                   export const isStaging = checked.success && checked.data.ENVIRONMENT === 'staging';\n\
                   const made = createEnv({ server: { ENVIRONMENT: names.catch('production') }, runtimeEnv: process.env });\n\
                   export const appEnv = made.ENVIRONMENT;\n";

#[test]
fn a_schema_gives_a_variable_or_its_default() {
    let files = [("src/env.ts", ZOD)];
    assert_eq!(complete(&files, "environment", ("ENVIRONMENT", "staging")), text("staging"));
    assert_eq!(complete(&files, "environment", ("LEVEL", "info")), text("development"));
    assert_eq!(
        complete(&files, "environment", ("ENVIRONMENT", "qa")),
        Some(Answer::Raises("ZodError".to_owned()))
    );
    assert_eq!(complete(&files, "isStaging", ("ENVIRONMENT", "staging")), YES);
    assert_eq!(complete(&files, "isStaging", ("ENVIRONMENT", "qa")), NO);
    assert_eq!(complete(&files, "appEnv", ("ENVIRONMENT", "qa")), text("production"));
    let changed = ZOD.replace("names.default('development')", "names.transform(load)");
    let unknown = complete(&[("src/env.ts", &changed)], "environment", ("ENVIRONMENT", "staging"));
    assert!(unknown.is_some_and(|answer| !answer.is_known()));
}

#[test]
fn a_map_is_asked_for_its_entries() {
    let code = "const names = new Map([['stg', 'staging'], ['staging', 'staging']]);\n\
                export function getEnvironment() { return names.get(process.env.ENVIRONMENT ?? '') ?? 'development'; }\n";
    assert_eq!(answer(code, "getEnvironment"), text("staging"));
}

#[test]
fn what_a_library_reads_by_name_is_not_known() {
    let code = "import { lookup } from 'somewhere';\nexport const isStaging = lookup('ENVIRONMENT') === 'staging';\n";
    assert!(answer(code, "isStaging").is_some_and(|answer| !answer.is_known()));
    assert_eq!(answer(&code.replace("'ENVIRONMENT'", "'REGION'"), "isStaging"), None);
}

#[test]
fn properties_of_objects_are_detectors() {
    let code = "export const config = {\n  env: process.env.ENVIRONMENT ?? 'development',\n  \
                isProduction: process.env.ENVIRONMENT === 'production',\n  \
                get isStaging() { return this.env === 'staging'; },\n  environment: given,\n};\n\
                export default { isTest: process.env.ENVIRONMENT === 'test' };\n";
    assert_eq!(answer(code, "config.env"), text("staging"));
    assert_eq!(answer(code, "config.isProduction"), NO);
    assert_eq!(answer(code, "config.isStaging"), YES);
    assert_eq!(answer(code, "default.isTest"), NO);
    assert_eq!(answer(code, "config.environment"), None);
}

#[test]
fn a_name_that_gets_another_value_is_a_detector() {
    let code = "export let appEnv = 'local';\nif (process.env.ENVIRONMENT) {\n  appEnv = process.env.ENVIRONMENT;\n}\n";
    assert_eq!(answer(code, "appEnv"), text("staging"));
    assert_eq!(
        answer("export let appEnv = 'local';\nconsole.log(process.env.ENVIRONMENT);\n", "appEnv"),
        None
    );
}

#[test]
fn what_a_build_writes_in_is_not_what_the_deployment_sets() {
    let code = "export const appEnv = process.env.NEXT_PUBLIC_APP_ENV ?? 'development';\n\
                export const isProduction = process.env.NODE_ENV === 'production';\n";
    let next = ("package.json", "{\"dependencies\": {\"next\": \"15.0.0\"}}");
    let plain = ("package.json", "{\"dependencies\": {}}");
    let given = ("NEXT_PUBLIC_APP_ENV", "staging");
    let built = complete(&[("lib/env.ts", code), next], "appEnv", given);
    assert!(built.is_some_and(|answer| !answer.is_known()));
    assert_eq!(complete(&[("lib/env.ts", code), plain], "appEnv", given), text("staging"));
    assert_eq!(complete(&[("lib/env.ts", code), next], "isProduction", given), NO);
    let stated = ("Dockerfile", "FROM node\nARG NEXT_PUBLIC_APP_ENV=staging\nRUN npm run build\n");
    assert_eq!(complete(&[("lib/env.ts", code), next, stated], "appEnv", given), text("staging"));
    let other = ("Dockerfile", "FROM node\nARG NEXT_PUBLIC_APP_ENV=production\nRUN npm run build\n");
    let built = complete(&[("lib/env.ts", code), next, other], "appEnv", given);
    assert!(built.is_some_and(|answer| !answer.is_known()));
}

#[test]
fn a_variable_of_a_platform_concludes_no_environment() {
    let concluded = |path: &str, code: &str| {
        let tree: Memory = [STAGING, (path, code)].into_iter().collect();
        let facts = collect(&tree, &Declared::default());
        facts.predicates.iter().map(|one| format!("{} {}", one.variable, one.concluded)).collect::<Vec<_>>()
    };
    let script = "const environment = process.env.ENVIRONMENT;\n\
                  export const isStaging = environment === 'staging' || !!process.env.K_SERVICE;\n";
    assert_eq!(concluded("a.ts", script), ["K_SERVICE staging"]);
    assert!(concluded("a.ts", &script.replace("K_SERVICE", "STAGING")).is_empty());
    assert!(concluded("a.ts", &script.replace("isStaging", "isManaged")).is_empty());
    let rust = "pub fn is_staging() -> bool { std::env::var(\"ENVIRONMENT\").as_deref() == Ok(\"staging\") || \
                std::env::var(\"K_SERVICE\").is_ok() }\n";
    assert_eq!(concluded("src/main.rs", rust), ["K_SERVICE staging"]);
    let branch = "export function getEnvironment() {\n  if (process.env.K_SERVICE) return 'production';\n  \
                  return 'development';\n}\n";
    assert_eq!(concluded("a.ts", branch), ["K_SERVICE production"]);
}
