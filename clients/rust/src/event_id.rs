use std::fmt::Write as _;

use crate::v1::ingest_record::Kind;
use crate::v1::{ActionInteraction, Event, IngestRecord};

/// Gives the record an event ID, where its kind has one and it is unset.
pub fn identify(record: &mut IngestRecord) {
    match &mut record.kind {
        Some(Kind::Event(event)) => identify_event(event),
        Some(Kind::ActionInteraction(interaction)) => identify_action_interaction(interaction),
        _ => {}
    }
}

pub fn identify_event(event: &mut Event) {
    event.event_id.get_or_insert_with(new_event_id);
}

pub fn identify_action_interaction(interaction: &mut ActionInteraction) {
    interaction.event_id.get_or_insert_with(new_event_id);
}

/// Returns a random UUID (version 4 of RFC 9562).
fn new_event_id() -> String {
    let mut bytes: [u8; 16] = random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        write!(id, "{byte:02x}").expect("a String takes all that is written");
    }
    id
}

/// Returns random bytes of the operating system, which has them always once it has started.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}
