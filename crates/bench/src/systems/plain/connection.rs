//! One HTTP/1.1 connection, as lean as it can be: the load generator shares the processor with
//! what it measures.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where the length of a body is told.
const LENGTH: &[u8] = b"content-length:";

/// What follows the path of a request, as far as the length of its body.
const HEAD: &[u8] = b" HTTP/1.1\r\nhost: b\r\ncontent-type: application/json\r\ncontent-length: ";

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

    /// Posts an envelope and waits for the answer, which must be a 200.
    pub(crate) async fn post(&mut self, body: &str) -> io::Result<()> {
        match self.ask(body).await? {
            200 => Ok(()),
            _ => Err(io::Error::other(String::from_utf8_lossy(&self.buffer).into_owned())),
        }
    }

    /// Posts an envelope and waits for the answer; gives its status.
    pub(crate) async fn ask(&mut self, body: &str) -> io::Result<u16> {
        self.send("/", body).await
    }

    /// Posts many envelopes at once, to a server of Abide's.
    pub(crate) async fn batch(&mut self, bodies: &[String]) -> io::Result<()> {
        match self.send("/batch", &format!("[{}]", bodies.join(","))).await? {
            200 => Ok(()),
            _ => Err(io::Error::other(String::from_utf8_lossy(&self.buffer).into_owned())),
        }
    }

    async fn send(&mut self, path: &str, body: &str) -> io::Result<u16> {
        self.out.clear();
        self.out.extend_from_slice(b"POST ");
        self.out.extend_from_slice(path.as_bytes());
        self.out.extend_from_slice(HEAD);
        self.out.extend_from_slice(body.len().to_string().as_bytes());
        self.out.extend_from_slice(b"\r\n\r\n");
        self.out.extend_from_slice(body.as_bytes());
        self.exchange().await
    }

    async fn exchange(&mut self) -> io::Result<u16> {
        self.stream.write_all(&self.out).await?;
        self.buffer.clear();
        let mut end = usize::MAX;
        while self.buffer.len() < end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            if end == usize::MAX
                && let Some(head) = find(&self.buffer, b"\r\n\r\n")
            {
                end = head + 4 + length(&self.buffer[..head])?;
            }
        }
        let status = self.buffer.get(9..12).and_then(|text| std::str::from_utf8(text).ok());
        let status = status.and_then(|text| text.parse().ok());
        status.ok_or_else(|| io::Error::other("no status"))
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn length(head: &[u8]) -> io::Result<usize> {
    let named = |window: &[u8]| window.eq_ignore_ascii_case(LENGTH);
    let start = head.windows(LENGTH.len()).position(named);
    let start = start.ok_or_else(|| io::Error::other("an answer without a length"))?;
    let digits = head[start + LENGTH.len()..].trim_ascii_start().iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')))
}
