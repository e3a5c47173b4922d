use super::read;
use crate::python::Form;

const HEAD: &str = "import os\n";

/// `VARIABLE -> environment form`, with `?` where the decision is a fallback.
fn predicates(text: &str) -> Vec<String> {
    let tree = read(&format!("{HEAD}{text}"));
    tree.predicates
        .iter()
        .map(|found| {
            let fallback = if found.fallback { "?" } else { "" };
            format!("{} -> {}{fallback} {:?}", found.variable.value, found.concluded, found.form)
        })
        .collect()
}

fn none(text: &str) {
    assert_eq!(predicates(text), Vec::<String>::new(), "{text}");
}

#[test]
fn the_loader_that_sent_production_to_the_secrets_of_staging() {
    let line = "is_staging = environment == 'staging' or os.environ.get('K_SERVICE')";
    let text = format!("{HEAD}class L:\n    def load(self, environment):\n        {line}\n");
    let tree = read(&text);
    let [found] = tree.predicates.as_slice() else { panic!("{:?}", tree.predicates) };
    assert_eq!((found.variable.value.as_str(), found.concluded.as_str()), ("K_SERVICE", "staging"));
    assert_eq!((found.form, found.line, found.fallback), (Form::Or, 4, false));
    assert_eq!(found.span.of(&text), "environment == 'staging' or os.environ.get('K_SERVICE')");
    assert_eq!(found.variable.span.of(&text), "K_SERVICE");
    assert_eq!(found.function.as_deref(), Some("L.load"));
}

#[test]
fn branches() {
    let found = "K_SERVICE -> staging Branch";
    for body in [
        "if os.environ.get('K_SERVICE'):\n        return 'staging'",
        "if os.environ.get('K_SERVICE') is not None:\n        log()\n        return 'Staging'",
        "if 'K_SERVICE' in os.environ:\n        return Environment.STAGING",
        "if bool(os.getenv('K_SERVICE', '')):\n        return Environment.STAGING.value",
        "if not os.getenv('K_SERVICE'):\n        return 'x'\n    else:\n        return 'staging'",
        "if not os.getenv('K_SERVICE'):\n        return 'x'\n    return 'staging'",
        "if k := os.getenv('K_SERVICE'):\n        self.environment = 'staging'",
        "k = os.getenv('K_SERVICE', '').strip()\n    if k:\n        environment = 'staging'"
            .replace(".strip()", "")
            .as_str(),
        "if os.getenv('X') == '1':\n        pass\n    elif os.getenv('K_SERVICE'):\n        env: str = 'staging'",
        "if os.getenv('K_SERVICE') != '':\n        os.environ['ENVIRONMENT'] = 'staging'",
    ] {
        assert_eq!(predicates(&format!("def f():\n    {body}\n")), [found], "{body}");
    }
}

#[test]
fn several_variables_decide_alike() {
    let both = ["K_SERVICE -> staging Branch", "K_REVISION -> staging Branch"];
    assert_eq!(
        predicates(
            "def f():\n    if os.getenv('K_SERVICE') or os.getenv('K_REVISION'):\n        return 'staging'\n"
        ),
        both
    );
    assert_eq!(
        predicates(
            "def f():\n    if os.getenv('K_SERVICE') and os.getenv('K_REVISION'):\n        return 'staging'\n"
        ),
        both
    );
    assert_eq!(
        predicates(
            "def f():\n    if any(os.getenv(n) for n in ('K_SERVICE', 'K_REVISION')):\n        return 'staging'\n"
        ),
        both
    );
    assert_eq!(
        predicates(
            "def f():\n    if any([os.getenv('K_SERVICE'), 'K_REVISION' in os.environ]):\n        return 'staging'\n"
        ),
        both
    );
}

