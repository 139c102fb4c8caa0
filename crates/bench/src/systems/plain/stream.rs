//! A worker's stream of messages.

use std::{io, net::SocketAddr};

use abide_client::Events;
use abide_protocol::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct Stream {
    stream: TcpStream,
    buffer: Vec<u8>,
    events: Events,
}

impl Stream {
    /// Connects, and returns when the server has acknowledged it.
    pub(crate) async fn open(address: SocketAddr, group: &str, id: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let head = format!("GET /poll/{group}/{id} HTTP/1.1\r\nhost: b\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut buffer = Vec::with_capacity(64 << 10);
        let end = loop {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
        };
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(io::Error::other(String::from_utf8_lossy(&buffer).into_owned()));
        }
        buffer.drain(..end + 4);
        let mut stream = Stream { stream, buffer, events: Events::default() };
        stream.unwrap_chunks()?;
        Ok(stream)
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> io::Result<Message> {
        loop {
            while let Some(event) = self.events.next() {
                if let Some(message) = Message::from_json(&event) {
                    return Ok(message);
                }
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            self.unwrap_chunks()?;
        }
    }

    /// Takes the events out of the whole chunks that have come.
    fn unwrap_chunks(&mut self) -> io::Result<()> {
        let mut done = 0;
        loop {
            let rest = &self.buffer[done..];
            let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else { break };
            let digits = std::str::from_utf8(&rest[..line]).map_err(io::Error::other)?;
            let length = usize::from_str_radix(digits, 16).map_err(io::Error::other)?;
            let (start, end) = (line + 2, line + 2 + length);
            if rest.len() < end + 2 {
                break;
            }
            self.events.push(&rest[start..end]).map_err(io::Error::other)?;
            done += end + 2;
        }
        self.buffer.drain(..done);
        Ok(())
    }
}
