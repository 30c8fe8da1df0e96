#include "personalize_gateway/client.h"

#include <utility>

#include <grpcpp/create_channel.h>

#include "event_id.h"
#include "retry.h"

namespace personalize_gateway {
namespace {

// A page of dead letters is larger than gRPC's own limit of 4 MiB.
constexpr int kMaxResponseBytes = 16 << 20;

int Milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

grpc::ChannelArguments ArgumentsOf(const Options& options) {
  grpc::ChannelArguments arguments = options.arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_interval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // The proxy of the environment is for the way out of a network, and a gateway is in it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  if (options.retries) {
    arguments.SetServiceConfigJSON(kRetryConfig);
  } else {
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  }
  return arguments;
}

void IdentifyRecord(v1::IngestRecord* record) {
  if (record->has_event()) {
    Identify(record->mutable_event());
  } else if (record->has_action_interaction()) {
    Identify(record->mutable_action_interaction());
  }
}

}  // namespace

GatewayClient::GatewayClient(const std::string& target, Credentials credentials, Options options)
    : credentials_(std::move(credentials)), timeout_(options.timeout), retries_(options.retries) {
  credentials_.Check(target);
  const auto channel =
      grpc::CreateCustomChannel(target, credentials_.channel_, ArgumentsOf(options));
  stubs_ = std::make_shared<const Stubs>(Stubs{
      v1::EventService::NewStub(channel), v1::CatalogService::NewStub(channel),
      v1::IngestService::NewStub(channel), v1::TrackerService::NewStub(channel),
      v1::RouteService::NewStub(channel), v1::DeadLetterService::NewStub(channel)});
}

v1::PutEventsResponse GatewayClient::PutEvents(v1::PutEventsRequest* request) const {
  for (auto& event : *request->mutable_events()) {
    Identify(&event);
  }
  v1::PutEventsResponse response;
  Call([&](auto* context) { return events().PutEvents(context, *request, &response); });
  return response;
}

v1::PutActionInteractionsResponse GatewayClient::PutActionInteractions(
    v1::PutActionInteractionsRequest* request) const {
  for (auto& interaction : *request->mutable_action_interactions()) {
    Identify(&interaction);
  }
  v1::PutActionInteractionsResponse response;
  Call([&](auto* context) { return events().PutActionInteractions(context, *request, &response); });
  return response;
}

v1::PutItemsResponse GatewayClient::PutItems(const v1::PutItemsRequest& request) const {
  v1::PutItemsResponse response;
  Call([&](auto* context) { return catalog().PutItems(context, request, &response); });
  return response;
}

v1::PutUsersResponse GatewayClient::PutUsers(const v1::PutUsersRequest& request) const {
  v1::PutUsersResponse response;
  Call([&](auto* context) { return catalog().PutUsers(context, request, &response); });
  return response;
}

v1::PutActionsResponse GatewayClient::PutActions(const v1::PutActionsRequest& request) const {
  v1::PutActionsResponse response;
  Call([&](auto* context) { return catalog().PutActions(context, request, &response); });
  return response;
}

v1::IngestBatchResponse GatewayClient::IngestBatch(v1::IngestBatchRequest* request) const {
  for (auto& record : *request->mutable_records()) {
    IdentifyRecord(&record);
  }
  v1::IngestBatchResponse response;
  Call([&](auto* context) { return ingest().IngestBatch(context, *request, &response); });
  return response;
}

GatewayClient GatewayClient::WithTimeout(std::chrono::milliseconds timeout) const {
  GatewayClient with = *this;
  with.timeout_ = timeout;
  return with;
}

std::unique_ptr<grpc::ClientContext> GatewayClient::NewContext() const {
  auto context = NewStreamContext();
  context->set_deadline(Deadline());
  return context;
}

std::unique_ptr<grpc::ClientContext> GatewayClient::NewStreamContext() const {
  auto context = std::make_unique<grpc::ClientContext>();
  credentials_.Apply(context.get());
  return context;
}

void GatewayClient::Call(const std::function<grpc::Status(grpc::ClientContext*)>& send) const {
  const auto deadline = Deadline();
  const grpc::Status status = Attempts(retries_, deadline, [&] {
    const auto context = NewStreamContext();  // A context is for one attempt.
    context->set_deadline(deadline);
    return send(context.get());
  });
  if (!status.ok()) {
    throw GatewayError(status);
  }
}

std::chrono::system_clock::time_point GatewayClient::Deadline() const {
  using std::chrono::system_clock;
  return timeout_.count() > 0 ? system_clock::now() + timeout_ : system_clock::time_point::max();
}

}  // namespace personalize_gateway
