//! A proxy that leads every tunnel to one fake Graph, whatever name it is asked for.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A proxy on this machine that is running. Dropping it stops it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts a proxy whose tunnels all lead to this port of this machine.
    ///
    /// # Errors
    ///
    /// There is no port to listen on.
    pub fn to_port(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let proxy = Proxy {
            address: listener.local_addr()?,
            heads: Arc::default(),
            stopped: Arc::default(),
        };
        let (heads, stopped) = (proxy.heads.clone(), proxy.stopped.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let heads = heads.clone();
                // A tunnel that breaks is its two ends' affair.
                std::thread::spawn(move || tunnel(stream, port, &heads));
            }
        });
        Ok(proxy)
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same with a user and a password.
    pub fn url_for(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.address)
    }

    /// The head of every request so far: its first line, and its headers.
    pub fn requests(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

fn tunnel(mut client: TcpStream, port: u16, heads: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let is_tunnel = head.starts_with("CONNECT ");
    heads
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(head);
    if !is_tunnel {
        return client.write_all(b"HTTP/1.1 501 Not Implemented\r\ncontent-length: 0\r\n\r\n");
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let copied = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
        copied
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
