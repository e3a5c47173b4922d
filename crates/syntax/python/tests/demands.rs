//! Messages that say that a variable is missing.

use super::read;

fn demanded(text: &str) -> Vec<(Vec<String>, Vec<&'static str>)> {
    let demands = read(text).demands.into_iter();
    demands.map(|demand| (demand.names, demand.environments)).collect()
}

#[test]
fn raised_collected_and_stored_messages() {
    let found = demanded(
        r#"
def check(result, errors):
    raise ValueError("DB_HOST or DATABASE_URL must be set in staging")
    result.error = "SERVICE_ID not configured"
    errors.append(f"API_KEY is missing: {hint}")
    sys.exit("REDIS_URL is required")
rule = Rule(env_var="JWT_KEY", error_message="JWT_KEY required in production")
"#,
    );
    let names: Vec<_> = found.iter().map(|(names, _)| names.join(" ")).collect();
    assert_eq!(names, ["DB_HOST DATABASE_URL", "SERVICE_ID", "API_KEY", "REDIS_URL", "JWT_KEY"]);
    assert_eq!(found.first().map(|(_, environments)| environments.clone()), Some(vec!["staging"]));
}

#[test]
fn other_messages_demand_nothing() {
    let found = demanded(
        r#"
raise ValueError("DB_HOST has a blank in it")
raise ValueError("a name is required")
log.info("DB_HOST not set")
names.append("DB_HOST is required")
"#,
    );
    assert!(found.is_empty(), "{found:?}");
}
