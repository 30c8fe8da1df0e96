//! Sends an item and, over one Ingest stream, some events to a gateway, and shows what a refusal says. It
//! goes with `personalize-gateway serve` without a configuration, whose Items have price and category:
//!
//! ```sh
//! cargo run --example ingest 127.0.0.1:50051
//! ```

use std::collections::VecDeque;
use std::error::Error;
use std::time::{Duration, SystemTime};

use personalize_gateway_client::v1::ingest_record::Kind;
use personalize_gateway_client::v1::{
    Event, IngestRecord, IngestRequest, IngestResponse, Item, PutEventsRequest, PutItemsRequest,
};
use personalize_gateway_client::{Credentials, GatewayClient, GatewayError, Options, Properties};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

const MAX_UNACKNOWLEDGED: usize = 16;
const MAX_STREAMS: u32 = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args().nth(1).ok_or("usage: ingest TARGET")?;
    let client = GatewayClient::new(&target, &Credentials::insecure(), Options::default())?;
    put_item(&client).await?;
    show_refusal(&client).await;
    ingest(&client, (1..=50).map(new_request).collect()).await?;
    println!("5000 events are stored");
    Ok(())
}

async fn put_item(client: &GatewayClient) -> Result<(), GatewayError> {
    let properties = Properties::new().set("price", 12.5).set("category", ["Shoes", "Boots"]).build()?;
    let item = Item { item_id: "i-42".into(), properties: Some(properties) };
    let request = PutItemsRequest { items: vec![item], ..PutItemsRequest::default() };
    client.put_items(&request).await.map(drop)
}

/// Sends an event that breaks rules.
async fn show_refusal(client: &GatewayClient) {
    let event = Event { user_id: Some(String::new()), event_type: "View".into(), ..Event::default() };
    let mut request = PutEventsRequest { events: vec![event], ..PutEventsRequest::default() };
    if let Err(error) = client.put_events(&mut request).await {
        println!("{:?} ({}):", error.code, error.reason);
        for one in error.violations {
            println!("  {} breaks {}: {}", one.field, one.rule, one.description);
        }
    }
}

/// Returns a request of 100 events. They have event IDs, so that what is sent again counts once.
fn new_request(number: i64) -> IngestRequest {
    let event = |index| Event {
        session_id: format!("s-{}", index % 10),
        event_id: Some(format!("e-{number}-{index}")),
        event_type: "View".into(),
        event_time: Some(SystemTime::now().into()),
        item_id: Some("i-42".into()),
        ..Event::default()
    };
    let records = (0..100).map(|index| IngestRecord { kind: Some(Kind::Event(event(index))) });
    IngestRequest { sequence: number, records: records.collect(), ..IngestRequest::default() }
}

/// Sends requests until all are acknowledged: what was not, when a stream ended, goes over the next.
async fn ingest(client: &GatewayClient, mut requests: VecDeque<IngestRequest>) -> Result<(), GatewayError> {
    let mut streams = 0;
    while !requests.is_empty() {
        streams += 1;
        match send(client, &mut requests).await {
            Err(error) if !error.is_retryable() || streams == MAX_STREAMS => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(200) * streams).await,
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Sends requests over one stream, no more than so many ahead of their acknowledgements, and takes those
/// away that were acknowledged.
async fn send(client: &GatewayClient, requests: &mut VecDeque<IngestRequest>) -> Result<(), GatewayError> {
    let (sender, receiver) = mpsc::channel(MAX_UNACKNOWLEDGED);
    let mut sent = 0;
    while sent < requests.len().min(MAX_UNACKNOWLEDGED) {
        sender.try_send(requests[sent].clone()).expect("the channel has the room");
        sent += 1;
    }
    let mut sender = Some(sender);
    let mut responses = client.ingest().ingest(ReceiverStream::new(receiver)).await?.into_inner();
    loop {
        if sent == requests.len() {
            sender = None; // It ends the client's side: the gateway answers all, and ends its own.
        }
        let Some(response) = responses.message().await? else {
            return Ok(());
        };
        sent -= settle(requests, &response);
        while let Some(sender) = sender.as_ref().filter(|_| sent < requests.len().min(MAX_UNACKNOWLEDGED)) {
            if sender.send(requests[sent].clone()).await.is_err() {
                break; // The stream has ended; the next message says why.
            }
            sent += 1;
        }
    }
}

/// Takes away what is acknowledged, says what was refused of it, and returns how many requests it was.
fn settle(requests: &mut VecDeque<IngestRequest>, response: &IngestResponse) -> usize {
    for refusal in &response.refusals {
        println!("request {}, record {}: {}", refusal.sequence, refusal.record_index, refusal.message);
    }
    let settled = requests.partition_point(|request| request.sequence <= response.acknowledged_sequence);
    requests.drain(..settled);
    settled
}
