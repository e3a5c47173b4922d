//! Secret values never leave the program: every output shows a masked copy of the text.

mod commands;
mod concealed;
mod forms;
mod manifests;
mod named;
mod names;
mod words;

use std::borrow::Cow;
use std::ops::Range;

pub use concealed::{Concealed, is_secret_by_name};
pub use forms::{is_provider_credential, url_password};
pub use names::{is_hidden_name, is_secret_name};
pub use words::words;

/// What stands in JSON fields in place of a secret value.
pub const REDACTED: &str = "<redacted>";

/// A copy of a value for people to read: [`REDACTED`] where the setting's name or the value's form is a secret's, a
/// masked password in a URL and after another secret's name, else the value itself.
#[must_use]
pub fn value<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if !value.is_empty() && is_hidden_name(name) && !is_secret_reference(value) {
        return Cow::Borrowed(REDACTED);
    }
    replaced(value, ranges(value), |shown, _| shown.push_str(REDACTED))
}

/// A copy of a sentence in which [`REDACTED`] stands for every secret value.
#[must_use]
pub fn sentence(text: &str) -> Cow<'_, str> {
    let hidden = [forms::ranges(text), named::ranges_in_prose(text), commands::ranges(text)].concat();
    replaced(text, hidden, |shown, _| shown.push_str(REDACTED))
}

/// A copy of a whole file's text in which every secret value is replaced by `*`, one for each character, so that
/// lines and columns stay as they are.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    let mut hidden = ranges(text);
    hidden.extend(manifests::ranges(text));
    replaced(text, hidden, stars)
}

/// As many `*` as a secret has characters, on as many lines.
fn stars(shown: &mut String, secret: &str) {
    shown.extend(secret.chars().map(|c| if c == '\n' || c == '\r' { c } else { '*' }));
}

fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut hidden = forms::ranges(text);
    hidden.extend(named::ranges(text));
    hidden.extend(commands::ranges(text));
    hidden
}

/// The text with each range written by `hide`, which is given what stands there.
fn replaced(text: &str, hidden: Vec<Range<usize>>, hide: fn(&mut String, &str)) -> Cow<'_, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in merged(hidden) {
        shown.push_str(text.get(at..range.start).unwrap_or(""));
        hide(&mut shown, text.get(range.clone()).unwrap_or(""));
        at = range.end;
    }
    shown.push_str(text.get(at..).unwrap_or(""));
    Cow::Owned(shown)
}

/// A value that only refers to where the secret is: `${VAR}`, `$VAR`, `var.name`, `{{ x }}`.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let wrapped = value.starts_with("${") && value.ends_with('}') && !value.contains(":-");
    let named = value
        .strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    wrapped
        || named
        || is_secret_reference(value)
        || value.starts_with("var.")
        || value.starts_with("{{") && value.ends_with("}}")
}

