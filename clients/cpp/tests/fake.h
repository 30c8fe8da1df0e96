#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "error_details.pb.h"
#include "personalize_gateway/client.h"

namespace personalize_gateway {

template <typename Detail>
void AddDetail(error_details::Status* status, const std::string& name, const Detail& detail) {
  auto* any = status->add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + name);
  any->set_value(detail.SerializeAsString());
}

inline error_details::RetryInfo RetryAfter(std::chrono::milliseconds delay) {
  error_details::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(delay.count() / 1000);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(delay.count() % 1000) * 1'000'000);
  return info;
}

// An error as a gateway gives it.
inline error_details::Status Details(const std::string& reason,
                                     const std::string& domain = "personalize-gateway") {
  error_details::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  (*info.mutable_metadata())["violations"] = "25";
  error_details::Status details;
  AddDetail(&details, "ErrorInfo", info);
  return details;
}

inline grpc::Status Answer(grpc::StatusCode code, const std::string& message,
                           const error_details::Status& details) {
  return grpc::Status(code, message, details.SerializeAsString());
}

inline grpc::Status Throttled(std::chrono::milliseconds delay) {
  auto details = Details("CALLER_LIMIT_REACHED");
  AddDetail(&details, "RetryInfo", RetryAfter(delay));
  return Answer(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many", details);
}

// Options of a client that waits for an answer, however busy the machine is.
inline Options Patient() {
  Options options;
  options.timeout = std::chrono::seconds(60);
  return options;
}

// A gateway on loopback that answers as it is told, and keeps what it got.
class Fake final : public v1::EventService::Service {
 public:
  using Headers = std::multimap<std::string, std::string>;

  // It answers these to PutEvents, in order, and OK to what is beyond.
  explicit Fake(std::deque<grpc::Status> answers = {},
                std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials())
      : answers_(std::move(answers)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  ~Fake() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string target() const { return "localhost:" + std::to_string(port_); }

  GatewayClient client(Options options = Patient()) const {
    return GatewayClient(target(), Credentials::Insecure(), std::move(options));
  }

  std::vector<v1::PutEventsRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  std::vector<Headers> headers() const {
    const std::lock_guard lock(mutex_);
    return headers_;
  }

  // Makes it wait for the end of each call.
  void Hold() { is_silent_ = true; }

  grpc::Status PutEvents(grpc::ServerContext* context, const v1::PutEventsRequest* request,
                         v1::PutEventsResponse*) override {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
      Headers headers;
      for (const auto& [key, value] : context->client_metadata()) {
        headers.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
      }
      headers_.push_back(std::move(headers));
    }
    while (is_silent_ && !context->IsCancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) {
      return grpc::Status::OK;
    }
    const grpc::Status answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<grpc::Status> answers_;
  std::vector<v1::PutEventsRequest> requests_;
  std::vector<Headers> headers_;
  bool is_silent_ = false;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

inline v1::PutEventsRequest OneEvent() {
  v1::PutEventsRequest request;
  auto* event = request.add_events();
  event->set_session_id("s-1");
  event->set_event_type("View");
  return request;
}

// The error of a call, which must not be served.
template <typename Call>
GatewayError ErrorOf(Call call) {
  try {
    call();
  } catch (const GatewayError& error) {
    return error;
  }
  throw std::logic_error("it was served");
}

}  // namespace personalize_gateway
