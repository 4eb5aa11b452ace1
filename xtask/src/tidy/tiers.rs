//! Arrows between crates point down only, and some outside crates have one place.

use serde_json::Value;

use super::Violation;
use crate::place;

/// Outside crates that core may use: stored events are serde's, errors thiserror's.
const CORE_OUTSIDE: &[&str] = &["serde", "thiserror"];
/// Crates from outside that have one place, and the crates of ours that are it.
const PLACES: &[(&str, &[&str])] = &[
    // The media stack has a server's side and a client's side, and no third one.
    ("str0m", &["onehall-media-net", "onehall-bots"]),
    // Errors are told apart everywhere but where they are only shown.
    ("anyhow", &["onehall", "onehall-demo"]),
];

/// Where a crate stands, by its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    Base,
    Core,
    Wire,
    Service,
    Screen,
    Adapter,
    Sys,
    Bots,
    Demo,
    Testing,
    Fuzz,
    App,
    Xtask,
}

impl Tier {
    fn of(folder: &str) -> Option<Self> {
        match folder.trim_start_matches("crates/").split('/').next()? {
            "base" => Some(Self::Base),
            "core" => Some(Self::Core),
            "wire" => Some(Self::Wire),
            "service" => Some(Self::Service),
            "screen" => Some(Self::Screen),
            "adapter" => Some(Self::Adapter),
            "sys" => Some(Self::Sys),
            "bots" => Some(Self::Bots),
            "demo" => Some(Self::Demo),
            "testing" => Some(Self::Testing),
            "fuzz" => Some(Self::Fuzz),
            "app" => Some(Self::App),
            "xtask" => Some(Self::Xtask),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Core => "core",
            Self::Wire => "wire",
            Self::Service => "service",
            Self::Screen => "screen",
            Self::Adapter => "adapter",
            Self::Sys => "sys",
            Self::Bots => "bots",
            Self::Demo => "demo",
            Self::Testing => "testing",
            Self::Fuzz => "fuzz",
            Self::App => "app",
            Self::Xtask => "xtask",
        }
    }

    /// The tiers that a crate of this tier may use, beside tests.
    fn may_use(self) -> &'static [Tier] {
        match self {
            Self::Base | Self::Sys => &[],
            Self::Core => &[Self::Base, Self::Core],
            Self::Wire => &[Self::Base],
            Self::Service => &[Self::Base, Self::Core],
            Self::Screen => &[Self::Base, Self::Core, Self::Wire, Self::Service],
            Self::Adapter => &[Self::Base, Self::Core, Self::Wire, Self::Service, Self::Screen],
            Self::Bots => &[Self::Base, Self::Core, Self::Wire],
            Self::Demo | Self::Testing => &[
                Self::Base,
                Self::Core,
                Self::Wire,
                Self::Service,
                Self::Screen,
                Self::Adapter,
                Self::Bots,
                Self::Sys,
            ],
            Self::Fuzz => &[Self::Base, Self::Core, Self::Wire, Self::Service, Self::Screen, Self::Adapter],
            Self::App => {
                &[Self::Base, Self::Core, Self::Wire, Self::Service, Self::Screen, Self::Adapter, Self::Demo]
            }
            Self::Xtask => &[Self::Base, Self::Wire],
        }
    }
}

/// One line of a manifest's dependencies.
struct Arrow<'a> {
    from: &'a str,
    tier: Tier,
    to: &'a str,
    /// The tier of a crate of ours; none for one from outside.
    to_tier: Option<Tier>,
    dev: bool,
}

