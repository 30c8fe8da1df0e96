#pragma once

#include <string>

namespace personalize_gateway {

// Gives an event, or an action interaction, an event ID where it has none.
std::string NewEventId();

template <typename Record>
void Identify(Record* record) {
  if (!record->has_event_id()) {
    record->set_event_id(NewEventId());
  }
}

}  // namespace personalize_gateway
