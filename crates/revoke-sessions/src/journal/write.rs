//! Adding lines: one thread writes and syncs, many lines at a time when many are waiting.

use std::io::{self, Write as _};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use super::{Journal, Line, write_line};

/// Lines that may wait for the disk. A full queue holds the sending back.
const WAITING: usize = 1024;

/// A line, and the place in the run of the user that it is of.
pub(crate) type Entry = (Option<usize>, Line);

/// Lines that are on the disk, in the order in which they were given; or why they are not.
type Written = io::Result<Vec<Entry>>;

/// The way into a journal that is being written.
#[derive(Debug)]
pub(crate) struct Sink {
    lines: mpsc::Sender<Entry>,
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
    pub(crate) fn lines(&self) -> mpsc::Sender<Entry> {
        self.lines.clone()
    }

    /// The next lines that are on the disk. `None` after an error, and when every way in is closed.
    pub(crate) async fn written(&mut self) -> Option<Written> {
        self.written.recv().await
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
    mut queue: mpsc::Receiver<Entry>,
    report: &mpsc::UnboundedSender<Written>,
) {
    let mut buffer = Vec::new();
    while let Some(first) = queue.blocking_recv() {
        let mut lines = vec![first];
        while let Ok(line) = queue.try_recv() {
            lines.push(line);
        }
        let written = write(journal, &mut buffer, &lines).map(|()| lines);
        let failed = written.is_err();
        if report.send(written).is_err() || failed {
            return;
        }
    }
}

fn write(journal: &Journal, buffer: &mut Vec<u8>, lines: &[Entry]) -> io::Result<()> {
    journal.check_in_place()?;
    buffer.clear();
    for (_, line) in lines {
        write_line(buffer, line)?;
    }
    (&journal.file).write_all(buffer)?;
    journal.file.sync_data()
}
