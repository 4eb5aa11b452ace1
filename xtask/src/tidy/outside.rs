//! Every crate and npm package from outside has its reason in `docs/adr`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Violation;
use super::tiers::{list, text};

/// What the manifests name without a reason. `files` are the committed files with their paths.
pub(super) fn violations(metadata: &Value, files: &[(String, String)]) -> Vec<Violation> {
    let reasons: String = files
        .iter()
        .filter(|(path, _)| path.starts_with("docs/adr/"))
        .map(|(_, source)| source.as_str())
        .collect();
    let has_reason = |name: &str| reasons.contains(&format!("`{name}`"));
    let mut found = BTreeSet::new();
    let packages = list(metadata, "packages");
    let ours: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    for dependency in packages.iter().flat_map(|package| list(package, "dependencies")) {
        let name = text(dependency, "name");
        if !ours.contains(name) && !has_reason(name) {
            found.insert(Violation::new("Cargo.toml", 1, format!("crate {name} has no reason in docs/adr")));
        }
    }
    let manifest = "web/package.json";
    let Some((_, source)) = files.iter().find(|(path, _)| path == manifest) else {
        return Vec::from_iter(found);
    };
    let web: Value = serde_json::from_str(source).unwrap_or_default();
    for kind in ["dependencies", "devDependencies"] {
        for name in web.get(kind).and_then(Value::as_object).into_iter().flat_map(|names| names.keys()) {
            if !has_reason(name) {
                let line =
                    source.lines().position(|line| line.contains(&format!("\"{name}\""))).unwrap_or(0) + 1;
                found.insert(Violation::new(
                    manifest,
                    line,
                    format!("package {name} has no reason in docs/adr"),
                ));
            }
        }
    }
    Vec::from_iter(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_crate_or_package_without_a_reason_is_named() {
        let dependencies = json!([{ "name": "serde" }, { "name": "leftpad" }, { "name": "onehall-base" }]);
        let package = json!({ "name": "onehall-base", "dependencies": dependencies });
        let web = "{\n  \"dependencies\": {\n    \"svelte\": \"5\",\n    \"jquery\": \"3\"\n  }\n}\n";
        let files = [
            ("docs/adr/0001-outside.md".to_owned(), "`serde` and `svelte`".to_owned()),
            ("web/package.json".to_owned(), web.to_owned()),
        ];
        let found: Vec<String> =
            violations(&json!({ "packages": [package] }), &files).iter().map(ToString::to_string).collect();
        let expected = [
            "Cargo.toml:1: crate leftpad has no reason in docs/adr",
            "web/package.json:4: package jquery has no reason in docs/adr",
        ];
        assert_eq!(found, expected);
    }
}