/// What the manifests of the workspace break. `metadata` is the answer of `cargo metadata --no-deps`.
pub(super) fn violations(metadata: &Value) -> Vec<Violation> {
    let root = text(metadata, "workspace_root").to_owned() + "/";
    let packages = list(metadata, "packages");
    let folder = |package: &Value| {
        let manifest = text(package, "manifest_path");
        manifest.strip_prefix(&root).unwrap_or(manifest).trim_end_matches("/Cargo.toml").to_owned()
    };
    let mut found = Vec::new();
    for package in packages {
        let folder_here = folder(package);
        let manifest = format!("{folder_here}/Cargo.toml");
        let Some(tier) = Tier::of(&folder_here) else {
            found.push(Violation::new(&manifest, 1, "a crate that belongs to no tier"));
            continue;
        };
        if tier != Tier::Sys
            && !place::read(&place::root().join(&manifest)).map_or(true, |text| follows_lints(&text))
        {
            found.push(Violation::new(
                &manifest,
                1,
                "does not take the lints of the workspace, allowed for sys alone",
            ));
        }
        for dependency in list(package, "dependencies") {
            let to = text(dependency, "name");
            let ours = packages.iter().find(|other| text(other, "name") == to);
            let arrow = Arrow {
                from: text(package, "name"),
                tier,
                to,
                to_tier: ours.and_then(|other| Tier::of(&folder(other))),
                dev: text(dependency, "kind") == "dev",
            };
            if let Some(what) = broken(&arrow) {
                let rename = text(dependency, "rename");
                let key = if rename.is_empty() { to } else { rename };
                found.push(Violation::new(&manifest, line_of(&manifest, key), what));
            }
        }
    }
    found
}

/// The rule that an arrow breaks.
fn broken(arrow: &Arrow<'_>) -> Option<String> {
    let Arrow { from, tier, to, to_tier, dev } = *arrow;
    if let Some((_, users)) = PLACES.iter().find(|(name, users)| *name == to && !users.contains(&from)) {
        return Some(format!("{from} names {to}, allowed for {} alone", users.join(" and ")));
    }
    if dev {
        // Tests may use what the crate may, and the simulator with its fixtures.
        let lower = to_tier.filter(|lower| *lower != Tier::Testing && !tier.may_use().contains(lower))?;
        return Some(format!("{from} uses {to} ({}) in its tests, allowed: testing and below", lower.name()));
    }
    match to_tier {
        Some(Tier::Testing) => Some(format!("{from} uses testing outside tests, which no crate may")),
        Some(Tier::Sys) if from == "onehall-media-net" => None,
        Some(lower) if !tier.may_use().contains(&lower) => {
            let allowed = tier.may_use().iter().map(|tier| tier.name()).collect::<Vec<_>>().join(", ");
            Some(format!("{from} ({}) uses {to} ({}), allowed: [{allowed}]", tier.name(), lower.name()))
        }
        None if tier == Tier::Core && !CORE_OUTSIDE.contains(&to) => {
            Some(format!("{from} uses {to} from outside, allowed in core: [{}]", CORE_OUTSIDE.join(", ")))
        }
        Some(_) | None => None,
    }
}

/// Whether a manifest takes the lints of the workspace, `unsafe_code = "forbid"` among them.
fn follows_lints(manifest: &str) -> bool {
    manifest.split_once("[lints]").is_some_and(|(_, rest)| rest.trim_start().starts_with("workspace = true"))
}

