package com.personalizegateway.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Takes what users do. A request is taken whole or refused whole.
 * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
 * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
 * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
 * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
 * carries a google.rpc.ErrorInfo with an `ErrorReason`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class EventServiceGrpc {

  private EventServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "personalize_gateway.v1.EventService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.PutEventsRequest,
      com.personalizegateway.v1.PutEventsResponse> getPutEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutEvents",
      requestType = com.personalizegateway.v1.PutEventsRequest.class,
      responseType = com.personalizegateway.v1.PutEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.PutEventsRequest,
      com.personalizegateway.v1.PutEventsResponse> getPutEventsMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.PutEventsRequest, com.personalizegateway.v1.PutEventsResponse> getPutEventsMethod;
    if ((getPutEventsMethod = EventServiceGrpc.getPutEventsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getPutEventsMethod = EventServiceGrpc.getPutEventsMethod) == null) {
          EventServiceGrpc.getPutEventsMethod = getPutEventsMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.PutEventsRequest, com.personalizegateway.v1.PutEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("PutEvents"))
              .build();
        }
      }
    }
    return getPutEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionInteractionsRequest,
      com.personalizegateway.v1.PutActionInteractionsResponse> getPutActionInteractionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutActionInteractions",
      requestType = com.personalizegateway.v1.PutActionInteractionsRequest.class,
      responseType = com.personalizegateway.v1.PutActionInteractionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionInteractionsRequest,
      com.personalizegateway.v1.PutActionInteractionsResponse> getPutActionInteractionsMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.PutActionInteractionsRequest, com.personalizegateway.v1.PutActionInteractionsResponse> getPutActionInteractionsMethod;
    if ((getPutActionInteractionsMethod = EventServiceGrpc.getPutActionInteractionsMethod) == null) {
      synchronized (EventServiceGrpc.class) {
        if ((getPutActionInteractionsMethod = EventServiceGrpc.getPutActionInteractionsMethod) == null) {
          EventServiceGrpc.getPutActionInteractionsMethod = getPutActionInteractionsMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.PutActionInteractionsRequest, com.personalizegateway.v1.PutActionInteractionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutActionInteractions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutActionInteractionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.PutActionInteractionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventServiceMethodDescriptorSupplier("PutActionInteractions"))
              .build();
        }
      }
    }
    return getPutActionInteractionsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static EventServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceStub>() {
        @java.lang.Override
        public EventServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceStub(channel, callOptions);
        }
      };
    return EventServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static EventServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingV2Stub>() {
        @java.lang.Override
        public EventServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return EventServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static EventServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceBlockingStub>() {
        @java.lang.Override
        public EventServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceBlockingStub(channel, callOptions);
        }
      };
    return EventServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static EventServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventServiceFutureStub>() {
        @java.lang.Override
        public EventServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventServiceFutureStub(channel, callOptions);
        }
      };
    return EventServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Takes 1–500 events.
     * </pre>
     */
    default void putEvents(com.personalizegateway.v1.PutEventsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 action interactions.
     * </pre>
     */
    default void putActionInteractions(com.personalizegateway.v1.PutActionInteractionsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionInteractionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutActionInteractionsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service EventService.
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public static abstract class EventServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return EventServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service EventService.
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public static final class EventServiceStub
      extends io.grpc.stub.AbstractAsyncStub<EventServiceStub> {
    private EventServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 events.
     * </pre>
     */
    public void putEvents(com.personalizegateway.v1.PutEventsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes 1–500 action interactions.
     * </pre>
     */
    public void putActionInteractions(com.personalizegateway.v1.PutActionInteractionsRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionInteractionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutActionInteractionsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service EventService.
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public static final class EventServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingV2Stub> {
    private EventServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 events.
     * </pre>
     */
    public com.personalizegateway.v1.PutEventsResponse putEvents(com.personalizegateway.v1.PutEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 action interactions.
     * </pre>
     */
    public com.personalizegateway.v1.PutActionInteractionsResponse putActionInteractions(com.personalizegateway.v1.PutActionInteractionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutActionInteractionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service EventService.
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public static final class EventServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<EventServiceBlockingStub> {
    private EventServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 events.
     * </pre>
     */
    public com.personalizegateway.v1.PutEventsResponse putEvents(com.personalizegateway.v1.PutEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes 1–500 action interactions.
     * </pre>
     */
    public com.personalizegateway.v1.PutActionInteractionsResponse putActionInteractions(com.personalizegateway.v1.PutActionInteractionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutActionInteractionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service EventService.
   * <pre>
   * Takes what users do. A request is taken whole or refused whole.
   * Errors of both RPCs: INVALID_ARGUMENT (the request breaks rules; google.rpc.BadRequest names the
   * fields), UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND (dataset group), FAILED_PRECONDITION (the
   * dataset group cannot take the kind), RESOURCE_EXHAUSTED (a limit or the budget is used up;
   * google.rpc.RetryInfo says when to try again), UNAVAILABLE (nothing was stored: try again). Each
   * carries a google.rpc.ErrorInfo with an `ErrorReason`.
   * </pre>
   */
  public static final class EventServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<EventServiceFutureStub> {
    private EventServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes 1–500 events.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.PutEventsResponse> putEvents(
        com.personalizegateway.v1.PutEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Takes 1–500 action interactions.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.PutActionInteractionsResponse> putActionInteractions(
        com.personalizegateway.v1.PutActionInteractionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutActionInteractionsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_PUT_EVENTS = 0;
  private static final int METHODID_PUT_ACTION_INTERACTIONS = 1;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_PUT_EVENTS:
          serviceImpl.putEvents((com.personalizegateway.v1.PutEventsRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutEventsResponse>) responseObserver);
          break;
        case METHODID_PUT_ACTION_INTERACTIONS:
          serviceImpl.putActionInteractions((com.personalizegateway.v1.PutActionInteractionsRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.PutActionInteractionsResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getPutEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.PutEventsRequest,
              com.personalizegateway.v1.PutEventsResponse>(
                service, METHODID_PUT_EVENTS)))
        .addMethod(
          getPutActionInteractionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.PutActionInteractionsRequest,
              com.personalizegateway.v1.PutActionInteractionsResponse>(
                service, METHODID_PUT_ACTION_INTERACTIONS)))
        .build();
  }

  private static abstract class EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    EventServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.personalizegateway.v1.EventServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("EventService");
    }
  }

  private static final class EventServiceFileDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier {
    EventServiceFileDescriptorSupplier() {}
  }

  private static final class EventServiceMethodDescriptorSupplier
      extends EventServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    EventServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (EventServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new EventServiceFileDescriptorSupplier())
              .addMethod(getPutEventsMethod())
              .addMethod(getPutActionInteractionsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
