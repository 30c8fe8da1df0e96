use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::call_metadata::CallMetadata;
use crate::credentials::Credentials;
use crate::error::{GatewayError, InvalidSetting};
use crate::event_id::{identify, identify_action_interaction, identify_event};
use crate::options::Options;
use crate::retry::Retries;
use crate::v1::catalog_service_client::CatalogServiceClient;
use crate::v1::dead_letter_service_client::DeadLetterServiceClient;
use crate::v1::event_service_client::EventServiceClient;
use crate::v1::ingest_service_client::IngestServiceClient;
use crate::v1::route_service_client::RouteServiceClient;
use crate::v1::tracker_service_client::TrackerServiceClient;
use crate::v1::{
    IngestBatchRequest, IngestBatchResponse, PutActionInteractionsRequest, PutActionInteractionsResponse,
    PutActionsRequest, PutActionsResponse, PutEventsRequest, PutEventsResponse, PutItemsRequest, PutItemsResponse,
    PutUsersRequest, PutUsersResponse,
};

/// What the stubs of a client call.
pub type Connection = InterceptedService<Channel, CallMetadata>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A page of dead letters is larger than tonic's own limit of 4 MiB.
const MAX_RESPONSE_BYTES: usize = 16 << 20;

/// Calls one gateway. Clones share the connection and cost nothing.
///
/// The methods that put have a deadline, retries and event IDs. The stubs are there for all else: they
/// have the headers and the deadline of the client, and `GatewayError::from` reads what they return.
#[derive(Clone)]
pub struct GatewayClient {
    channel: Channel,
    metadata: CallMetadata,
    retries: bool,
}

impl GatewayClient {
    /// Returns a client of the gateway at `target`: `gateway.internal:50051`, or `unix:/run/gateway.sock`
    /// without TLS. It connects with the first call, in a runtime of Tokio.
    ///
    /// Fails where the target or the credentials cannot be used, or are a token that another machine
    /// would get without TLS.
    pub fn new(target: &str, credentials: &Credentials, options: Options) -> Result<Self, InvalidSetting> {
        credentials.check(target)?;
        let channel = endpoint(target, credentials, &options)?.connect_lazy();
        Ok(Self::from_channel(channel, credentials, options))
    }

    /// Returns a client that calls by a channel of tonic's: one that spreads calls, for example.
    ///
    /// Of the credentials it takes who calls, of the options the timeout and whether to retry. The rest
    /// is the channel's, and so is whether a token may be sent by it.
    #[must_use]
    #[allow(clippy::needless_pass_by_value)] // Like `new`.
    pub fn from_channel(channel: Channel, credentials: &Credentials, options: Options) -> Self {
        Self { channel, metadata: CallMetadata::new(credentials, options.timeout), retries: options.retries }
    }

