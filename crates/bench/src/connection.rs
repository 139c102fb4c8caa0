//! One HTTP/1.1 connection, as lean as it can be: the load generator shares the processor with
//! what it measures.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where the length of a body is told. The server writes names in lower case.
const LENGTH: &[u8] = b"content-length: ";

pub(crate) struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let buffer = Vec::with_capacity(8 << 10);
        Ok(Connection { stream, out: Vec::with_capacity(4 << 10), buffer })
    }

    /// Posts an envelope and waits for the answer, which must be a 200; gives its body.
    pub(crate) async fn post(&mut self, body: &str) -> io::Result<&[u8]> {
        self.out.clear();
        self.out.extend_from_slice(b"POST / HTTP/1.1\r\nhost: b\r\ncontent-length: ");
        self.out.extend_from_slice(body.len().to_string().as_bytes());
        self.out.extend_from_slice(b"\r\n\r\n");
        self.out.extend_from_slice(body.as_bytes());
        self.exchange().await
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<&[u8]> {
        self.out.clear();
        self.out.extend_from_slice(format!("GET {path} HTTP/1.1\r\nhost: b\r\n\r\n").as_bytes());
        self.exchange().await
    }

    async fn exchange(&mut self) -> io::Result<&[u8]> {
        self.stream.write_all(&self.out).await?;
        self.buffer.clear();
        let (mut body, mut end) = (0, usize::MAX);
        while self.buffer.len() < end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            if body == 0
                && let Some(head) = find(&self.buffer, b"\r\n\r\n")
            {
                body = head + 4;
                end = body + length(&self.buffer[..head])?;
            }
        }
        if !self.buffer.starts_with(b"HTTP/1.1 200") {
            let text = String::from_utf8_lossy(&self.buffer).into_owned();
            return Err(io::Error::other(text));
        }
        Ok(&self.buffer[body..end])
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn length(head: &[u8]) -> io::Result<usize> {
    let start = find(head, LENGTH).ok_or_else(|| io::Error::other("no length"))? + LENGTH.len();
    let digits = head[start..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')))
}
