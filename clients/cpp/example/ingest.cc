// Sends an item and, over one Ingest stream, some events to a gateway, and shows what a refusal says. It
// goes with `personalize-gateway serve` without a configuration, whose Items have price and category:
//
//   build/ingest_example 127.0.0.1:50051

#include <condition_variable>
#include <ctime>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "personalize_gateway/client.h"
#include "personalize_gateway/properties.h"

namespace {

namespace v1 = personalize_gateway::v1;
using personalize_gateway::GatewayClient;
using personalize_gateway::GatewayError;
using personalize_gateway::Properties;

constexpr std::size_t kMaxUnacknowledged = 16;
constexpr int kMaxStreams = 5;

void PutItem(const GatewayClient& client) {
  v1::PutItemsRequest request;
  auto* item = request.add_items();
  item->set_item_id("i-42");
  *item->mutable_properties() =
      Properties().Set("price", 12.5).Set("category", {"Shoes", "Boots"}).Build();
  client.PutItems(request);
}

// Sends an event that breaks rules.
void ShowRefusal(const GatewayClient& client) {
  v1::PutEventsRequest request;
  auto* event = request.add_events();
  event->set_user_id("");
  event->set_event_type("View");
  try {
    client.PutEvents(&request);
  } catch (const GatewayError& error) {
    std::cout << personalize_gateway::CodeName(error.code()) << " (" << error.reason() << "):\n";
    for (const auto& one : error.violations()) {
      std::cout << "  " << one.field << " breaks " << one.rule << ": " << one.description << '\n';
    }
  }
}

// A request of 100 events. Those of a program that runs for longer have event IDs of their own: without
// one, the gateway makes it of the content, so that what is sent again counts once.
v1::IngestRequest NewRequest(int number) {
  v1::IngestRequest request;
  request.set_sequence(number);
  for (int index = 0; index < 100; ++index) {
    auto* event = request.add_records()->mutable_event();
    event->set_session_id("s-" + std::to_string(index % 10));
    event->set_event_id("e-" + std::to_string(number) + "-" + std::to_string(index));
    event->set_event_type("View");
    event->set_item_id("i-42");
    event->mutable_event_time()->set_seconds(std::time(nullptr));
  }
  return request;
}

// Requests on their way: what is not acknowledged is kept, to be sent again.
class Unacknowledged {
 public:
  // Sends the requests on a stream, no more than so many ahead of their acknowledgements. Returns the
  // status with which it ended; the deque then holds those that were not acknowledged.
  static grpc::Status Send(const GatewayClient& client, std::deque<v1::IngestRequest>* requests) {
    const auto context = client.NewStreamContext();
    const auto stream = client.ingest().Ingest(context.get());
    Unacknowledged state(requests);
    std::thread reader([&] { state.Read(stream.get()); });
    for (std::size_t next = 0; state.WaitForRoom(next); ++next) {
      if (!stream->Write(state.all_[next])) {
        break;  // The stream has ended; Finish says why.
      }
    }
    stream->WritesDone();
    reader.join();
    const grpc::Status status = stream->Finish();
    requests->erase(requests->begin(), requests->begin() + static_cast<std::ptrdiff_t>(state.settled_));
    return status;
  }

 private:
  explicit Unacknowledged(const std::deque<v1::IngestRequest>* requests) : all_(*requests) {}

  // Waits until the request of this index may be sent; false where there is none, or no stream.
  bool WaitForRoom(std::size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || index < settled_ + kMaxUnacknowledged; });
    return !ended_ && index < all_.size();
  }

  void Read(grpc::ClientReaderWriterInterface<v1::IngestRequest, v1::IngestResponse>* stream) {
    v1::IngestResponse response;
    while (stream->Read(&response)) {
      for (const auto& refusal : response.refusals()) {
        std::cout << "request " << refusal.sequence() << ", record " << refusal.record_index() << ": "
                  << refusal.message() << '\n';
      }
      const std::lock_guard lock(mutex_);
      while (settled_ < all_.size() && all_[settled_].sequence() <= response.acknowledged_sequence()) {
        ++settled_;
      }
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  const std::deque<v1::IngestRequest>& all_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t settled_ = 0;
  bool ended_ = false;
};

void Ingest(const GatewayClient& client) {
  std::deque<v1::IngestRequest> requests;
  for (int number = 1; number <= 50; ++number) {
    requests.push_back(NewRequest(number));
  }
  for (int attempt = 1; !requests.empty(); ++attempt) {
    const grpc::Status status = Unacknowledged::Send(client, &requests);
    if (status.ok() || requests.empty()) {
      break;
    }
    const GatewayError error(status);
    if (!error.is_retryable() || attempt == kMaxStreams) {
      throw error;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200) * attempt);
  }
  std::cout << "5000 events are stored\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) {
    std::cerr << "usage: ingest_example TARGET\n";
    return 2;
  }
  try {
    const GatewayClient client(argv[1], personalize_gateway::Credentials::Insecure());
    PutItem(client);
    ShowRefusal(client);
    Ingest(client);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
