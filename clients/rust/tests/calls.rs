//! What a client makes of calls: event IDs, retries, deadlines, errors, headers.

mod fake;

use std::time::Duration;

use fake::{Fake, answer, detail, retry_after, status};
use personalize_gateway_client::v1::ingest_record::Kind;
use personalize_gateway_client::v1::{
    ActionInteraction, Event, IngestBatchRequest, IngestRecord, Item, PutEventsRequest,
};
use personalize_gateway_client::{Credentials, GatewayClient, GatewayError, Options, Violation};
use tokio::time::Instant;
use tonic::{Code, Request};
use tonic_types::pb;

fn one_event() -> PutEventsRequest {
    let event = Event { session_id: "s-1".into(), event_type: "View".into(), ..Event::default() };
    PutEventsRequest { events: vec![event], ..PutEventsRequest::default() }
}

fn client_of(fake: &Fake) -> GatewayClient {
    fake.client(&Credentials::insecure(), Options::default())
}

fn is_uuid4(id: &str) -> bool {
    let groups: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let digits = |character: char| matches!(character, '0'..='9' | 'a'..='f' | '-');
    lengths == [8, 4, 4, 4, 12]
        && id.chars().all(digits)
        && groups[2].starts_with('4')
        && groups[3].starts_with(['8', '9', 'a', 'b'])
}

/// An event without an ID has the same one at each attempt, and in the caller's request.
#[tokio::test(start_paused = true)]
async fn event_id_before_the_first_attempt() {
    let fake = Fake::answering([answer(Code::Unavailable, "OUTBOX_UNAVAILABLE", "not now", [])]);
    let mut request = one_event();
    client_of(&fake).put_events(&mut request).await.unwrap();
    let id = request.events[0].event_id.clone().unwrap();
    assert!(is_uuid4(&id), "{id}");
    assert_eq!(*fake.events.lock().unwrap(), [request.clone(), request]);
}

/// Only what has no event ID gets one, and each another.
#[tokio::test(start_paused = true)]
async fn event_ids_of_every_kind() {
    let own = Event { event_id: Some("own".into()), ..Event::default() };
    let kinds = [
        Some(Kind::Event(Event::default())),
        Some(Kind::Event(own)),
        Some(Kind::ActionInteraction(ActionInteraction::default())),
        Some(Kind::Item(Item::default())),
        None,
    ];
    let records = kinds.into_iter().map(|kind| IngestRecord { kind }).collect();
    let mut request = IngestBatchRequest { records, ..IngestBatchRequest::default() };
    client_of(&Fake::default()).ingest_batch(&mut request).await.unwrap();
    let ids: Vec<String> = request.records.into_iter().filter_map(id_of).collect();
    assert_eq!(ids.len(), 3);
    assert!(is_uuid4(&ids[0]) && is_uuid4(&ids[2]) && ids[0] != ids[2], "{ids:?}");
    assert_eq!(ids[1], "own");
}

fn id_of(record: IngestRecord) -> Option<String> {
    match record.kind? {
        Kind::Event(event) => event.event_id,
        Kind::ActionInteraction(interaction) => interaction.event_id,
        _ => None,
    }
}

/// UNAVAILABLE is retried four times.
#[tokio::test(start_paused = true)]
async fn unavailable_is_retried() {
    let fake = Fake::answering((0..6).map(|_| answer(Code::Unavailable, "DRAINING", "stopping", [])));
    let error = client_of(&fake).put_events(&mut one_event()).await.unwrap_err();
    assert_eq!((error.code, error.reason.as_str(), fake.attempts()), (Code::Unavailable, "DRAINING", 5));
    assert!(error.is_retryable());
}

/// `RESOURCE_EXHAUSTED` is retried after the time that the gateway named, and not long after it.
#[tokio::test(start_paused = true)]
async fn retry_delay_is_the_least() {
    let delay = retry_after(Duration::from_secs(2));
    let fake = Fake::answering([answer(Code::ResourceExhausted, "CALLER_LIMIT_REACHED", "too many", [delay])]);
    let client = client_of(&fake);
    let begin = Instant::now();
    client.put_events(&mut one_event()).await.unwrap();
    let took = begin.elapsed();
    assert!((Duration::from_secs(2)..=Duration::from_millis(2550)).contains(&took), "{took:?}");
    assert_eq!(fake.attempts(), 2);
}

