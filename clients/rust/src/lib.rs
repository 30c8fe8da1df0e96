//! Client of the Personalize gateway: calls with deadlines, retries and typed errors.
//!
//! ```no_run
//! use personalize_gateway_client::v1::{Event, PutEventsRequest};
//! use personalize_gateway_client::{Credentials, GatewayClient, Options};
//!
//! # async fn send() -> Result<(), Box<dyn std::error::Error>> {
//! let client = GatewayClient::new("localhost:50051", &Credentials::insecure(), Options::default())?;
//! let event = Event {
//!     session_id: "s-1".into(),
//!     event_type: "View".into(),
//!     event_time: Some(std::time::SystemTime::now().into()),
//!     item_id: Some("i-42".into()),
//!     ..Event::default()
//! };
//! let mut request = PutEventsRequest { events: vec![event], ..Default::default() };
//! client.put_events(&mut request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Optional fields are an `Option`: `None` is unset, and an empty text is refused. [`non_empty`] makes
//! the one of the other.

mod call_metadata;
mod client;
mod credentials;
mod error;
mod event_id;
mod options;
mod properties;
mod retry;

#[allow(missing_docs, clippy::all, clippy::pedantic)]
#[rustfmt::skip]
#[path = "generated/personalize_gateway.v1.rs"]
/// The messages and the raw stubs, generated from the gateway's protos.
pub mod v1;

pub use call_metadata::CallMetadata;
pub use client::{Connection, GatewayClient};
pub use credentials::{Credentials, TokenError};
pub use error::{GatewayError, InvalidSetting, Violation};
pub use options::{Keepalive, Options};
pub use properties::{Properties, Property, non_empty};
