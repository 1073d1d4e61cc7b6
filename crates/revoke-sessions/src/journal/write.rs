//! Adding lines: one thread writes and syncs, many lines at a time when many are waiting.

use std::io::{self, Write as _};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use super::{Journal, Line, write_line};

/// Lines that may wait for the disk. A full queue holds the sending back.
const WAITING: usize = 1024;

/// A line as it stands in the file.
#[derive(Debug)]
pub(crate) struct Encoded(Vec<u8>);

impl Line {
    /// The line as it stands in the file.
    pub(crate) fn encoded(&self) -> Encoded {
        let mut bytes = Vec::new();
        write_line(&mut bytes, self).expect("a line is plain data, and memory takes every byte");
        Encoded(bytes)
    }
}

/// How many further lines are on the disk, in the order in which they were given; or why no line is
/// written any more.
type Written = io::Result<usize>;

/// The way into a journal that is being written. Who gives a line keeps what it says until the line is
/// reported to be on the disk.
#[derive(Debug)]
pub(crate) struct Sink {
    lines: mpsc::Sender<Encoded>,
    written: mpsc::UnboundedReceiver<Written>,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Starts the thread that writes.
    ///
    /// # Errors
    ///
    /// There is no thread to be had.
    pub(crate) fn into_sink(self) -> io::Result<Sink> {
        let (lines, queue) = mpsc::channel(WAITING);
        // Bounded by the queue: what is here has passed through it and is taken at once.
        let (report, written) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run(&self, queue, &report))?;
        Ok(Sink {
            lines,
            written,
            thread,
        })
    }
}

impl Sink {
    /// A way to give lines.
    pub(crate) fn lines(&self) -> mpsc::Sender<Encoded> {
        self.lines.clone()
    }

    /// The next lines that are on the disk. Nothing is written after an error.
    pub(crate) async fn written(&mut self) -> Written {
        self.written
            .recv()
            .await
            .unwrap_or_else(|| Err(io::Error::other("the thread that writes it has ended")))
    }

    /// Ends the writing; what was given is on the disk, or was reported not to be.
    pub(crate) fn close(self) {
        drop(self.lines);
        // A panic over there has been reported by its own message.
        let _ = self.thread.join();
    }
}

fn run(
    journal: &Journal,
    mut queue: mpsc::Receiver<Encoded>,
    report: &mpsc::UnboundedSender<Written>,
) {
    let mut buffer = Vec::new();
    while let Some(Encoded(first)) = queue.blocking_recv() {
        buffer.clear();
        buffer.extend_from_slice(&first);
        let mut lines = 1;
        while let Ok(Encoded(line)) = queue.try_recv() {
            buffer.extend_from_slice(&line);
            lines += 1;
        }
        let written = write(journal, &buffer).map(|()| lines);
        let failed = written.is_err();
        if report.send(written).is_err() || failed {
            return;
        }
    }
}

fn write(journal: &Journal, lines: &[u8]) -> io::Result<()> {
    journal.check_in_place()?;
    (&journal.file).write_all(lines)?;
    journal.file.sync_data()
}