/// The line of a manifest that begins with `key`; the first line if there is none.
fn line_of(manifest: &str, key: &str) -> usize {
    let Ok(source) = place::read(&place::root().join(manifest)) else { return 1 };
    let begins = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.', '=']))
            || line.trim_end().ends_with(&format!("dependencies.{key}]"))
    };
    (1..).zip(source.lines()).find(|(_, line)| begins(line)).map_or(1, |(number, _)| number)
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace of every tier in which one crate has one dependency.
    fn check(from: &str, to: &str, kind: Option<&str>, broken: bool) {
        let folders = [
            ("onehall-base", "crates/base"),
            ("onehall-meeting", "crates/core/meeting"),
            ("onehall-media", "crates/core/media"),
            ("onehall-wire", "crates/wire"),
            ("onehall-service", "crates/service"),
            ("onehall-screen", "crates/screen"),
            ("onehall-http", "crates/adapter/http"),
            ("onehall-media-net", "crates/adapter/media-net"),
            ("onehall-sys", "crates/sys"),
            ("onehall-bots", "crates/bots"),
            ("onehall-demo", "crates/demo"),
            ("onehall-testing", "crates/testing"),
            ("onehall-fuzz", "crates/fuzz"),
            ("onehall", "crates/app"),
            ("xtask", "xtask"),
        ];
        assert!(folders.iter().any(|(name, _)| *name == from), "{from} is no crate");
        let packages: Vec<Value> = folders
            .iter()
            .map(|(name, folder)| {
                let dependency = json!({ "name": to, "kind": kind });
                let dependencies = if *name == from { vec![dependency] } else { Vec::new() };
                json!({ "name": name, "manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": dependencies })
            })
            .collect();
        let found = violations(&json!({ "workspace_root": "/w", "packages": packages }));
        assert_eq!(!found.is_empty(), broken, "{from} -> {to} ({kind:?}): {found:?}");
    }

    #[test]
    fn arrows_that_point_down_pass() {
        check("onehall", "onehall-http", None, false);
        check("onehall", "onehall-demo", None, false);
        check("onehall-demo", "onehall-bots", None, false);
        check("onehall-demo", "onehall-http", None, false);
        check("onehall-http", "onehall-service", None, false);
        check("onehall-http", "onehall-wire", None, false);
        check("onehall-http", "onehall-screen", None, false);
        check("onehall-screen", "onehall-service", None, false);
        check("onehall-screen", "onehall-wire", None, false);
        check("onehall-testing", "onehall-screen", None, false);
        check("onehall-service", "onehall-meeting", None, false);
        check("onehall-meeting", "onehall-media", None, false);
        check("onehall-wire", "onehall-base", None, false);
        check("onehall-media-net", "onehall-sys", None, false);
        check("xtask", "onehall-wire", None, false);
    }

    #[test]
    fn arrows_that_point_up_or_sideways_are_named() {
        check("onehall-base", "onehall-meeting", None, true);
        check("onehall-meeting", "onehall-service", None, true);
        check("onehall-meeting", "onehall-wire", None, true);
        check("onehall-service", "onehall-wire", None, true);
        check("onehall-service", "onehall-http", None, true);
        check("onehall-service", "onehall-screen", None, true);
        check("onehall-screen", "onehall-http", None, true);
        check("onehall-bots", "onehall-screen", None, true);
        check("onehall-http", "onehall-media-net", None, true);
        check("onehall-http", "onehall-sys", None, true);
        check("onehall", "onehall-bots", None, true);
        check("onehall-http", "onehall-demo", None, true);
        check("onehall-demo", "onehall", None, true);
        check("onehall-bots", "onehall-service", None, true);
        check("onehall-bots", "onehall-service", Some("build"), true);
        check("xtask", "onehall", None, true);
    }

    #[test]
    fn testing_is_for_tests_alone() {
        check("onehall-http", "onehall-testing", None, true);
        check("onehall", "onehall-testing", None, true);
        check("onehall-http", "onehall-testing", Some("dev"), false);
        check("onehall-meeting", "serde_json", Some("dev"), false);
    }

    #[test]
    fn tests_point_down_as_well() {
        check("onehall-http", "onehall-service", Some("dev"), false);
        check("onehall-service", "onehall-http", Some("dev"), true);
        check("onehall-http", "onehall-media-net", Some("dev"), true);
        check("onehall-testing", "onehall-fuzz", Some("dev"), true);
        check("onehall-http", "onehall", Some("dev"), true);
    }

    #[test]
    fn parsers_are_fuzzed_from_outside() {
        check("onehall-fuzz", "onehall-http", None, false);
        check("onehall-fuzz", "onehall-testing", None, true);
        check("onehall-http", "onehall-fuzz", None, true);
    }

    #[test]
    fn a_manifest_takes_the_lints_of_the_workspace() {
        assert!(follows_lints("[package]\n\n[lints]\nworkspace = true\n"));
        assert!(!follows_lints("[package]\n\n[lints.rust]\nunsafe_code = \"allow\"\n"));
        assert!(!follows_lints("[package]\n"));
    }

    #[test]
    fn core_takes_serde_and_thiserror_from_outside_and_nothing_else() {
        check("onehall-meeting", "serde", None, false);
        check("onehall-meeting", "thiserror", None, false);
        check("onehall-meeting", "tokio", None, true);
    }

    #[test]
    fn some_outside_crates_have_one_place() {
        check("onehall", "anyhow", None, false);
        check("onehall-http", "anyhow", None, true);
        check("onehall-media-net", "str0m", None, false);
        check("onehall-bots", "str0m", None, false);
        check("onehall-http", "str0m", None, true);
        check("onehall-testing", "str0m", Some("dev"), true);
    }
}
