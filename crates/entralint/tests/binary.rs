//! The binary starts, and says who it is.

use std::process::Command;

#[test]
fn the_version_is_the_packages() {
    let output = Command::new(env!("CARGO_BIN_EXE_entralint"))
        .arg("--version")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!("entralint {}\n", env!("CARGO_PKG_VERSION"))
    );
}
