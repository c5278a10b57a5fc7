//! Length-prefixed JSON over a worker's control socket. Refuses a frame longer than its bound before reading it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// A frame that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("The channel is closed")]
    Closed,
    #[error("A frame of {bytes} bytes is over the limit of {allowed}")]
    TooLong { bytes: usize, allowed: usize },
    #[error("A frame is not a message of this protocol")]
    Malformed(#[source] serde_json::Error),
    #[error("The channel broke")]
    Io(#[source] std::io::Error),
}

pub(super) async fn write<T: Serialize>(stream: &mut UnixStream, message: &T) -> Result<(), FrameError> {
    let body = serde_json::to_vec(message).map_err(FrameError::Malformed)?;
    let length = u32::try_from(body.len())
        .map_err(|_| FrameError::TooLong { bytes: body.len(), allowed: u32::MAX as usize })?;
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&body);
    stream.write_all(&frame).await.map_err(closed_or_io)
}

/// Collects bytes until a whole frame is there. Keeps what it has when the caller stops waiting (cancel safe).
#[derive(Default)]
pub(super) struct FrameReader {
    buffer: Vec<u8>,
}

impl FrameReader {
    pub(super) async fn next<T: DeserializeOwned>(
        &mut self,
        stream: &mut UnixStream,
        allowed: usize,
    ) -> Result<T, FrameError> {
        loop {
            if let Some(length) = self.announced() {
                if length > allowed {
                    return Err(FrameError::TooLong { bytes: length, allowed });
                }
                if self.buffer.len() >= length + 4 {
                    let rest = self.buffer.split_off(length + 4);
                    let frame = std::mem::replace(&mut self.buffer, rest);
                    return serde_json::from_slice(&frame[4..]).map_err(FrameError::Malformed);
                }
                self.buffer.reserve(length + 4 - self.buffer.len());
            }
            // `read_buf` is cancel safe: what arrived is in the buffer or still in the socket.
            match stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Err(FrameError::Closed),
                Ok(_) => {}
                Err(error) => return Err(closed_or_io(error)),
            }
        }
    }

    fn announced(&self) -> Option<usize> {
        let head: [u8; 4] = self.buffer.get(..4)?.try_into().ok()?;
        Some(u32::from_be_bytes(head) as usize)
    }
}

fn closed_or_io(error: std::io::Error) -> FrameError {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe
        | std::io::ErrorKind::ConnectionReset
        | std::io::ErrorKind::UnexpectedEof => FrameError::Closed,
        _ => FrameError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_arrive_whole_however_they_are_cut() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let writer = tokio::spawn(async move {
            for byte in [0, 0, 0, 4, b'n', b'u', b'l', b'l', 0, 0, 0, 1, b'7'] {
                theirs.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut reader = FrameReader::default();
        assert_eq!(reader.next::<Option<u8>>(&mut ours, 16).await.unwrap(), None);
        assert_eq!(reader.next::<u8>(&mut ours, 16).await.unwrap(), 7);
        writer.await.unwrap();
        let end = reader.next::<u8>(&mut ours, 16).await;
        assert!(matches!(end, Err(FrameError::Closed)));
    }

    #[tokio::test]
    async fn a_frame_over_the_bound_is_refused_unread() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(&[255, 255, 255, 255]).await.unwrap();
        let refused = FrameReader::default().next::<u8>(&mut ours, 1024).await;
        assert!(matches!(refused, Err(FrameError::TooLong { .. })));
    }
}
