#pragma once

#include <functional>
#include <memory>
#include <string>

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>

namespace personalize_gateway {

// Returns the bearer token of a call. It is asked before each attempt, maybe by several threads at once,
// and keeps the token for as long as it holds. Where it throws, the call is UNAVAILABLE.
using TokenSource = std::function<std::string()>;

// How the connection is secured, and who calls.
class Credentials {
 public:
  // No TLS: for loopback, or where a sidecar secures the connection.
  static Credentials Insecure();

  // TLS with the texts of PEM files. An empty `ca` trusts the certificates that the system trusts.
  // With `certificate` and `key` the client shows its certificate (mTLS).
  //
  // A client keeps the certificates that it was made with. Make a new one when they are renewed.
  static Credentials Tls(std::string ca = "", std::string certificate = "", std::string key = "");

  // TLS as gRPC's own credentials say.
  static Credentials Channel(std::shared_ptr<grpc::ChannelCredentials> channel);

  // Sends a bearer token with each call; without TLS to this machine only.
  Credentials WithToken(TokenSource source) const;

  // Names the caller in the header `x-caller`, which proves nothing: a gateway believes it on loopback,
  // or where its configuration says so.
  Credentials WithCaller(std::string name) const;

 private:
  friend class GatewayClient;

  explicit Credentials(std::shared_ptr<grpc::ChannelCredentials> channel, bool is_secure);

  // Throws std::invalid_argument where a token would go to another machine without TLS.
  void Check(const std::string& target) const;

  // Gives a call its headers. Throws GatewayError where there is no token.
  void Apply(grpc::ClientContext* context) const;

  std::shared_ptr<grpc::ChannelCredentials> channel_;
  bool is_secure_;
  std::string caller_;
  TokenSource token_;
};

}  // namespace personalize_gateway