/// The caller gets at once what cannot be served within the deadline, and what is not retried.
#[tokio::test(start_paused = true)]
async fn errors_at_once() {
    let limit = |seconds| {
        let delay = retry_after(Duration::from_secs(seconds));
        answer(Code::ResourceExhausted, "BUDGET_EXHAUSTED", "full", [delay])
    };
    let cases = [
        ("delay beyond the deadline", limit(6), true),
        ("no delay named", answer(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", "large", []), true),
        ("another code", answer(Code::Internal, "INTERNAL", "unforeseen", []), true),
        ("no retries wanted", limit(1), false),
        ("no retries of UNAVAILABLE", answer(Code::Unavailable, "DRAINING", "stopping", []), false),
    ];
    for (name, told, retries) in cases {
        let code = told.code();
        let fake = Fake::answering([told]);
        let client = fake.client(&Credentials::insecure(), Options { retries, ..Options::default() });
        let begin = Instant::now();
        let error = client.put_events(&mut one_event()).await.unwrap_err();
        let took = begin.elapsed();
        assert_eq!((error.code, fake.attempts(), took < Duration::from_millis(200)), (code, 1, true), "{name}");
    }
}

/// A call has five seconds, unless the client says otherwise; so has one by a raw stub.
#[tokio::test(start_paused = true)]
async fn deadline() {
    let by_default = client_of(&Fake::silent());
    let shorter = by_default.clone().with_timeout(Some(Duration::from_secs(1)));
    for (client, seconds) in [(by_default, 5), (shorter, 1)] {
        let begin = Instant::now();
        let error = client.put_events(&mut one_event()).await.unwrap_err();
        assert_eq!((error.code, begin.elapsed().as_secs()), (Code::DeadlineExceeded, seconds));
        let begin = Instant::now();
        let error = GatewayError::from(client.events().put_events(one_event()).await.unwrap_err());
        assert_eq!((error.code, begin.elapsed().as_secs()), (Code::DeadlineExceeded, seconds));
    }
}

/// The gateway is told of the deadline of a call; a stream has none.
#[tokio::test(start_paused = true)]
async fn deadline_on_the_wire() {
    let fake = Fake::default();
    let client = client_of(&fake);
    client.events().put_events(one_event()).await.unwrap();
    client.ingest().ingest(Request::new(tokio_stream::empty())).await.unwrap();
    let limits = |metadata: &tonic::metadata::MetadataMap| metadata.contains_key("grpc-timeout");
    assert_eq!(fake.metadata.lock().unwrap().iter().map(limits).collect::<Vec<_>>(), [true, false]);
}

/// All that a status says is in the error.
#[test]
fn error_has_the_details() {
    let field = pb::bad_request::FieldViolation {
        field: "events[0].user_id".into(),
        reason: "MIN_LENGTH".into(),
        description: "is empty".into(),
        ..Default::default()
    };
    let bad_request = pb::BadRequest { field_violations: vec![field] };
    let details = [detail("BadRequest", &bad_request), retry_after(Duration::from_millis(1500))];
    let error = GatewayError::from(answer(Code::InvalidArgument, "INVALID_FIELDS", "wrong", details));
    let violation =
        Violation { field: "events[0].user_id".into(), rule: "MIN_LENGTH".into(), description: "is empty".into() };
    assert_eq!(
        (error.code, error.violations, error.violation_count, error.retry_delay),
        (Code::InvalidArgument, vec![violation], 25, Some(Duration::from_millis(1500))),
    );
    assert_eq!((error.reason.as_str(), error.message.as_str()), ("INVALID_FIELDS", "wrong"));
    assert_eq!(error.metadata, [("violations".to_owned(), "25".to_owned())].into());
}

/// A reason of another domain is not the gateway's, and details that are none do no harm.
#[test]
fn foreign_details() {
    let info = pb::ErrorInfo { reason: "RBAC".into(), domain: "proxy.example".into(), ..Default::default() };
    let foreign = GatewayError::from(status(Code::PermissionDenied, "no", vec![detail("ErrorInfo", &info)]));
    assert_eq!((foreign.reason.as_str(), foreign.metadata.len()), ("", 0));
    let broken = tonic::Status::with_details(Code::Internal, "no", vec![0xff].into());
    assert_eq!(GatewayError::from(broken).to_string(), "gateway: Internal: no");
}

/// Each call says who calls.
#[tokio::test(start_paused = true)]
async fn headers() {
    let fake = Fake::default();
    let credentials = Credentials::insecure().with_token(|| Ok(" secret\n".into())).with_caller("shop").unwrap();
    let client = fake.client(&credentials, Options::default());
    client.put_events(&mut one_event()).await.unwrap();
    let metadata = fake.metadata.lock().unwrap();
    assert_eq!(metadata[0].get("x-caller").unwrap(), "shop");
    assert_eq!(metadata[0].get("authorization").unwrap(), "Bearer secret");
    assert!(!format!("{credentials:?}").contains("secret"));
}

/// Where there is no token, nothing is sent.
#[tokio::test(start_paused = true)]
async fn token_source_that_fails() {
    let fake = Fake::default();
    let credentials = Credentials::insecure().with_token(|| Err("no such file".into()));
    let error = fake.client(&credentials, Options::default()).put_events(&mut one_event()).await.unwrap_err();
    assert_eq!((error.code, fake.attempts()), (Code::Unavailable, 0));
    assert_eq!(error.message, "the token source failed: no such file");
}

/// A token goes to another machine by TLS only.
#[tokio::test]
async fn token_without_tls() {
    let with_token = |credentials: Credentials| credentials.with_token(|| Ok("secret".into()));
    let client = |target, credentials: Credentials| GatewayClient::new(target, &credentials, Options::default());
    for target in ["gateway.internal:50051", "127.0.0.1.example.org:50051", "10.0.0.1:50051", "localhost"] {
        assert!(client(target, with_token(Credentials::insecure())).is_err(), "{target}");
    }
    for target in ["localhost:50051", "127.0.0.2:50051", "[::1]:50051", "unix:/run/gateway.sock"] {
        assert!(client(target, with_token(Credentials::insecure())).is_ok(), "{target}");
    }
    assert!(client("gateway.internal:50051", with_token(Credentials::tls())).is_ok());
}

/// What is no target is said at once.
#[tokio::test]
async fn target_that_is_none() {
    assert!(GatewayClient::new("not a target", &Credentials::insecure(), Options::default()).is_err());
}

/// The futures may be spawned.
#[tokio::test(start_paused = true)]
async fn calls_can_be_spawned() {
    let client = client_of(&Fake::default());
    let put = tokio::spawn(async move { client.put_events(&mut one_event()).await });
    put.await.unwrap().unwrap();
}