#[test]
fn conditional_expressions() {
    assert_eq!(
        predicates("env = 'staging' if os.getenv('K_SERVICE') else 'development'\n"),
        ["K_SERVICE -> staging Conditional"]
    );
    assert_eq!(
        predicates("env = 'development' if not os.getenv('K_SERVICE') else 'prod'\n"),
        ["K_SERVICE -> prod Conditional"]
    );
    assert_eq!(
        predicates("env = os.getenv('ENVIRONMENT') or ('staging' if os.getenv('K_SERVICE') else 'dev')\n"),
        ["K_SERVICE -> staging? Conditional"]
    );
    assert_eq!(
        predicates("env = os.getenv('ENVIRONMENT', 'staging' if os.getenv('K_SERVICE') else 'dev')\n"),
        ["K_SERVICE -> staging? Conditional"]
    );
}

#[test]
fn names_and_functions_that_ask() {
    assert_eq!(
        predicates("is_production = bool(os.environ.get('K_SERVICE'))\n"),
        ["K_SERVICE -> production Assigned"]
    );
    assert_eq!(
        predicates("def is_staging():\n    return os.environ.get('K_SERVICE') is not None\n"),
        ["K_SERVICE -> staging Returned"]
    );
    assert_eq!(
        predicates(
            "def is_staging(env):\n    return bool(os.environ.get('K_SERVICE')) or env == 'staging'\n"
        ),
        ["K_SERVICE -> staging Or"]
    );
    assert_eq!(
        predicates(
            "def is_staging():\n    if os.getenv('K_SERVICE'):\n        return True\n    return False\n"
        ),
        ["K_SERVICE -> staging Branch"]
    );
}

#[test]
fn through_variables_attributes_and_helpers() {
    assert_eq!(
        predicates(
            "def f(env):\n    k = os.environ.get('K_SERVICE')\n    on_cloud = bool(k)\n    staging = env == 'staging' or on_cloud\n"
        ),
        ["K_SERVICE -> staging Or"]
    );
    assert_eq!(
        predicates(
            "class D:\n    def __init__(self):\n        self.cloud = bool(os.getenv('K_SERVICE'))\n    def name(self):\n        if self.cloud:\n            return 'staging'\n"
        ),
        ["K_SERVICE -> staging Branch"]
    );
    assert_eq!(
        predicates(
            "class D:\n    def name(self):\n        if self.on_cloud():\n            return 'staging'\n    def on_cloud(self):\n        '''Cloud Run.'''\n        return 'K_SERVICE' in os.environ\n"
        ),
        ["K_SERVICE -> staging Branch"]
    );
}

#[test]
fn an_explicit_value_first_makes_it_a_fallback() {
    let found = ["K_SERVICE -> staging? Branch"];
    for before in [
        "env = os.getenv('ENVIRONMENT')\n    if env:\n        return env.lower()",
        "if environment == 'production':\n        return 'production'",
        "if 'prod' in os.getenv('K_SERVICE', ''):\n        return Environment.PRODUCTION",
    ] {
        let text = format!(
            "def f(environment):\n    {before}\n    if os.getenv('K_SERVICE'):\n        return 'staging'\n"
        );
        assert_eq!(predicates(&text), found, "{before}");
    }
    let chain = "if env == 'production':\n    env = 'production'\nelif os.getenv('K_SERVICE'):\n    env = 'staging'\n";
    assert_eq!(predicates(chain), found);
    let cache = "def f(self):\n    if self._cached:\n        return self._cached\n    if os.getenv('K_SERVICE'):\n        return 'staging'\n";
    assert_eq!(predicates(cache), ["K_SERVICE -> staging Branch"]);
}

#[test]
fn a_platform_is_no_environment() {
    none("is_cloud_run = bool(os.environ.get('K_SERVICE'))\n");
    none("def on_cloud_run():\n    return 'K_SERVICE' in os.environ\n");
    none("if os.environ.get('K_SERVICE'):\n    use_cloud_logging()\n");
    none("port = 8080 if os.getenv('K_SERVICE') else 8000\n");
    none("def f():\n    if os.getenv('K_SERVICE'):\n        return 'cloud_run'\n");
    none("mode = 'production' + 'x'\n");
}

