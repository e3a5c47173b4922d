use super::read;
use crate::python::{CommandWords, DictEntry, Literal};

fn entries(text: &str) -> Vec<String> {
    read(text).dict_entries.iter().map(entry).collect()
}

fn entry(entry: &DictEntry) -> String {
    format!("{}: {}={}", entry.owner, entry.key.value, value(&entry.value.value))
}

fn value(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => format!("{}{}", text.value, if text.template { "*" } else { "" }),
        Literal::Number(number) => number.clone(),
        Literal::Bool(boolean) => boolean.to_string(),
        Literal::None => "None".to_owned(),
        Literal::Expression => "...".to_owned(),
    }
}

fn commands(text: &str) -> Vec<String> {
    read(text).commands.iter().map(command).collect()
}

/// `target += word ? word`, with `?` for a word that the text does not tell.
fn command(command: &CommandWords) -> String {
    let words: Vec<&str> = command
        .words
        .iter()
        .map(|word| word.as_ref().map_or("?", |word| word.value.value.as_str()))
        .collect();
    let sign = if command.continues { "+=" } else { "=" };
    format!("{}{sign}{}", command.target.as_deref().unwrap_or(""), words.join(" "))
}

#[test]
fn settings_in_dictionaries() {
    let text = "SERVICES = {'backend': {'env': {'ENVIRONMENT': 'production', 'PORT': 8080, 'name': 'x'}}}\ndeploy(env_vars={'DEBUG': True, 'URL': f'https://{host}', 'OFF': None})\nself.extra = {'LONG': 'a' 'b'}\nrun({'BARE': 'x'})\n";
    assert_eq!(
        entries(text),
        [
            "SERVICES.backend.env: ENVIRONMENT=production",
            "SERVICES.backend.env: PORT=8080",
            "env_vars: DEBUG=true",
            "env_vars: URL=https://{}*",
            "env_vars: OFF=None",
            "self.extra: LONG=ab",
            ": BARE=x",
        ]
    );
    let tree = read(text);
    let first = &tree.dict_entries[0];
    assert_eq!((first.key.span.of(text), first.value.span.of(text)), ("ENVIRONMENT", "production"));
    assert_eq!(first.line, 1);
}

#[test]
fn keys_that_are_no_variables_are_left_out() {
    assert_eq!(entries("x = {'KEY': compute(), **more, 'lower': 'x', 5: 'y', NAME: 'z'}\n"), ["x: KEY=..."]);
}

#[test]
fn stores_by_key() {
    let text = "import os\nos.environ['A_KEY'] = 'x'\nenv['B_KEY'] = 5\nservices['api']['C_KEY'] = 'y'\n";
    assert_eq!(entries(text), ["os.environ: A_KEY=x", "env: B_KEY=5", "services.api: C_KEY=y"]);
}

#[test]
fn escapes_are_resolved_and_spans_stay_on_the_source() {
    let text = "x = {'KEY': 'a\\n\\'b', 'RAW': r'\\d', 'LONG': '''q''', 'WIDE': 'ä€'}\n";
    let tree = read(text);
    let both: Vec<_> = tree
        .dict_entries
        .iter()
        .map(|entry| (value(&entry.value.value), entry.value.span.of(text)))
        .collect();
    assert_eq!(both[0], ("a\n'b".to_owned(), "a\\n\\'b"));
    assert_eq!(both[1], ("\\d".to_owned(), "\\d"));
    assert_eq!(both[2], ("q".to_owned(), "q"));
    assert_eq!(both[3], ("ä€".to_owned(), "ä€"));
}

#[test]
fn commands_and_what_is_added_to_them() {
    let text = "def deploy(self):\n    cmd = [\n        'gcloud', 'run', 'deploy', name,\n        '--memory', f'{size}Mi',\n    ]\n    if secrets:\n        cmd.extend(['--set-secrets', 'A=a:latest'])\n    cmd += ['--timeout', '900']\n    cmd.append('--quiet')\n    cmd.append(other)\n    subprocess.run(cmd, check=True)\n";
    assert_eq!(
        commands(text),
        [
            "cmd=gcloud run deploy ? --memory {}Mi",
            "cmd+=--set-secrets A=a:latest",
            "cmd+=--timeout 900",
            "cmd+=--quiet",
        ]
    );
    assert_eq!(read(text).commands[0].function.as_deref(), Some("deploy"));
    assert_eq!(read(text).commands[0].line, 2);
}

