use super::read;

fn fields(text: &str) -> Vec<String> {
    let tree = read(text);
    tree.env_reads
        .iter()
        .map(|read| {
            let default =
                read.default.as_ref().map(|default| format!("={}", default.text)).unwrap_or_default();
            format!("{}{}{default}", read.name.value, if read.required { "!" } else { "" })
        })
        .collect()
}

#[test]
fn fields_are_variables_in_upper_case() {
    let text = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    api_key: str\n    port: int = 8000\n    url: str | None = None\n    maybe: Optional[str]\n    _private: str\n    shared: ClassVar[str] = 'x'\n    def method(self): ...\n";
    assert_eq!(fields(text), ["API_KEY!", "PORT=8000", "URL=None", "MAYBE!"]);
    assert_eq!(read(text).env_reads[0].name.span.of(text), "api_key");
    assert_eq!(read(text).env_reads[0].via, "Settings");
}

#[test]
fn optional_is_enough_in_pydantic_1() {
    let text = "from pydantic import BaseSettings\nclass S(BaseSettings):\n    a: Optional[str]\n    b: str\n    class Config:\n        env_prefix = 'app_'\n";
    assert_eq!(fields(text), ["APP_A", "APP_B!"]);
}

#[test]
fn prefixes_and_case() {
    let text = "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n    key: str\n    model_config = SettingsConfigDict(env_prefix='APP_', case_sensitive=True)\nclass T(S):\n    other: str\nclass U(BaseSettings, env_prefix='u_'):\n    third: str\nclass V(BaseSettings):\n    model_config = {'env_prefix': 'V_'}\n    fourth: str\n";
    assert_eq!(fields(text), ["APP_key!", "APP_other!", "U_THIRD!", "V_FOURTH!"]);
}

#[test]
fn aliases_replace_prefix_and_name() {
    let text = "from pydantic_settings import BaseSettings\nfrom pydantic import Field, AliasChoices\nclass S(BaseSettings, env_prefix='X_'):\n    a: str = Field(alias='FIRST')\n    b: str = Field('d', validation_alias='second')\n    c: str = Field(..., env='THIRD')\n    d: str = Field(validation_alias=AliasChoices('E1', 'E2'))\n    e: list = Field(default_factory=list)\n    f: str = Field(..., description='x')\n    g: str = Field(default=None, env=['G1', 'G2'])\n";
    assert_eq!(
        fields(text),
        ["FIRST!", "SECOND=d", "THIRD!", "E1", "E2", "X_E=", "X_F!", "G1=None", "G2=None"]
    );
}

#[test]
fn other_models_read_no_environment() {
    assert_eq!(
        fields("from pydantic import BaseModel\nclass M(BaseModel):\n    api_key: str\n"),
        Vec::<String>::new()
    );
}

#[test]
fn the_env_file_is_opened() {
    let text = "from pydantic_settings import BaseSettings, SettingsConfigDict\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_file=('.env', '.env.local'))\n";
    let paths: Vec<_> = read(text).opened.into_iter().map(|file| file.path).collect();
    assert_eq!(paths, [".env", ".env.local"]);
}
