use super::decisions;
use crate::decision::{Statement, StatementKind};
use proptest::prelude::*;

fn statements(text: &str) -> Vec<Statement> {
    decisions(text).unwrap().body
}

/// The statements that were not understood, as written.
fn opaque<'t>(statements: &[Statement], text: &'t str) -> Vec<&'t str> {
    let opaque = statements.iter().filter(|statement| matches!(statement.kind, StatementKind::Opaque(_)));
    opaque.map(|statement| statement.span.of(text)).collect()
}

#[test]
fn ordinary_modules_are_understood() {
    let text = r#"
import path, { join as glue, type Stats } from "node:path";
import type { Config } from "./config";
export const isProd: boolean = process.env.NODE_ENV === "production";
const { K_SERVICE, APP_ENV: env = "dev" } = process.env;
export function current(name?: string, ...rest: string[]): "a" | "b" {
  if (!name) return (env as string) ?? "x";
  for (const word of ["a", `b-${name}`]) { if (/^a+$/i.test(word)) return word; }
  switch (name) { case "p": case "prod": return "production"; default: throw new Error(`no ${name}`) }
}
export default class Settings<T> extends Base<T> implements Other {
  private readonly value: Map<string, number> = new Map();
  static of(x: string): Settings<string> { return new Settings(x) }
  get environment() { return process.env["ENVIRONMENT"]?.toLowerCase() || "dev"; }
}
const guess = async (x: number = 1): Promise<void> => { await load<string>(x!) };
export enum Kind { A = "a", B = "b" }
type Shape = { a: string } | null;
interface Thing { a: string; b(): void }
module.exports = { current, alias: current };
"#;
    let body = statements(text);
    assert_eq!(opaque(&body, text), [] as [&str; 0]);
}

#[test]
fn what_is_not_understood_costs_itself_alone() {
    let text = "const a = <div>don't</div>;\nconst b = process.env.B;\nlet c = ][;\nexport const d = 1;\n";
    let body = statements(text);
    let named = |name: &str| {
        body.iter().any(|statement| match &statement.kind {
            StatementKind::Declare { target, .. } => target.dotted().as_deref() == Some(name),
            _ => false,
        })
    };
    assert!(named("b") && named("d"), "{body:#?}");
    assert_eq!(opaque(&body, text).len(), 2);
}

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read(text in "[ -~\\n`${}()\u{e9}]{0,200}") {
        for statement in statements(&text) {
            prop_assert!(text.get(statement.span.start..statement.span.end).is_some());
        }
    }
}
