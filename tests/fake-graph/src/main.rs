//! fake-graph.
fn main() {}
