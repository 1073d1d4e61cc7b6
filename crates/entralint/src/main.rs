//! The `entralint` binary.

fn main() -> std::process::ExitCode {
    entralint::run()
}
