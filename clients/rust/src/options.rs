use std::time::Duration;

/// How a client calls. Start from the default.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a call may take, with its retries; 5 s by default. `None` means no limit. Streams have
    /// none.
    pub timeout: Option<Duration>,
    /// Whether what may pass is sent again; true by default.
    pub retries: bool,
    /// How it is found out that the other end is gone.
    pub keepalive: Keepalive,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Some(Duration::from_secs(5)), retries: true, keepalive: Keepalive::default() }
    }
}

/// How long a connection may be silent, while calls are under way, before it is asked whether it lives.
///
/// A gateway, or what stands before it, may close connections that ask more often than every five
/// minutes.
#[derive(Clone, Copy, Debug)]
pub struct Keepalive {
    /// The silence; 310 s by default.
    pub interval: Duration,
    /// How long the answer may take; 20 s by default.
    pub timeout: Duration,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(310), timeout: Duration::from_secs(20) }
    }
}
