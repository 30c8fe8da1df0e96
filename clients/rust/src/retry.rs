use std::time::Duration;

use tonic::Code;

use crate::error::GatewayError;
use crate::event_id::random;

const MAX_UNAVAILABLE_RETRIES: u32 = 4;
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);
const MAX_BACKOFF: Duration = Duration::from_secs(1);
const MIN_RETRY_DELAY: Duration = Duration::from_millis(10);

/// What decides whether a call is sent again, and when.
#[derive(Default)]
pub struct Retries {
    unavailable: u32,
}

impl Retries {
    /// Returns how long to wait before the next attempt; `None` where there is to be none.
    ///
    /// What is UNAVAILABLE was not stored, or has event IDs that make it harmless to send again. What
    /// is over a limit (`RESOURCE_EXHAUSTED`) is sent again only if the gateway said when.
    pub fn pause_after(&mut self, error: &GatewayError) -> Option<Duration> {
        match (error.code, error.retry_delay) {
            (Code::Unavailable, told) if self.unavailable < MAX_UNAVAILABLE_RETRIES => {
                let backoff = MAX_BACKOFF.min(INITIAL_BACKOFF * 2_u32.pow(self.unavailable));
                self.unavailable += 1;
                let spread = backoff.mul_f64(0.5 + random_share() / 2.0);
                Some(told.map_or(spread, |told| spread.max(jittered(told))))
            }
            (Code::ResourceExhausted, Some(told)) => Some(jittered(told)),
            _ => None,
        }
    }
}

/// Returns a time that is no shorter, and up to a quarter longer, so that callers that were told the
/// same do not come back at once.
fn jittered(delay: Duration) -> Duration {
    let delay = delay.max(MIN_RETRY_DELAY);
    delay.saturating_add((delay / 4).mul_f64(random_share()))
}

/// Returns a random number from 0 to 1.
fn random_share() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / f64::from(u32::MAX)
}