    /// Returns the same client, but with another time that a call may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.metadata.timeout = timeout;
        self
    }

    /// Sends 1–500 events; they are taken all, or none.
    ///
    /// An event without an ID gets one, in the request itself: to send the same request again after an
    /// error is harmless.
    pub async fn put_events(&self, request: &mut PutEventsRequest) -> Result<PutEventsResponse, GatewayError> {
        request.events.iter_mut().for_each(identify_event);
        self.call(request, |request| async { self.events().put_events(request).await }).await
    }

    /// Sends 1–500 action interactions; they are taken all, or none. They get IDs as events do.
    pub async fn put_action_interactions(
        &self,
        request: &mut PutActionInteractionsRequest,
    ) -> Result<PutActionInteractionsResponse, GatewayError> {
        request.action_interactions.iter_mut().for_each(identify_action_interaction);
        self.call(request, |request| async { self.events().put_action_interactions(request).await }).await
    }

    /// Sends 1–500 items; they are taken all, or none.
    pub async fn put_items(&self, request: &PutItemsRequest) -> Result<PutItemsResponse, GatewayError> {
        self.call(request, |request| async { self.catalog().put_items(request).await }).await
    }

    /// Sends 1–500 users; they are taken all, or none.
    pub async fn put_users(&self, request: &PutUsersRequest) -> Result<PutUsersResponse, GatewayError> {
        self.call(request, |request| async { self.catalog().put_users(request).await }).await
    }

    /// Sends 1–500 actions; they are taken all, or none.
    pub async fn put_actions(&self, request: &PutActionsRequest) -> Result<PutActionsResponse, GatewayError> {
        self.call(request, |request| async { self.catalog().put_actions(request).await }).await
    }

    /// Sends 1–500 records of any kind. Each is taken or refused for itself: look at the `refusals` of
    /// the response. Events and action interactions get IDs.
    pub async fn ingest_batch(&self, request: &mut IngestBatchRequest) -> Result<IngestBatchResponse, GatewayError> {
        request.records.iter_mut().for_each(identify);
        self.call(request, |request| async { self.ingest().ingest_batch(request).await }).await
    }

    /// The stub of `EventService`.
    #[must_use]
    pub fn events(&self) -> EventServiceClient<Connection> {
        EventServiceClient::new(self.connection())
    }

    /// The stub of `CatalogService`.
    #[must_use]
    pub fn catalog(&self) -> CatalogServiceClient<Connection> {
        CatalogServiceClient::new(self.connection())
    }

    /// The stub of `IngestService`.
    #[must_use]
    pub fn ingest(&self) -> IngestServiceClient<Connection> {
        IngestServiceClient::new(self.connection())
    }

    /// The stub of `TrackerService`.
    #[must_use]
    pub fn trackers(&self) -> TrackerServiceClient<Connection> {
        TrackerServiceClient::new(self.connection())
    }

    /// The stub of `RouteService`.
    #[must_use]
    pub fn routes(&self) -> RouteServiceClient<Connection> {
        RouteServiceClient::new(self.connection())
    }

    /// The stub of `DeadLetterService`.
    #[must_use]
    pub fn dead_letters(&self) -> DeadLetterServiceClient<Connection> {
        DeadLetterServiceClient::new(self.connection()).max_decoding_message_size(MAX_RESPONSE_BYTES)
    }

    fn connection(&self) -> Connection {
        InterceptedService::new(self.channel.clone(), self.metadata.clone())
    }

    /// Sends a request until it is served, refused for good, or the time is up.
    async fn call<Q, A, F>(&self, request: &Q, send: impl Fn(Request<Q>) -> F) -> Result<A, GatewayError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let deadline = self.metadata.timeout.map(|timeout| Instant::now() + timeout);
        let mut retries = Retries::default();
        loop {
            let mut attempt = Request::new(request.clone());
            if let Some(deadline) = deadline {
                attempt.set_timeout(deadline - Instant::now());
            }
            let error = match before(deadline, send(attempt)).await {
                Ok(response) => return Ok(response.into_inner()),
                Err(error) => error,
            };
            let pause = retries.pause_after(&error).filter(|pause| self.retries && fits(deadline, *pause));
            let Some(pause) = pause else {
                return Err(error);
            };
            tokio::time::sleep(pause).await;
        }
    }
}

fn endpoint(target: &str, credentials: &Credentials, options: &Options) -> Result<Endpoint, InvalidSetting> {
    let scheme = if credentials.tls.is_some() { "https" } else { "http" };
    let uri = if target.starts_with("unix:") { target.to_owned() } else { format!("{scheme}://{target}") };
    let unusable = |error| InvalidSetting::of(format!("{target} is no target such as gateway.internal:50051"), error);
    let endpoint = Endpoint::from_shared(uri)
        .map_err(unusable)?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(options.keepalive.interval)
        .keep_alive_timeout(options.keepalive.timeout);
    match &credentials.tls {
        Some(config) => endpoint
            .tls_config(config.clone())
            .map_err(|error| InvalidSetting::of("credentials: the certificates cannot be used", error)),
        None => Ok(endpoint),
    }
}

async fn before<A>(
    deadline: Option<Instant>,
    call: impl Future<Output = Result<Response<A>, Status>>,
) -> Result<Response<A>, GatewayError> {
    let outcome = match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, call).await,
        None => Ok(call.await),
    };
    outcome.map_err(|_| GatewayError::deadline_exceeded())?.map_err(GatewayError::from)
}

fn fits(deadline: Option<Instant>, pause: Duration) -> bool {
    deadline.is_none_or(|deadline| pause < deadline.saturating_duration_since(Instant::now()))
}
