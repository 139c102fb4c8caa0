//! One HTTP/1.1 connection, as lean as it can be: the load generator shares the processor with
//! what it measures.

use std::{
    io::{self, Write},
    net::SocketAddr,
    str::FromStr,
};

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
        write!(self.out, "{}\r\n\r\n", body.len())?;
        self.out.extend_from_slice(body.as_bytes());
        self.exchange().await
    }

    /// Sends what is to be sent in one write, and reads until the answer is whole: most are one
    /// read.
    async fn exchange(&mut self) -> io::Result<u16> {
        self.stream.write_all(&self.out).await?;
        self.buffer.clear();
        let mut answer = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            if answer.is_none() {
                answer = head(&self.buffer)?;
            }
            match answer {
                Some((status, length)) if self.buffer.len() >= length => return Ok(status),
                _ => {}
            }
        }
    }
}

/// The status of an answer and its length with its head, as soon as that is there.
fn head(bytes: &[u8]) -> io::Result<Option<(u16, usize)>> {
    let (mut start, mut body) = (0, None::<usize>);
    while let Some(end) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let line = bytes[start..start + end].trim_ascii_end();
        start += end + 1;
        if line.is_empty() {
            let body = body.ok_or_else(|| io::Error::other("an answer without a length"))?;
            let status = bytes.get(9..12).and_then(number);
            let status = status.ok_or_else(|| io::Error::other("no status"))?;
            return Ok(Some((status, start + body)));
        }
        if let Some((name, value)) = line.split_at_checked(LENGTH.len())
            && name.eq_ignore_ascii_case(LENGTH)
        {
            body = number(value.trim_ascii_start());
        }
    }
    Ok(None)
}

fn number<T: FromStr>(digits: &[u8]) -> Option<T> {
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let text = b"HTTP/1.1 409 Conflict\r\nContent-Type: a\r\nContent-Length:  12\r\n\r\n{}";
        let head_length = text.len() - 2;
        assert_eq!(head(text).unwrap(), Some((409, head_length + 12)));
        for cut in 0..head_length {
            assert_eq!(head(&text[..cut]).unwrap(), None, "{cut}");
        }
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(head(b"HTTP/1.1 x\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