/// The name of a secret with the version that everybody may know: `jwt-secret-key-staging:latest`,
/// `projects/p/secrets/name/versions/3`.
fn is_secret_reference(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    if value.contains('=') && value.split(',').all(is_mapping) {
        return true;
    }
    let is_name = |name: &str| {
        name.contains(['-', '_'])
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    value.strip_suffix(":latest").is_some_and(is_name)
        || value.starts_with("projects/")
            && value.contains("/secrets/")
            && !value.contains(char::is_whitespace)
}

/// `VARIABLE=secret:version` or `/path=secret:version`, as `--set-secrets` takes it.
fn is_mapping(value: &str) -> bool {
    let Some((_, secret)) = value.split_once('=') else { return false };
    let Some((name, version)) = secret.split_once(':') else { return false };
    let is_version =
        version == "latest" || version.len() <= 6 && version.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    is_version && !version.is_empty() && !name.is_empty() && name.bytes().all(is_name)
}

fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut result: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match result.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => result.push(range),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_secret_is_shown() {
        for line in [
            "DATABASE_URL=postgres://u:CANARY@localhost/db",
            "JWT_SECRET=CANARY",
            "export JWT_SECRET='CANARY'",
            "  password: CANARY # why",
            "  - API_TOKEN=CANARY",
            "db_password = \"CANARY\"",
            "\"api_key\": \"CANARY\",",
            "postgres://u:pa@CANARY@localhost/db",
            "postgres://u:pa/CANARY@localhost/db",
            "https://CANARYCANARYCANARY@github.com/a",
            "https://CANARYCANARYCANARYCANARY:x-oauth-basic@github.com/a",
            "curl -H 'Authorization: Bearer CANARYCANARYCANARY' https://x",
            "curl -u deployer:CANARY https://x",
            "API_KEYS=CANARY",
            "ENV API_KEY CANARY",
            "ENV A=1 API_KEY=CANARY",
            "- name: API_KEY\n  value: CANARY",
            "name  = \"API_KEY\"\n value = \"CANARY\"",
            "os.getenv(\"API_KEY\", \"CANARY\")",
            "CMD ['--password', 'CANARY']",
            "API_KEY=ab#CANARY",
            "API_KEY=\"ab\"CANARY",
            "API_KEY=\"first\nCANARY\"",
            "password: |\n  CANARY\n  CANARY",
            "password:\n  CANARY",
            "password = <<EOT\nCANARY\nEOT",
            "gcloud run deploy --set-env-vars=A=1,API_KEY=CANARY",
            "redis-server --requirepass CANARY",
            "OTHER_URL=http://localhost:2/?a=b&token=CANARY",
            "ALERTS=https://hooks.slack.com/services/T00/B00/CANARYCANARYCANARY",
            "ALERTS=http://localhost/services/T00000000/B00000000/CANARYCANARYCANARY",
            "STORE=DefaultEndpointsProtocol=http;AccountName=a;AccountKey=CANARY==;BlobEndpoint=http://localhost/a",
            "BUS=Endpoint=sb://a.example.ai/;SharedAccessKeyName=Root;SharedAccessKey=CANARY",
            "TOKEN: ${{ secrets.TOKEN || 'CANARY' }}",
            "TOKEN: ${{ secrets.TOKEN || secrets.OTHER || \"CANARY\" }}",
            "TOKEN: ${{ secrets.TOKEN || format('{0}', 'CANARY') }}",
            "ADMIN_PW=CANARY",
            "kind: Secret\nmetadata:\n  name: s\nstringData:\n  other: CANARY\n  more: |\n    CANARY\n",
            "a: 1\n---\ndata: # why\n  k: CANARY\n  'l': CANARY\nkind: Secret\n---\nb: 1",
            "{kind: Secret, stringData: {other: CANARY, k: \"CANARY\"}}",
            "resource \"kubernetes_secret\" \"a\" {\n  data = {\n    other = \"CANARY\"\n    \"k\" = \"CANARY\"\n  }\n}",
            "curl -H \"Authorization: Bearer CANARY\" https://x",
            "Authorization: CANARY",
            "headers = {'Authorization': 'Basic CANARY'}",
            "curl --oauth2-bearer CANARY https://x",
            "sshpass -p CANARY ssh x",
            "sshpass -pCANARY ssh x",
            "redis-cli -h x -a CANARY ping",
            "mysql -uroot -pCANARY",
            "aws configure set aws_secret_access_key CANARY",
            "kubectl create secret generic n --from-literal=foo=CANARY \\\n  --from-literal bar=CANARY",
            "gcloud secrets versions add n --data-file=<(echo -n \"CANARY\")",
            "echo -n CANARY | gcloud secrets create n --data-file=-",
            "echo CANARY | docker login -u me --password-stdin",
            "git clone https://CANARY@github.com/a/b",
            "openssl enc -k CANARY",
            "flyctl secrets set FOO=CANARY 'BAR=CANARY' BAZ=\"CANARY CANARY\"",
            "vault kv put secret/x a=CANARY \\\n  b=CANARY",
            "gh secret set NAME --body 'CANARY CANARY'",
            "gh secret set NAME -b CANARY",
            "aws ssm put-parameter --name x --type SecureString --value CANARY",
            "az keyvault secret set --vault-name x --value=CANARY",
            "openssl rsa -passin pass:CANARY",
            "run --token=CANARY --image=x",
            "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----",
        ] {
            let shown = text(line);
            assert!(!shown.contains("CANARY"), "{line} -> {shown}");
            assert_eq!(shown.chars().count(), line.chars().count(), "{line}");
        }
    }

    #[test]
    fn long_lines_take_time_by_their_length() {
        let time = |count: usize| {
            let line = format!("X={}", "a=b".repeat(count));
            let start = std::time::Instant::now();
            assert_eq!(text(&line), line);
            start.elapsed()
        };
        let (short, long) = (time(5_000), time(40_000));
        assert!(long < short * 32 + std::time::Duration::from_millis(200), "{short:?} {long:?}");
    }

    #[test]
    fn references_and_plain_values_stay() {
        for line in [
            "JWT_SECRET: jwt-secret-staging:latest",
            "JWT_SECRET=${JWT_SECRET}",
            "password = var.password",
            "HOST=localhost",
            "timeout: 30",
            "gcloud run deploy --set-secrets=JWT=jwt-key:latest,DB=db-key:3 --image x",
            "gcloud secrets versions access latest --secret=jwt-key",
            "  secret_id = \"jwt-key-staging\"",
            "    secrets: [jwt-key, db_key]",
            "    secrets: inherit",
            "echo $TOKEN | docker login --password-stdin && gcloud run deploy",
            "SECRET_MAPPINGS=\"JWT=jwt-key:latest\"",
            "curl -H \"Authorization: Bearer $TOKEN\" https://x",
            "curl -H \"Authorization: Bearer ${TOKEN}\" https://x",
            "mysql -p$PASSWORD",
            "kubectl create configmap n --from-literal=a=b",
            "vault kv put secret/x a=@file b=$VALUE",
            "gh secret set NAME --env production < file",
            "PWD=/home/me",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn words_of_commands_show_all_but_their_secrets() {
        let shown = |line: &str| words(&line.split(' ').collect::<Vec<_>>()).join(" ");
        for (line, wanted) in [
            ("./ship.sh --password CANARY --image x", "./ship.sh --password <redacted> --image x"),
            ("./ship.sh --token=CANARY x", "./ship.sh --token=<redacted> x"),
            ("x postgres://u:CANARY@h/db", "x postgres://u:<redacted>@h/db"),
            ("x -p CANARY", "x -p <redacted>"),
            ("x -p 8080:80", "x -p 8080:80"),
            ("sshpass -p CANARY ssh", "sshpass -p <redacted> ssh"),
            ("mysql -uroot -pCANARY", "mysql -uroot -p<redacted>"),
            ("curl -H Authorization: Bearer CANARY", "curl -H Authorization: Bearer <redacted>"),
            (
                "gcloud deploy --set-secrets=<secrets> --image=<image>",
                "gcloud deploy --set-secrets=<secrets> --image=<image>",
            ),
            ("gcloud describe latest --secret=jwt-key", "gcloud describe latest --secret=jwt-key"),
        ] {
            assert_eq!(shown(line), wanted);
        }
        assert_eq!(
            words(&["curl", "-H", "Authorization: Bearer CANARY"])[2],
            "Authorization: Bearer <redacted>"
        );
        assert_eq!(words(&["x", "--password", "two CANARY words"])[2], REDACTED);
    }

    #[test]
    fn a_value_shows_all_but_its_secret() {
        assert_eq!(
            value("DATABASE_URL", "postgres://u:CANARY@localhost/db"),
            "postgres://u:<redacted>@localhost/db"
        );
        assert_eq!(value("JWT_SECRET", "CANARY"), REDACTED);
        assert_eq!(value("HOST", "localhost"), "localhost");
        assert_eq!(value("HOST", "databaseAPI_KEY=CANARY"), "databaseAPI_KEY=<redacted>");
        assert_eq!(sentence("it is API_KEY=CANARY"), "it is API_KEY=<redacted>");
    }

    #[test]
    fn a_sentence_goes_on_behind_a_secret() {
        for (text, wanted) in [
            ("given `API_KEY=CANARY` beside its options", "given `API_KEY=<redacted>` beside its options"),
            ("`API_KEY=CANARY`, `DB_PASSWORD=CANARY`.", "`API_KEY=<redacted>`, `DB_PASSWORD=<redacted>`."),
            ("given `API_KEY=CAN`ARY` beside", "given `API_KEY=<redacted>` beside"),
            (
                "Write `[\"sh\", \"-c\", \"API_KEY=CANARY …\"]`",
                "Write `[\"sh\", \"-c\", \"API_KEY=<redacted>`",
            ),
            ("not in `a`: API_KEY=CANARY and CANARY", "not in `a`: API_KEY=<redacted>"),
        ] {
            assert_eq!(sentence(text), wanted);
        }
    }
}
