use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

const DOMAIN: &str = "personalize-gateway";

/// Why a request was not served.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GatewayError {
    /// The kind of error.
    pub code: Code,
    /// The name of a value of the enum `ErrorReason`, without its prefix: `INVALID_FIELDS`. Empty where
    /// the error comes from elsewhere: from a proxy, the connection or the deadline.
    pub reason: String,
    /// What happened and what to do, for a developer.
    pub message: String,
    /// The fields at fault, 20 at most.
    pub violations: Vec<Violation>,
    /// How many there are in all.
    pub violation_count: u32,
    /// How long to wait before the same is sent again, where the gateway said so.
    pub retry_delay: Option<Duration>,
    /// That of the `ErrorInfo`; the comments of `ErrorReason` tell of it.
    pub metadata: BTreeMap<String, String>,
}

/// A place where a request breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field: `events[3].properties["timestamp"]`.
    pub field: String,
    /// The name of a value of the enum `Rule`, without its prefix: `REQUIRED`. Where Personalize
    /// refused a request, it is the error code of AWS.
    pub rule: String,
    /// What is wrong and what to send instead, for a developer.
    pub description: String,
}

impl GatewayError {
    /// Says whether the same request may be served later: nothing of it was stored, or event IDs make
    /// it harmless to send it again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.code == Code::Unavailable || self.retry_delay.is_some()
    }

    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: String::new(),
            message: message.into(),
            violations: Vec::new(),
            violation_count: 0,
            retry_delay: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Returns what a gateway would answer to fields that break rules; there is at least one.
    pub(crate) fn refused(violations: Vec<Violation>) -> Self {
        let message = format!("{}: {}", violations[0].field, violations[0].description);
        Self {
            reason: "INVALID_FIELDS".into(),
            violation_count: count(&violations),
            violations,
            ..Self::new(Code::InvalidArgument, message)
        }
    }

    pub(crate) fn deadline_exceeded() -> Self {
        Self::new(Code::DeadlineExceeded, "there was no answer within the deadline")
    }

    fn read(&mut self, detail: &Any) {
        match detail.type_url.rsplit('/').next() {
            Some("google.rpc.ErrorInfo") => self.read_info(decoded(detail)),
            Some("google.rpc.BadRequest") => self.read_violations(decoded(detail)),
            Some("google.rpc.RetryInfo") => self.read_retry(&decoded(detail)),
            _ => {}
        }
    }

    fn read_info(&mut self, info: pb::ErrorInfo) {
        if info.domain == DOMAIN {
            self.reason = info.reason;
            self.metadata = info.metadata.into_iter().collect();
        }
    }

    fn read_violations(&mut self, bad_request: pb::BadRequest) {
        let violations = bad_request.field_violations.into_iter().map(|one| Violation {
            field: one.field,
            rule: one.reason,
            description: one.description,
        });
        self.violations.extend(violations);
    }

    fn read_retry(&mut self, info: &pb::RetryInfo) {
        let delay = info.retry_delay.and_then(|delay| delay.try_into().ok());
        self.retry_delay = Some(delay.unwrap_or_default());
    }
}

fn count(violations: &[Violation]) -> u32 {
    violations.len().try_into().unwrap_or(u32::MAX)
}

/// A detail that cannot be read is as good as none.
fn decoded<M: Message + Default>(detail: &Any) -> M {
    M::decode(detail.value.as_slice()).unwrap_or_default()
}

impl From<Status> for GatewayError {
    /// Reads the status of a call and its details. Use it for what the raw stubs return.
    fn from(status: Status) -> Self {
        let mut told = Self::new(code_of(&status), message_of(&status));
        if let Ok(details) = pb::Status::decode(status.details()) {
            details.details.iter().for_each(|detail| told.read(detail));
        }
        let total = told.metadata.get("violations").and_then(|total| total.parse().ok());
        told.violation_count = total.unwrap_or_else(|| count(&told.violations));
        told
    }
}

/// Returns the code that gRPC has for an error. Where the connection is lost, or the time is up, tonic's
/// own is another.
fn code_of(status: &Status) -> Code {
    let is_of_transport = status.source().is_some();
    match (status.code(), status.message()) {
        (Code::Cancelled, "Timeout expired") => Code::DeadlineExceeded,
        (Code::Cancelled, "operation was canceled") | (Code::Unknown, _) if is_of_transport => Code::Unavailable,
        (code, _) => code,
    }
}

/// The message, with the causes that stand behind an error of the transport.
fn message_of(status: &Status) -> String {
    let mut message = status.message().to_owned();
    let mut source = status.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !message.contains(&said) {
            message = format!("{message}: {said}");
        }
        source = cause.source();
    }
    message
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason.is_empty() {
            write!(f, "gateway: {:?}: {}", self.code, self.message)
        } else {
            write!(f, "gateway: {:?} ({}): {}", self.code, self.reason, self.message)
        }
    }
}

impl Error for GatewayError {}

/// Why a client cannot be made of what it was given; the message says what to change.
#[derive(Debug)]
pub struct InvalidSetting {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl InvalidSetting {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    pub(crate) fn of(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self { message: message.into(), source: Some(Box::new(source)) }
    }
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gateway: {}", self.message)
    }
}

impl Error for InvalidSetting {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