#[test]
fn commands_anywhere() {
    let text = "subprocess.run(['docker', 'build', '-f', path, '.'])\nreturn_ = f(['kubectl', 'apply', '-f', x])\nargs = ['--flag', value]\nrun_command(['mytool', 'go'])\nasyncio.create_subprocess_exec('gcloud', 'auth', token)\ncommand = ['/usr/bin/terraform', 'plan'] + extra\n";
    assert_eq!(
        commands(text),
        [
            "=docker build -f ? .",
            "=kubectl apply -f ?",
            "args=--flag ?",
            "=mytool go",
            "=gcloud auth ?",
            "command=/usr/bin/terraform plan",
        ]
    );
}

#[test]
fn other_lists_are_no_commands() {
    let text = "ENVIRONMENTS = ['staging', 'production']\nTOOLS = ['docker', 'git']\nx = ('a', 'b')\nnames.append('x')\nnames.extend(['y'])\nprint(['a', 'b'])\nrun_id = ['r1']\ncall_order.append('x')\noutput += ['y']\ncursor.execute('SELECT 1')\n";
    assert_eq!(commands(text), Vec::<String>::new());
    assert_eq!(read(text).shell_texts, []);
}

#[test]
fn a_program_that_is_no_literal_keeps_its_name() {
    let tree = read("subprocess.run([self.gcloud_cmd, 'run', 'deploy', name])\n");
    assert_eq!(tree.commands[0].head.as_deref(), Some("self.gcloud_cmd"));
    assert_eq!(tree.commands[0].words[0], None);
}

#[test]
fn texts_for_a_shell() {
    let text = "import os, subprocess\nos.system('docker build -t x .')\nsubprocess.run(f'gcloud run deploy {name}', shell=True)\nself.run_command('terraform plan')\nprint('docker build .')\nsubprocess.run('single')\n";
    let found: Vec<_> = read(text)
        .shell_texts
        .iter()
        .map(|text| (text.text.value.value.clone(), text.callee.clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("docker build -t x .".to_owned(), "os.system".to_owned()),
            ("gcloud run deploy {}".to_owned(), "subprocess.run".to_owned()),
            ("terraform plan".to_owned(), "self.run_command".to_owned()),
        ]
    );
}

#[test]
fn keyword_literals() {
    let text = "ServiceConfig(name='backend', dockerfile='a.Dockerfile' if local else 'b.Dockerfile', cpu=2, tag=tag, debug=False)\n";
    let tree = read(text);
    let found: Vec<_> = tree
        .keyword_literals
        .iter()
        .map(|literal| {
            let values: Vec<_> = literal.values.iter().map(|found| value(&found.value)).collect();
            format!("{}.{}={}", literal.callee, literal.name.value, values.join("|"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "ServiceConfig.name=backend",
            "ServiceConfig.dockerfile=a.Dockerfile|b.Dockerfile",
            "ServiceConfig.cpu=2",
            "ServiceConfig.debug=false",
        ]
    );
    assert_eq!(tree.keyword_literals[1].values[1].span.of(text), "b.Dockerfile");
    assert_eq!(tree.keyword_literals[1].name.span.of(text), "dockerfile");
}

#[test]
fn pairs_in_lists_and_values_that_are_expressions() {
    let module = read(
        r#"
env_vars = ["A_B=1"]
env_vars.append(f"C_D={host}")
settings = {"E_F": load()}
names.append("no pair")
"#,
    );
    let entries: Vec<_> =
        module.dict_entries.iter().map(|entry| (entry.key.value.as_str(), entry.owner.as_str())).collect();
    assert_eq!(entries, [("A_B", "env_vars"), ("C_D", "env_vars"), ("E_F", "settings")]);
    let last = module.dict_entries.last().map(|entry| entry.value.value.clone());
    assert_eq!(last, Some(Literal::Expression));
}
