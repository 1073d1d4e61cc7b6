//! The rules of entralint: which calls belong to which app, what follows from them, policy and reports.