#[test]
fn a_comparison_of_the_value_is_no_presence() {
    none("is_staging = 'staging' in os.environ.get('K_SERVICE', '')\n");
    none("is_staging = os.environ.get('K_SERVICE', '').endswith('-staging')\n");
    none("is_staging = os.environ.get('K_SERVICE') == 'api-staging'\n");
    none("is_test = int(os.getenv('TESTING', '0')) > 0\n");
    none(
        "def f():\n    k = os.getenv('K_SERVICE')\n    if k:\n        if 'staging' in k:\n            return 'staging'\n",
    );
    none(
        "def f():\n    k = os.getenv('K_SERVICE')\n    if k and 'staging' in k:\n        return 'staging'\n",
    );
}

#[test]
fn a_further_condition_that_looks_at_the_environment_decides() {
    none("if environment == 'staging':\n    if os.getenv('K_SERVICE'):\n        env = 'staging'\n");
    none("is_staging = environment == 'staging' and os.getenv('K_SERVICE')\n");
    none(
        "def f(environment):\n    if environment == 'staging' and os.getenv('K_SERVICE'):\n        return 'staging'\n",
    );
    none("deployed = environment == 'staging' or environment == 'production' or os.getenv('K_SERVICE')\n");
    none("deployed = environment in ('staging', 'production') or os.getenv('K_SERVICE')\n");
}

#[test]
fn what_follows_a_further_decision_is_not_decided_by_the_first_alone() {
    none(
        "def f():\n    if os.getenv('K_SERVICE'):\n        if 'prod' in name:\n            return 'production'\n        return 'staging'\n",
    );
}

#[test]
fn the_nested_detector_tells_what_each_test_decides_alone() {
    let text = "def f(self):\n    if os.environ.get('TESTING'):\n        return 'testing'\n    if os.environ.get('K_SERVICE') or os.environ.get('K_REVISION'):\n        if 'staging' in os.environ.get('K_SERVICE', '').lower():\n            return 'staging'\n        if os.environ.get('PR_NUMBER'):\n            return 'staging'\n    return os.environ.get('ENVIRONMENT', 'development').lower()\n";
    assert_eq!(predicates(text), ["TESTING -> testing Branch", "PR_NUMBER -> staging? Branch"]);
}

#[test]
fn falsity_decides_nothing_here() {
    none("def f():\n    if not os.getenv('K_SERVICE'):\n        return 'development'\n    return detect()\n");
    none("is_production = not os.getenv('DEBUG')\n");
}

#[test]
fn a_name_bound_anew_is_another_value() {
    none(
        "def f():\n    k = os.getenv('K_SERVICE')\n    k = compute()\n    if k:\n        return 'staging'\n",
    );
}

#[test]
fn an_or_that_opens_a_branch_counts_where_the_branch_speaks_of_the_environment() {
    let text = "def f(environment, name):\n    if environment == 'staging' or os.getenv('K_SERVICE'):\n        return f'{name}-staging'\n    return name\n";
    assert_eq!(predicates(text), ["K_SERVICE -> staging Or"]);
    assert_eq!(
        predicates("suffix = '-stg' if env == 'staging' or os.getenv('K_SERVICE') else ''\n"),
        ["K_SERVICE -> staging Or"]
    );
    assert_eq!(
        predicates("load(use_staging_secrets=env == 'staging' or 'K_SERVICE' in os.environ)\n"),
        ["K_SERVICE -> staging Or"]
    );
    none("if os.getenv('K_SERVICE') or self.is_test_mode:\n    pool = NullPool\n");
    none("if os.getenv('K_SERVICE') or env == 'development':\n    check_database()\n");
}

#[test]
fn names_of_things_that_belong_to_an_environment_ask_nothing() {
    none("self.test_env = env.get('TEST_ENV', 'x')\n");
    none("test = env.get('PATH')\n");
    none("def staging_environment():\n    return os.getenv('ENVIRONMENT')\n");
    assert_eq!(predicates("staging = bool(os.getenv('K_SERVICE'))\n"), ["K_SERVICE -> staging Assigned"]);
}
