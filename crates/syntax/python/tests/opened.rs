use super::read;
use crate::python::Base;

fn opened(text: &str) -> Vec<String> {
    read(text)
        .opened
        .iter()
        .map(|file| match file.base {
            Base::WorkingDirectory => file.path.clone(),
            Base::ModuleDirectory { up } => format!("@{up}/{}", file.path),
        })
        .collect()
}

#[test]
fn paths_of_the_working_directory() {
    let text = "from pathlib import Path\nopen('a.json')\nopen('./b.yaml', encoding='utf-8')\nopen('c', 'rb')\nPath('d.md').read_text()\nwith Path('e').joinpath('f').open() as f: pass\nJinja2Templates(directory='templates')\napp.mount('/static', StaticFiles(directory='static'))\nConfig('alembic.ini')\nload_dotenv('.env.staging')\nFileSystemLoader('t')\nNAME = 'g.txt'\nopen(NAME)\n";
    assert_eq!(
        opened(text),
        [
            "a.json",
            "b.yaml",
            "c",
            "d.md",
            "e/f",
            "templates",
            "static",
            "alembic.ini",
            ".env.staging",
            "t",
            "g.txt"
        ]
    );
    let tree = read(text);
    assert_eq!((tree.opened[0].span.of(text), tree.opened[0].line), ("a.json", 2));
}

#[test]
fn paths_beside_the_module() {
    let text = "import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\n(BASE / 'data' / 'x.json').read_text()\nopen(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'schema.sql'))\nopen(Path(__file__).parents[2] / 'y')\nopen(os.path.join(BASE, 'z'))\nopen(str(Path(__file__).with_name('w')))\n";
    assert_eq!(opened(text), ["@1/data/x.json", "@0/schema.sql", "@2/y", "@1/z"]);
}

#[test]
fn what_is_written_absolute_or_unknown_is_not_told() {
    let text = "open('out.txt', 'w')\nopen('log', mode='a')\nopen('/etc/passwd')\nopen(path)\nopen(f'{x}.json')\nimage.open('x.png')\nPath('d').write_text('x')\nConfig('app.main:app')\nopen('f', mode)\nurlopen('http://x')\n";
    assert_eq!(opened(text), Vec::<String>::new());
}
