use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{GrpcMethod, Request, Status};

use crate::credentials::{Credentials, TokenSource};

/// The RPCs that last for as long as they are wanted.
const STREAMS: [&str; 2] = ["Ingest", "WatchEventTracker"];

/// Gives each call, those of the raw stubs as well, its headers: who calls, and a deadline where it has
/// none.
#[derive(Clone)]
pub struct CallMetadata {
    caller: Option<MetadataValue<Ascii>>,
    token: Option<TokenSource>,
    pub(crate) timeout: Option<Duration>,
}

impl CallMetadata {
    pub(crate) fn new(credentials: &Credentials, timeout: Option<Duration>) -> Self {
        Self { caller: credentials.caller.clone(), token: credentials.token.clone(), timeout }
    }

    fn limit(&self, request: &mut Request<()>) {
        let method = request.extensions().get::<GrpcMethod<'static>>().map(GrpcMethod::method);
        let is_stream = method.is_none_or(|method| STREAMS.contains(&method));
        let has_limit = request.metadata().contains_key("grpc-timeout");
        if let Some(timeout) = self.timeout.filter(|_| !is_stream && !has_limit) {
            request.set_timeout(timeout);
        }
    }
}

impl Interceptor for CallMetadata {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        self.limit(&mut request);
        if let Some(caller) = &self.caller {
            request.metadata_mut().insert("x-caller", caller.clone());
        }
        if let Some(source) = &self.token {
            request.metadata_mut().insert("authorization", bearer(source)?);
        }
        Ok(request)
    }
}

fn bearer(source: &TokenSource) -> Result<MetadataValue<Ascii>, Status> {
    let token = source().map_err(|error| Status::unavailable(format!("the token source failed: {error}")))?;
    let header = format!("Bearer {}", token.trim()).parse::<MetadataValue<Ascii>>();
    let mut header = header.map_err(|_| Status::unavailable("the token source returned what is no token"))?;
    header.set_sensitive(true);
    Ok(header)
}
