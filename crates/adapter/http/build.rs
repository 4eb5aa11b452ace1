//! A release holds the built pages inside, so it is built again when they change; a debug build reads them when they are asked for.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed=../../../web/dist");
    }
}
