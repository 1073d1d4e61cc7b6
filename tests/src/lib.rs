//! What the end-to-end tests share: the binaries, a scrubbed environment, fixture folders.
