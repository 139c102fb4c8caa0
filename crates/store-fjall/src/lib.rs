//! The embedded store: a log-structured tree in one directory, synced before every acknowledgement.
