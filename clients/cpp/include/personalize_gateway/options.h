#pragma once

#include <chrono>

#include <grpcpp/support/channel_arguments.h>

namespace personalize_gateway {

// How a client calls.
struct Options {
  // How long a call may take, with its retries. Zero means no limit. Streams have none.
  std::chrono::milliseconds timeout = std::chrono::seconds(5);

  // Whether what may pass is sent again.
  bool retries = true;

  // How long a connection may be silent, while calls are under way, before it is asked whether it
  // lives, and how long the answer may take. A gateway, or what stands before it, may close connections
  // that ask more often than every five minutes.
  std::chrono::milliseconds keepalive_interval = std::chrono::seconds(310);
  std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(20);

  // Arguments of gRPC itself. The client's own are set over them.
  grpc::ChannelArguments arguments;
};

}  // namespace personalize_gateway
