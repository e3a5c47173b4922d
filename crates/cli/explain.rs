//! `shipworthy explain`.

use lint::Registry;

use crate::args::ExplainArgs;
use crate::{output, root};

pub(crate) fn run(args: &ExplainArgs) -> Result<u8, String> {
    let registry = Registry::for_tree(&root::open(None)?.tree);
    for problem in registry.problems() {
        output::complain(&format!("{}:{}: {}", problem.path, problem.line, problem.message));
    }
    if let Some(text) = lint::gate::explanation(&args.id) {
        return output::print(text.as_bytes()).map(|()| 0);
    }
    let Some(rule) = registry.get(&args.id) else {
        let hint = lint::did_you_mean(&args.id, registry.ids());
        return Err(format!("there is no rule named `{}`.{hint}", args.id));
    };
    let head = &rule.head;
    let ignorable = if head.ignorable { "can be allowed" } else { "cannot be allowed" };
    let facts = format!("{} · severity: {} · fix: {} · {ignorable}", head.id, head.severity, head.fix.name());
    let body = rule.body();
    let (shown, left) = if args.examples { (body.to_owned(), 0) } else { with_first_examples(body) };
    let more = match left {
        0 => String::new(),
        1 => format!("\n1 more example: shipworthy explain {} --examples\n", head.id),
        _ => format!("\n{left} more examples: shipworthy explain {} --examples\n", head.id),
    };
    output::print(format!("# {}\n\n{facts}\n\n{}\n{more}", head.title, shown.trim_end()).as_bytes())?;
    Ok(0)
}

/// The text of a rule with the first example below each heading, and how many it leaves out.
fn with_first_examples(body: &str) -> (String, usize) {
    let (mut shown, mut left) = (String::new(), 0);
    let (mut below_heading, mut in_code) = (0, false);
    for line in body.split_inclusive('\n') {
        in_code ^= line.starts_with("```");
        if !in_code && line.starts_with("## ") {
            below_heading = 0;
        } else if !in_code && line.starts_with("### ") {
            below_heading += 1;
            left += usize::from(below_heading > 1);
        }
        if below_heading < 2 {
            shown.push_str(line);
        }
    }
    (shown, left)
}

#[cfg(test)]
mod tests {
    use super::with_first_examples;

    #[test]
    fn the_first_example_below_each_heading_is_shown() {
        let body = "## Why\n\nText\n\n## Fails\n\n### One\n\n```sh\n### no heading\n## none\n```\n\n### Two\n\nx\n\n## Passes\n\n### Three\n\ny\n";
        let (shown, left) = with_first_examples(body);
        assert_eq!(left, 1);
        assert_eq!(shown, body.replace("### Two\n\nx\n\n", ""));
    }
}
