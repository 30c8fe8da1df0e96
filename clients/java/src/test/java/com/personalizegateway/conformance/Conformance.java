package com.personalizegateway.conformance;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.personalizegateway.client.Credentials;
import com.personalizegateway.client.GatewayClient;
import com.personalizegateway.client.GatewayException;
import com.personalizegateway.client.Options;
import com.personalizegateway.v1.IngestBatchRequest;
import com.personalizegateway.v1.IngestBatchResponse;
import com.personalizegateway.v1.PutActionInteractionsRequest;
import com.personalizegateway.v1.PutActionsRequest;
import com.personalizegateway.v1.PutEventsRequest;
import com.personalizegateway.v1.PutItemsRequest;
import com.personalizegateway.v1.PutUsersRequest;
import com.personalizegateway.v1.Refusal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sends every case of the vectors to a gateway, and prints for each what came of it as a line of JSON.
 * {@code tests/vectors/README.md} tells of both.
 */
public final class Conformance {
    private static final Gson LINES = new GsonBuilder().disableHtmlEscaping().create();

    private final GatewayClient client;

    private Conformance(GatewayClient client) {
        this.client = client;
    }

    /**
     * Runs all vectors.
     *
     * @param arguments the gateway's {@code HOST:PORT}, and the folder of the vectors
     * @throws IOException if a vector cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Options options = Options.builder().deadline(Duration.ofSeconds(30)).build();
        try (GatewayClient client = new GatewayClient(arguments[0], Credentials.insecure(), options)) {
            Conformance conformance = new Conformance(client);
            for (Path file : files(Path.of(arguments[1]))) {
                JsonObject vector = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
                String prefix = vector.get("name").getAsString() + "/";
                vector.getAsJsonArray("cases").forEach(one ->
                        out.println(LINES.toJson(conformance.run(prefix, one.getAsJsonObject()))));
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    private JsonObject run(String prefix, JsonObject one) {
        Result result = new Result(prefix + one.get("name").getAsString());
        try {
            send(one, result);
            result.code("OK", "", "");
        } catch (InvalidProtocolBufferException unreadable) {
            result.code("CLIENT", "", unreadable.getMessage());
        } catch (GatewayException error) {
            // Without a cause it is the client's own: nothing was sent.
            boolean isSent = error.getCause() != null;
            result.code(
                    isSent ? error.code().name() : "CLIENT", isSent ? error.reason() : "", error.getMessage());
            error.violations().forEach(violation -> result.violation(violation.field(), violation.rule()));
        }
        return result.line;
    }

    private void send(JsonObject one, Result result) throws InvalidProtocolBufferException {
        String rpc = one.get("rpc").getAsString();
        switch (rpc) {
            case "PutEvents" -> client.putEvents(request(one, PutEventsRequest.newBuilder()).build());
            case "PutActionInteractions" -> client.putActionInteractions(
                    request(one, PutActionInteractionsRequest.newBuilder()).build());
            case "PutItems" -> client.putItems(request(one, PutItemsRequest.newBuilder()).build());
            case "PutUsers" -> client.putUsers(request(one, PutUsersRequest.newBuilder()).build());
            case "PutActions" -> client.putActions(request(one, PutActionsRequest.newBuilder()).build());
            case "IngestBatch" -> result.refusals(
                    client.ingestBatch(request(one, IngestBatchRequest.newBuilder()).build()));
            default -> throw new IllegalArgumentException("the vectors name an RPC " + rpc);
        }
    }

    private static <B extends Message.Builder> B request(JsonObject one, B request)
            throws InvalidProtocolBufferException {
        if (one.has("request_wire")) {
            request.mergeFrom(Base64.getDecoder().decode(one.get("request_wire").getAsString()));
        } else {
            JsonFormat.parser().merge(one.get("request").toString(), request);
        }
        return request;
    }

    /** What came of a case. */
    private static final class Result {
        private final JsonObject line = new JsonObject();
        private final JsonArray violations = new JsonArray();
        private final JsonArray refused = new JsonArray();

        Result(String name) {
            line.addProperty("name", name);
        }

        void code(String code, String reason, String error) {
            line.addProperty("code", code);
            line.addProperty("reason", reason);
            line.add("violations", violations);
            line.add("refused", refused);
            line.addProperty("error", error);
        }

        void refusals(IngestBatchResponse response) {
            for (Refusal refusal : response.getRefusalsList()) {
                JsonObject told = new JsonObject();
                told.addProperty("record_index", refusal.getRecordIndex());
                told.addProperty("reason", without("ERROR_REASON_", refusal.getReason().name()));
                refused.add(told);
                refusal.getViolationsList().forEach(violation ->
                        violation(violation.getField(), without("RULE_", violation.getRule().name())));
            }
        }

        void violation(String field, String rule) {
            JsonObject violation = new JsonObject();
            violation.addProperty("field", field);
            violation.addProperty("rule", rule);
            violations.add(violation);
        }

        private static String without(String prefix, String name) {
            return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
        }
    }
}
