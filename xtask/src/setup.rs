//! What a machine must have: Debian packages, node modules, the web build.
//!
//! Everything is looked for before it is installed, so a second run does nothing. Where this task may not install,
//! it stops with one sentence that says what to install.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::{place, step};

/// The oldest Node that the web tools run on.
const NODE_MIN: (u32, u32) = (20, 19);

/// A program or file that must be there, and the Debian packages that bring it.
struct Need {
    what: &'static str,
    found: fn() -> bool,
    packages: &'static [&'static str],
}

/// What the Rust crates need to build: the crypto library and SQLite are C.
const BUILD: &[Need] = &[Need {
    what: "a C compiler",
    found: || place::program(&["cc"]).is_some() && Path::new("/usr/include/stdlib.h").exists(),
    packages: &["gcc", "libc6-dev"],
}];

/// What the tests need beside that.
const TESTS: &[Need] = &[
    Need { what: "git", found: || place::program(&["git"]).is_some(), packages: &["git"] },
    Need { what: "Chromium", found: || chromium().is_some(), packages: &["chromium"] },
    Need { what: "Firefox", found: || firefox().is_some(), packages: &["firefox-esr"] },
    Need {
        what: "a font with Chinese characters",
        found: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
        packages: &["fonts-noto-cjk"],
    },
    // For PyAV, which a test installs beside the build.
    Need { what: "Python with venv", found: venv, packages: &["python3-venv"] },
];

/// How much of the setup a task needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Enough to build and run the server with its pages.
    Product,
    /// Browsers as well, and git, which knows what is committed.
    Tests,
}

/// The Chromium that the browser tests start.
pub(crate) fn chromium() -> Option<PathBuf> {
    chosen("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// The Firefox that the browser tests start.
pub(crate) fn firefox() -> Option<PathBuf> {
    chosen("FIREFOX", &["firefox-esr", "firefox"])
}

/// Debian's Python comes without what `python3 -m venv` needs.
fn venv() -> bool {
    let python = place::program(&["python3"]).map(Command::new);
    python.is_some_and(|mut python| {
        python.args(["-c", "import ensurepip"]).output().is_ok_and(|out| out.status.success())
    })
}

fn chosen(variable: &str, names: &[&str]) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).or_else(|| place::program(names))
}

/// `cargo xtask setup`.
pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::UnknownOption { task: "setup", word: word.clone() });
    }
    machine(Extent::Tests)?;
    web()
}

/// Installs the Debian packages that are missing.
pub(crate) fn machine(extent: Extent) -> Result<(), Failure> {
    let needs = if extent == Extent::Tests { TESTS } else { &[] };
    let missing: Vec<&Need> = BUILD.iter().chain(needs).filter(|need| !(need.found)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing.iter().map(|need| need.what).collect::<Vec<_>>().join(", ");
    let packages: BTreeSet<&str> = missing.iter().flat_map(|need| need.packages.iter().copied()).collect();
    let packages: Vec<&str> = packages.into_iter().collect();
    let list = packages.join(" ");
    if !is_root() || place::program(&["apt-get"]).is_none() {
        return Err(Failure::Missing {
            what,
            how: format!("install it (on Debian: `apt-get install {list}` as root)"),
        });
    }
    step::say(&format!("installing {what} (Debian packages {list}); this may take some minutes"));
    step::run_quietly("`apt-get update`", apt().arg("update"))?;
    step::run_quietly(
        "`apt-get install`",
        apt().args(["install", "--yes", "--no-install-recommends"]).args(packages),
    )
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
    apt
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Installs the node modules and builds the pages, each only when something that goes into it has changed.
pub(crate) fn web() -> Result<(), Failure> {
    modules()?;
    let dir = place::web();
    let inputs = [dir.clone(), place::root().join("i18n")];
    let stamp = Stamp::new("web-dist", &inputs, &["node_modules", "dist", "test-results", "e2e"])?;
    if stamp.is_current() && dir.join("dist").is_dir() {
        return Ok(());
    }
    step::say("building the pages (npm run build)");
    step::run_quietly("`npm run build`", npm().args(["run", "--silent", "build"]))?;
    stamp.write()
}

/// Installs the node modules that the lock file names.
pub(crate) fn modules() -> Result<(), Failure> {
    let dir = place::web();
    node()?;
    let inputs = [dir.join("package.json"), dir.join("package-lock.json"), dir.join(".npmrc")];
    let stamp = Stamp::new("web-modules", &inputs, &[])?;
    if stamp.is_current() && dir.join("node_modules").is_dir() {
        return Ok(());
    }
    step::say("installing the node modules (npm ci --ignore-scripts)");
    step::run_quietly("`npm ci`", npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    stamp.write()
}

/// npm in the web folder, without colours and without a word about new versions of itself.
pub(crate) fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(place::web()).env("npm_config_update_notifier", "false");
    npm
}

fn node() -> Result<(), Failure> {
    let how = || format!("install Node.js {}.{} or newer with npm", NODE_MIN.0, NODE_MIN.1);
    let missing = || Failure::Missing { what: "Node.js with npm".into(), how: how() };
    if place::program(&["npm"]).is_none() {
        return Err(missing());
    }
    let output = Command::new("node").arg("--version").output().map_err(|_| missing())?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if node_is_new_enough(&version) {
        return Ok(());
    }
    Err(Failure::Missing { what: format!("a newer Node.js than {version}"), how: how() })
}

fn node_is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else { return false };
    (major, minor) >= NODE_MIN
}

/// A note in the target folder of what something was last made from.
struct Stamp {
    path: PathBuf,
    hash: String,
}

impl Stamp {
    fn new(name: &str, inputs: &[PathBuf], without: &[&str]) -> Result<Self, Failure> {
        let path = place::target()?.join("xtask").join(name);
        Ok(Self { path, hash: place::hash(inputs, without)? })
    }

    fn is_current(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|hash| hash == self.hash)
    }

    fn write(&self) -> Result<(), Failure> {
        place::write(&self.path, &self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_unreadable_node_is_refused() {
        assert!(node_is_new_enough("v20.19.0"));
        assert!(node_is_new_enough("v22.1.0"));
        assert!(!node_is_new_enough("v20.18.9"));
        assert!(!node_is_new_enough("v18.20.1"));
        assert!(!node_is_new_enough(""));
    }
}
