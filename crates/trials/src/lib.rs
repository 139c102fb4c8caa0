//! Trials of the real files and the real server.
