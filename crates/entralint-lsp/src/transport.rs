//! Messages over standard input and output: each behind a header with its length.
//!
//! What is no message is skipped, and the editor's log says so: one bad message ends no session.

use std::io::{self, BufRead, Read, Write};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lsp_server::{Connection, Message, Notification};
use serde_json::json;

/// A message of more bytes is not read: no file of that size is looked at.
const LARGEST: usize = 256 * 1024 * 1024;

/// A header has few lines, and short ones.
const LONGEST_LINE: u64 = 8 * 1024;

/// The threads that read and write.
pub(crate) struct Threads {
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until everything is written. The reader may wait for input for ever, and is left alone.
    ///
    /// # Errors
    ///
    /// That the output could not be written.
    pub(crate) fn join(self) -> io::Result<()> {
        match self.writer.join() {
            Ok(result) => result,
            Err(_) => Err(io::Error::other("the thread that writes ended")),
        }
    }
}

/// The connection over standard input and output.
pub(crate) fn stdio() -> (Connection, Threads) {
    let (to_server, receiver) = bounded(0);
    let (sender, to_editor) = unbounded();
    let log = sender.clone();
    std::thread::spawn(move || read_all(&mut io::stdin().lock(), &to_server, &log));
    let writer = std::thread::spawn(move || write_all(&mut io::stdout().lock(), &to_editor));
    (Connection { sender, receiver }, Threads { writer })
}

fn write_all(output: &mut dyn Write, messages: &Receiver<Message>) -> io::Result<()> {
    for message in messages {
        let mut bytes = Vec::new();
        message.write(&mut bytes)?;
        output.write_all(&bytes)?;
        output.flush()?;
    }
    Ok(())
}

/// Reads messages until the input ends, an editor sends `exit`, or the server has ended.
fn read_all(input: &mut impl BufRead, messages: &Sender<Message>, log: &Sender<Message>) {
    loop {
        match read(input) {
            Next::Message(message) => {
                let is_exit = matches!(&*message, Message::Notification(n) if n.method == "exit");
                if messages.send(*message).is_err() || is_exit {
                    return;
                }
            }
            Next::Wrong(why) => {
                /// The protocol's number for a warning.
                const WARNING: u8 = 2;
                let text = format!("a message was skipped: {why}");
                let parameters = json!({ "type": WARNING, "message": text });
                let notification = Notification::new("window/logMessage".to_owned(), parameters);
                if log.send(Message::Notification(notification)).is_err() {
                    return;
                }
            }
            Next::End => return,
        }
    }
}

/// What was read.
enum Next {
    Message(Box<Message>),
    /// A message that is none; the next one can be read.
    Wrong(String),
    /// The input ended, or where the next message begins is unknown.
    End,
}

fn read(input: &mut impl BufRead) -> Next {
    let mut length: Option<usize> = None;
    loop {
        let mut line = Vec::new();
        match input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
        {
            Ok(0) | Err(_) => return Next::End,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match (line.is_empty(), length) {
            (true, Some(_)) => break,
            // Between messages.
            (true, None) => continue,
            (false, _) => {}
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let length = length.unwrap_or_default();
    if length > LARGEST {
        let skipped = io::copy(&mut input.take(length as u64), &mut io::sink());
        return match skipped {
            Ok(_) => Next::Wrong(format!(
                "it has {length} bytes, and at most {LARGEST} are read"
            )),
            Err(_) => Next::End,
        };
    }
    // As much memory as there is input, whatever the header promises.
    let mut bytes = Vec::new();
    match input.take(length as u64).read_to_end(&mut bytes) {
        Ok(read) if read == length => {}
        Ok(_) | Err(_) => return Next::End,
    }
    match serde_json::from_slice(&bytes) {
        Ok(message) => Next::Message(Box::new(message)),
        Err(error) => Next::Wrong(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(mut input: &[u8]) -> (usize, usize) {
        let (sender, receiver) = unbounded();
        let (log, logged) = unbounded();
        read_all(&mut input, &sender, &log);
        drop((sender, log));
        (receiver.iter().count(), logged.iter().count())
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_bad_message_is_skipped() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"a"}"#);
        let bad = framed("{") + &framed(r#"{"id":1.5}"#) + &framed("\"\u{e9}\"");
        assert_eq!(messages(format!("{good}{bad}{good}").as_bytes()), (2, 3));
        let odd = "content-length:  2 \r\nX: y\r\n\r\n{}";
        assert_eq!(messages(format!("{odd}{good}").as_bytes()), (1, 1));
    }

    #[test]
    fn a_promise_of_much_takes_no_memory() {
        assert_eq!(messages(b"Content-Length: 99999999999\r\n\r\n{}"), (0, 1));
        assert_eq!(messages(b"Content-Length: 200000000\r\n\r\n{}"), (0, 0));
        assert_eq!(
            messages(b"Content-Length: 99999999999999999999999\r\n\r\n"),
            (0, 0)
        );
    }

    #[test]
    fn nothing_is_read_after_goodbye() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        assert_eq!(messages(format!("{exit}{exit}").as_bytes()), (1, 0));
    }

    proptest::proptest! {
        #[test]
        fn no_input_is_too_odd(input in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = messages(&input);
        }
    }
}
