//! A gateway in memory that answers as it is told, and keeps what it got.

#![allow(dead_code)] // Each program of tests uses a part of it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use personalize_gateway_client::v1::event_service_server::{EventService, EventServiceServer};
use personalize_gateway_client::v1::ingest_service_server::{IngestService, IngestServiceServer};
use personalize_gateway_client::v1::{
    IngestBatchRequest, IngestBatchResponse, IngestRequest, IngestResponse, PutActionInteractionsRequest,
    PutActionInteractionsResponse, PutEventsRequest, PutEventsResponse,
};
use personalize_gateway_client::{Credentials, GatewayClient, Options};
use prost::Message;
use prost_types::Any;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::transport::server::Router;
use tonic::transport::{Endpoint, Server};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::pb;

#[derive(Clone, Default)]
pub struct Fake {
    /// The errors that `PutEvents` answers, in order; OK for what is beyond.
    pub answers: Arc<Mutex<VecDeque<Status>>>,
    /// Whether it never answers.
    pub is_silent: bool,
    pub events: Arc<Mutex<Vec<PutEventsRequest>>>,
    pub batches: Arc<Mutex<Vec<IngestBatchRequest>>>,
    pub metadata: Arc<Mutex<Vec<MetadataMap>>>,
}

impl Fake {
    pub fn answering(answers: impl IntoIterator<Item = Status>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    pub fn silent() -> Self {
        Self { is_silent: true, ..Self::default() }
    }

    pub fn attempts(&self) -> usize {
        self.events.lock().unwrap().len()
    }

    /// Serves it in memory and returns a client of it.
    pub fn client(&self, credentials: &Credentials, options: Options) -> GatewayClient {
        let (connect, accepted) = mpsc::unbounded_channel();
        let incoming = UnboundedReceiverStream::new(accepted);
        tokio::spawn(self.router(Server::builder()).serve_with_incoming(incoming));
        let connector = tower::service_fn(move |_| {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            connect.send(Ok::<DuplexStream, io::Error>(theirs)).unwrap();
            async { Ok::<_, io::Error>(TokioIo::new(ours)) }
        });
        let channel = Endpoint::from_static("http://fake").connect_with_connector_lazy(connector);
        GatewayClient::from_channel(channel, credentials, options)
    }

    pub fn router(&self, mut server: Server) -> Router {
        server.add_service(EventServiceServer::new(self.clone())).add_service(IngestServiceServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl EventService for Fake {
    async fn put_events(&self, request: Request<PutEventsRequest>) -> Result<Response<PutEventsResponse>, Status> {
        self.metadata.lock().unwrap().push(request.metadata().clone());
        self.events.lock().unwrap().push(request.into_inner());
        if self.is_silent {
            std::future::pending::<()>().await;
        }
        match self.answers.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => Ok(Response::new(PutEventsResponse::default())),
        }
    }

    async fn put_action_interactions(
        &self,
        _: Request<PutActionInteractionsRequest>,
    ) -> Result<Response<PutActionInteractionsResponse>, Status> {
        Err(Status::unimplemented("not by this fake"))
    }
}

#[tonic::async_trait]
impl IngestService for Fake {
    type IngestStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<IngestResponse, Status>> + Send>>;

    async fn ingest(&self, request: Request<Streaming<IngestRequest>>) -> Result<Response<Self::IngestStream>, Status> {
        self.metadata.lock().unwrap().push(request.metadata().clone());
        if self.is_silent {
            return Ok(Response::new(Box::pin(tokio_stream::pending())));
        }
        Ok(Response::new(Box::pin(tokio_stream::empty())))
    }

    async fn ingest_batch(
        &self,
        request: Request<IngestBatchRequest>,
    ) -> Result<Response<IngestBatchResponse>, Status> {
        self.batches.lock().unwrap().push(request.into_inner());
        Ok(Response::new(IngestBatchResponse::default()))
    }
}

/// Returns an error as a gateway gives it.
pub fn answer(code: Code, reason: &str, message: &str, others: impl IntoIterator<Item = Any>) -> Status {
    let info = pb::ErrorInfo {
        reason: reason.into(),
        domain: "personalize-gateway".into(),
        metadata: [("violations".to_owned(), "25".to_owned())].into(),
    };
    let mut details = vec![detail("ErrorInfo", &info)];
    details.extend(others);
    status(code, message, details)
}

pub fn status(code: Code, message: &str, details: Vec<Any>) -> Status {
    let whole = pb::Status { code: code.into(), message: message.into(), details };
    Status::with_details(code, message, whole.encode_to_vec().into())
}

pub fn detail(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/google.rpc.{name}"), value: message.encode_to_vec() }
}

pub fn retry_after(delay: Duration) -> Any {
    detail("RetryInfo", &pb::RetryInfo { retry_delay: delay.try_into().ok() })
}
