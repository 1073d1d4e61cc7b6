//! What constant strings give, language by language.

use source_lex::{Code, Language};

/// The values of the first argument of `call`.
fn values(text: &str, language: Language) -> Vec<String> {
    let code = Code::new(text, language);
    let call = (0..code.len())
        .rev()
        .find(|&at| code.text(at) == "call" && code.is(at + 1, "("))
        .expect("the text calls");
    let argument = code.arguments(call + 1).remove(0);
    code.fold(argument)
        .iter()
        .map(ToString::to_string)
        .collect()
}

macro_rules! folds {
    ($($name:ident: $language:ident, $text:expr => [$($value:expr),*];)*) => {
        $(#[test] fn $name() {
            assert_eq!(values($text, Language::$language), [$($value),*]);
        })*
    };
}

folds! {
    csharp_interpolation: CSharp, "const string Base = \"https://h/v1.0\"; void F(string id) { call($\"{Base}/users/{id}\"); }"
        => ["https://h/v1.0/users/{id}"];
    csharp_format: CSharp, "void F() { call(string.Format(\"{0}/users/{1}\", \"https://h\", id)); }" => ["https://h/users/{id}"];
    csharp_verbatim: CSharp, "call(@\"https://h/\" + id);" => ["https://h/{id}"];
    csharp_switch: CSharp, "void F() { string url; if (a) { url = \"/a\"; } else { url = \"/b\"; } call(url); }" => ["/b", "/a"];
    csharp_property: CSharp, "class C { string Base => \"https://h\"; void F() { call(Base + \"/me\"); } }" => ["{Base}/me"];
    javascript_template: JavaScript, "const base = 'https://h'; function f(id) { call(`${base}/users/${id}/x`); }" => ["https://h/users/{id}/x"];
    javascript_ternary: JavaScript, "call(a ? '/me' : `/users/${id}`)" => ["/me", "/users/{id}"];
    javascript_object: JavaScript, "const cfg = { graph: 'https://h/v1.0', other: 'x' };\ncall(cfg.graph + '/me')" => ["https://h/v1.0/me"];
    javascript_function: JavaScript, "const url = (id) => `https://h/users/${id}`;\ncall(url(user.id))" => ["https://h/users/{id}"];
    javascript_append: JavaScript, "let u = 'https://h'; u += '/me'; call(u)" => ["https://h/me"];
    javascript_env: JavaScript, "const b = process.env.B || 'https://h'; call(`${b}/me`)" => ["{B}/me", "https://h/me"];
    python_fstring: Python, "BASE = 'https://h'\ndef f(x):\n    url = f\"{BASE}/users/{x}\"\n    call(url)\n" => ["https://h/users/{x}"];
    python_percent: Python, "call('%s/users/%s' % (BASE, x))" => ["{BASE}/users/{x}"];
    python_format: Python, "call('{}/users/{name}'.format('https://h', name=y))" => ["https://h/users/{y}"];
    python_adjacent: Python, "call('https://h'\n  '/me')" => ["https://h/me"];
    python_self: Python, "class C:\n    def __init__(self):\n        self.base = 'https://h'\n    def f(self):\n        call(self.base + '/me')\n" => ["https://h/me"];
    python_urljoin: Python, "call(urljoin('https://h/v1.0/', 'me'))" => ["https://h/v1.0/me"];
    python_getenv: Python, "B = os.getenv('B', 'https://h')\ncall(f'{B}/me')" => ["https://h/me"];
    go_sprintf: Go, "const base = \"https://h\"\nfunc f(id string) {\n\turl := fmt.Sprintf(\"%s/users/%s\", base, id)\n\tcall(url)\n}\n" => ["https://h/users/{id}"];
    go_raw: Go, "func f() { call(`/me`) }" => ["/me"];
    java_concat: Java, "class A { static final String B = \"https://h\"; void f(String id) { call(B + \"/users/\" + id); } }" => ["https://h/users/{id}"];
    java_format: Java, "void f() { call(String.format(\"%s/users/%s\", \"https://h\", id)); }" => ["https://h/users/{id}"];
    kotlin_template: Kotlin, "val b = \"https://h\"\nfun f(id: String) { call(\"$b/users/${id}\") }" => ["https://h/users/{id}"];
    php_concat: Php, "<?php $b = 'https://h'; call($b . '/users/' . $id);" => ["https://h/users/{id}"];
    php_interpolation: Php, "<?php call(\"https://h/users/{$user->id}/x/$y\");" => ["https://h/users/{id}/x/{y}"];
    php_sprintf: Php, "<?php call(sprintf('%s/users/%s', 'https://h', $id));" => ["https://h/users/{id}"];
    rust_format: Rust, "const B: &str = \"https://h\"; fn f() { call(format!(\"{}/users/{id}\", B)) }" => ["https://h/users/{id}"];
    rust_reference: Rust, "fn f() { let url = format!(\"/users/{}\", id); call(&url); }" => ["/users/{id}"];
    powershell_format: PowerShell, "$b = 'https://h'\ncall((\"{0}/users/{1}\" -f $b, $id))" => ["https://h/users/{id}"];
    powershell_subexpression: PowerShell, "$b = 'https://h'\ncall(\"$b/users/$($user.Id)\")" => ["https://h/users/{Id}"];
    powershell_plus: PowerShell, "$Script:Base = 'https://h'\nfunction f { $u = $script:base + '/me'\ncall($u) }" => ["https://h/me"];
}

#[test]
fn words_of_a_shell_join_their_pieces() {
    let code = Code::new("B=https://h\ncurl $B/users/\"$ID\"'/x'", Language::Shell);
    let at = (0..code.len())
        .find(|&at| code.text(at) == "curl")
        .expect("the text has the word")
        + 1;
    let value = code.fold_word(at..code.word_end(at)).remove(0);
    assert_eq!(value.to_string(), "https://h/users/{ID}/x");
}
