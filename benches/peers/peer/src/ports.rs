//! Free ports.

use std::{io, net::TcpListener};

/// As many different ports of the loopback interface as asked for, free at this moment.
///
/// # Errors
/// When the system has none left.
pub fn free<const N: usize>() -> io::Result<[u16; N]> {
    // All are held until the last is found, so that no two are the same.
    let mut listeners = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
