package com.personalizegateway.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Manages the event trackers of dataset groups. Needs the permission `admin`.
 * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
 * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TrackerServiceGrpc {

  private TrackerServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "personalize_gateway.v1.TrackerService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.CreateEventTrackerRequest,
      com.personalizegateway.v1.CreateEventTrackerResponse> getCreateEventTrackerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateEventTracker",
      requestType = com.personalizegateway.v1.CreateEventTrackerRequest.class,
      responseType = com.personalizegateway.v1.CreateEventTrackerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.CreateEventTrackerRequest,
      com.personalizegateway.v1.CreateEventTrackerResponse> getCreateEventTrackerMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.CreateEventTrackerRequest, com.personalizegateway.v1.CreateEventTrackerResponse> getCreateEventTrackerMethod;
    if ((getCreateEventTrackerMethod = TrackerServiceGrpc.getCreateEventTrackerMethod) == null) {
      synchronized (TrackerServiceGrpc.class) {
        if ((getCreateEventTrackerMethod = TrackerServiceGrpc.getCreateEventTrackerMethod) == null) {
          TrackerServiceGrpc.getCreateEventTrackerMethod = getCreateEventTrackerMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.CreateEventTrackerRequest, com.personalizegateway.v1.CreateEventTrackerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateEventTracker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.CreateEventTrackerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.CreateEventTrackerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackerServiceMethodDescriptorSupplier("CreateEventTracker"))
              .build();
        }
      }
    }
    return getCreateEventTrackerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeEventTrackerRequest,
      com.personalizegateway.v1.DescribeEventTrackerResponse> getDescribeEventTrackerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DescribeEventTracker",
      requestType = com.personalizegateway.v1.DescribeEventTrackerRequest.class,
      responseType = com.personalizegateway.v1.DescribeEventTrackerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeEventTrackerRequest,
      com.personalizegateway.v1.DescribeEventTrackerResponse> getDescribeEventTrackerMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.DescribeEventTrackerRequest, com.personalizegateway.v1.DescribeEventTrackerResponse> getDescribeEventTrackerMethod;
    if ((getDescribeEventTrackerMethod = TrackerServiceGrpc.getDescribeEventTrackerMethod) == null) {
      synchronized (TrackerServiceGrpc.class) {
        if ((getDescribeEventTrackerMethod = TrackerServiceGrpc.getDescribeEventTrackerMethod) == null) {
          TrackerServiceGrpc.getDescribeEventTrackerMethod = getDescribeEventTrackerMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.DescribeEventTrackerRequest, com.personalizegateway.v1.DescribeEventTrackerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DescribeEventTracker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DescribeEventTrackerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DescribeEventTrackerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackerServiceMethodDescriptorSupplier("DescribeEventTracker"))
              .build();
        }
      }
    }
    return getDescribeEventTrackerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.ListEventTrackersRequest,
      com.personalizegateway.v1.ListEventTrackersResponse> getListEventTrackersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEventTrackers",
      requestType = com.personalizegateway.v1.ListEventTrackersRequest.class,
      responseType = com.personalizegateway.v1.ListEventTrackersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.ListEventTrackersRequest,
      com.personalizegateway.v1.ListEventTrackersResponse> getListEventTrackersMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.ListEventTrackersRequest, com.personalizegateway.v1.ListEventTrackersResponse> getListEventTrackersMethod;
    if ((getListEventTrackersMethod = TrackerServiceGrpc.getListEventTrackersMethod) == null) {
      synchronized (TrackerServiceGrpc.class) {
        if ((getListEventTrackersMethod = TrackerServiceGrpc.getListEventTrackersMethod) == null) {
          TrackerServiceGrpc.getListEventTrackersMethod = getListEventTrackersMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.ListEventTrackersRequest, com.personalizegateway.v1.ListEventTrackersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEventTrackers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListEventTrackersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.ListEventTrackersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackerServiceMethodDescriptorSupplier("ListEventTrackers"))
              .build();
        }
      }
    }
    return getListEventTrackersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteEventTrackerRequest,
      com.personalizegateway.v1.DeleteEventTrackerResponse> getDeleteEventTrackerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteEventTracker",
      requestType = com.personalizegateway.v1.DeleteEventTrackerRequest.class,
      responseType = com.personalizegateway.v1.DeleteEventTrackerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteEventTrackerRequest,
      com.personalizegateway.v1.DeleteEventTrackerResponse> getDeleteEventTrackerMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.DeleteEventTrackerRequest, com.personalizegateway.v1.DeleteEventTrackerResponse> getDeleteEventTrackerMethod;
    if ((getDeleteEventTrackerMethod = TrackerServiceGrpc.getDeleteEventTrackerMethod) == null) {
      synchronized (TrackerServiceGrpc.class) {
        if ((getDeleteEventTrackerMethod = TrackerServiceGrpc.getDeleteEventTrackerMethod) == null) {
          TrackerServiceGrpc.getDeleteEventTrackerMethod = getDeleteEventTrackerMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.DeleteEventTrackerRequest, com.personalizegateway.v1.DeleteEventTrackerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteEventTracker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DeleteEventTrackerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.DeleteEventTrackerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackerServiceMethodDescriptorSupplier("DeleteEventTracker"))
              .build();
        }
      }
    }
    return getDeleteEventTrackerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.personalizegateway.v1.WatchEventTrackerRequest,
      com.personalizegateway.v1.WatchEventTrackerResponse> getWatchEventTrackerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchEventTracker",
      requestType = com.personalizegateway.v1.WatchEventTrackerRequest.class,
      responseType = com.personalizegateway.v1.WatchEventTrackerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.personalizegateway.v1.WatchEventTrackerRequest,
      com.personalizegateway.v1.WatchEventTrackerResponse> getWatchEventTrackerMethod() {
    io.grpc.MethodDescriptor<com.personalizegateway.v1.WatchEventTrackerRequest, com.personalizegateway.v1.WatchEventTrackerResponse> getWatchEventTrackerMethod;
    if ((getWatchEventTrackerMethod = TrackerServiceGrpc.getWatchEventTrackerMethod) == null) {
      synchronized (TrackerServiceGrpc.class) {
        if ((getWatchEventTrackerMethod = TrackerServiceGrpc.getWatchEventTrackerMethod) == null) {
          TrackerServiceGrpc.getWatchEventTrackerMethod = getWatchEventTrackerMethod =
              io.grpc.MethodDescriptor.<com.personalizegateway.v1.WatchEventTrackerRequest, com.personalizegateway.v1.WatchEventTrackerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchEventTracker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.WatchEventTrackerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.personalizegateway.v1.WatchEventTrackerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TrackerServiceMethodDescriptorSupplier("WatchEventTracker"))
              .build();
        }
      }
    }
    return getWatchEventTrackerMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TrackerServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackerServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackerServiceStub>() {
        @java.lang.Override
        public TrackerServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackerServiceStub(channel, callOptions);
        }
      };
    return TrackerServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TrackerServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackerServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackerServiceBlockingV2Stub>() {
        @java.lang.Override
        public TrackerServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackerServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return TrackerServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TrackerServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackerServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackerServiceBlockingStub>() {
        @java.lang.Override
        public TrackerServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackerServiceBlockingStub(channel, callOptions);
        }
      };
    return TrackerServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TrackerServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TrackerServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TrackerServiceFutureStub>() {
        @java.lang.Override
        public TrackerServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TrackerServiceFutureStub(channel, callOptions);
        }
      };
    return TrackerServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates an event tracker. It may be used once it is ACTIVE: see WatchEventTracker. ALREADY_EXISTS
     * where the dataset group has one.
     * </pre>
     */
    default void createEventTracker(com.personalizegateway.v1.CreateEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.CreateEventTrackerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateEventTrackerMethod(), responseObserver);
    }

    /**
     * <pre>
     * Describes an event tracker as AWS sees it now.
     * </pre>
     */
    default void describeEventTracker(com.personalizegateway.v1.DescribeEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeEventTrackerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDescribeEventTrackerMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the event trackers of a dataset group.
     * </pre>
     */
    default void listEventTrackers(com.personalizegateway.v1.ListEventTrackersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListEventTrackersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEventTrackersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes an event tracker. Its datasets stay.
     * </pre>
     */
    default void deleteEventTracker(com.personalizegateway.v1.DeleteEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteEventTrackerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteEventTrackerMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the event tracker now and at each change of its status, until it is ACTIVE, failed or
     * gone. Then the stream ends with OK.
     * </pre>
     */
    default void watchEventTracker(com.personalizegateway.v1.WatchEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.WatchEventTrackerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchEventTrackerMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TrackerService.
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public static abstract class TrackerServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TrackerServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TrackerService.
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public static final class TrackerServiceStub
      extends io.grpc.stub.AbstractAsyncStub<TrackerServiceStub> {
    private TrackerServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackerServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackerServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an event tracker. It may be used once it is ACTIVE: see WatchEventTracker. ALREADY_EXISTS
     * where the dataset group has one.
     * </pre>
     */
    public void createEventTracker(com.personalizegateway.v1.CreateEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.CreateEventTrackerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateEventTrackerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Describes an event tracker as AWS sees it now.
     * </pre>
     */
    public void describeEventTracker(com.personalizegateway.v1.DescribeEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeEventTrackerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDescribeEventTrackerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the event trackers of a dataset group.
     * </pre>
     */
    public void listEventTrackers(com.personalizegateway.v1.ListEventTrackersRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListEventTrackersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEventTrackersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes an event tracker. Its datasets stay.
     * </pre>
     */
    public void deleteEventTracker(com.personalizegateway.v1.DeleteEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteEventTrackerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteEventTrackerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the event tracker now and at each change of its status, until it is ACTIVE, failed or
     * gone. Then the stream ends with OK.
     * </pre>
     */
    public void watchEventTracker(com.personalizegateway.v1.WatchEventTrackerRequest request,
        io.grpc.stub.StreamObserver<com.personalizegateway.v1.WatchEventTrackerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchEventTrackerMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TrackerService.
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public static final class TrackerServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TrackerServiceBlockingV2Stub> {
    private TrackerServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackerServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackerServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an event tracker. It may be used once it is ACTIVE: see WatchEventTracker. ALREADY_EXISTS
     * where the dataset group has one.
     * </pre>
     */
    public com.personalizegateway.v1.CreateEventTrackerResponse createEventTracker(com.personalizegateway.v1.CreateEventTrackerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes an event tracker as AWS sees it now.
     * </pre>
     */
    public com.personalizegateway.v1.DescribeEventTrackerResponse describeEventTracker(com.personalizegateway.v1.DescribeEventTrackerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDescribeEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the event trackers of a dataset group.
     * </pre>
     */
    public com.personalizegateway.v1.ListEventTrackersResponse listEventTrackers(com.personalizegateway.v1.ListEventTrackersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEventTrackersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an event tracker. Its datasets stay.
     * </pre>
     */
    public com.personalizegateway.v1.DeleteEventTrackerResponse deleteEventTracker(com.personalizegateway.v1.DeleteEventTrackerRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the event tracker now and at each change of its status, until it is ACTIVE, failed or
     * gone. Then the stream ends with OK.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.personalizegateway.v1.WatchEventTrackerResponse>
        watchEventTracker(com.personalizegateway.v1.WatchEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchEventTrackerMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TrackerService.
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public static final class TrackerServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TrackerServiceBlockingStub> {
    private TrackerServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackerServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackerServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an event tracker. It may be used once it is ACTIVE: see WatchEventTracker. ALREADY_EXISTS
     * where the dataset group has one.
     * </pre>
     */
    public com.personalizegateway.v1.CreateEventTrackerResponse createEventTracker(com.personalizegateway.v1.CreateEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Describes an event tracker as AWS sees it now.
     * </pre>
     */
    public com.personalizegateway.v1.DescribeEventTrackerResponse describeEventTracker(com.personalizegateway.v1.DescribeEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDescribeEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the event trackers of a dataset group.
     * </pre>
     */
    public com.personalizegateway.v1.ListEventTrackersResponse listEventTrackers(com.personalizegateway.v1.ListEventTrackersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEventTrackersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an event tracker. Its datasets stay.
     * </pre>
     */
    public com.personalizegateway.v1.DeleteEventTrackerResponse deleteEventTracker(com.personalizegateway.v1.DeleteEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteEventTrackerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the event tracker now and at each change of its status, until it is ACTIVE, failed or
     * gone. Then the stream ends with OK.
     * </pre>
     */
    public java.util.Iterator<com.personalizegateway.v1.WatchEventTrackerResponse> watchEventTracker(
        com.personalizegateway.v1.WatchEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchEventTrackerMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TrackerService.
   * <pre>
   * Manages the event trackers of dataset groups. Needs the permission `admin`.
   * A tracker is named by its dataset group and its name, never by an ARN: what a caller may do hangs
   * on the dataset group. Limits are those of the service model `personalize/2018-05-22`.
   * </pre>
   */
  public static final class TrackerServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<TrackerServiceFutureStub> {
    private TrackerServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TrackerServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TrackerServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates an event tracker. It may be used once it is ACTIVE: see WatchEventTracker. ALREADY_EXISTS
     * where the dataset group has one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.CreateEventTrackerResponse> createEventTracker(
        com.personalizegateway.v1.CreateEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateEventTrackerMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Describes an event tracker as AWS sees it now.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.DescribeEventTrackerResponse> describeEventTracker(
        com.personalizegateway.v1.DescribeEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDescribeEventTrackerMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the event trackers of a dataset group.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.ListEventTrackersResponse> listEventTrackers(
        com.personalizegateway.v1.ListEventTrackersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEventTrackersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes an event tracker. Its datasets stay.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.personalizegateway.v1.DeleteEventTrackerResponse> deleteEventTracker(
        com.personalizegateway.v1.DeleteEventTrackerRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteEventTrackerMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_EVENT_TRACKER = 0;
  private static final int METHODID_DESCRIBE_EVENT_TRACKER = 1;
  private static final int METHODID_LIST_EVENT_TRACKERS = 2;
  private static final int METHODID_DELETE_EVENT_TRACKER = 3;
  private static final int METHODID_WATCH_EVENT_TRACKER = 4;

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
        case METHODID_CREATE_EVENT_TRACKER:
          serviceImpl.createEventTracker((com.personalizegateway.v1.CreateEventTrackerRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.CreateEventTrackerResponse>) responseObserver);
          break;
        case METHODID_DESCRIBE_EVENT_TRACKER:
          serviceImpl.describeEventTracker((com.personalizegateway.v1.DescribeEventTrackerRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.DescribeEventTrackerResponse>) responseObserver);
          break;
        case METHODID_LIST_EVENT_TRACKERS:
          serviceImpl.listEventTrackers((com.personalizegateway.v1.ListEventTrackersRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.ListEventTrackersResponse>) responseObserver);
          break;
        case METHODID_DELETE_EVENT_TRACKER:
          serviceImpl.deleteEventTracker((com.personalizegateway.v1.DeleteEventTrackerRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.DeleteEventTrackerResponse>) responseObserver);
          break;
        case METHODID_WATCH_EVENT_TRACKER:
          serviceImpl.watchEventTracker((com.personalizegateway.v1.WatchEventTrackerRequest) request,
              (io.grpc.stub.StreamObserver<com.personalizegateway.v1.WatchEventTrackerResponse>) responseObserver);
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
          getCreateEventTrackerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.CreateEventTrackerRequest,
              com.personalizegateway.v1.CreateEventTrackerResponse>(
                service, METHODID_CREATE_EVENT_TRACKER)))
        .addMethod(
          getDescribeEventTrackerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.DescribeEventTrackerRequest,
              com.personalizegateway.v1.DescribeEventTrackerResponse>(
                service, METHODID_DESCRIBE_EVENT_TRACKER)))
        .addMethod(
          getListEventTrackersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.ListEventTrackersRequest,
              com.personalizegateway.v1.ListEventTrackersResponse>(
                service, METHODID_LIST_EVENT_TRACKERS)))
        .addMethod(
          getDeleteEventTrackerMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.personalizegateway.v1.DeleteEventTrackerRequest,
              com.personalizegateway.v1.DeleteEventTrackerResponse>(
                service, METHODID_DELETE_EVENT_TRACKER)))
        .addMethod(
          getWatchEventTrackerMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.personalizegateway.v1.WatchEventTrackerRequest,
              com.personalizegateway.v1.WatchEventTrackerResponse>(
                service, METHODID_WATCH_EVENT_TRACKER)))
        .build();
  }

  private static abstract class TrackerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TrackerServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.personalizegateway.v1.TrackerServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TrackerService");
    }
  }

  private static final class TrackerServiceFileDescriptorSupplier
      extends TrackerServiceBaseDescriptorSupplier {
    TrackerServiceFileDescriptorSupplier() {}
  }

  private static final class TrackerServiceMethodDescriptorSupplier
      extends TrackerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TrackerServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TrackerServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TrackerServiceFileDescriptorSupplier())
              .addMethod(getCreateEventTrackerMethod())
              .addMethod(getDescribeEventTrackerMethod())
              .addMethod(getListEventTrackersMethod())
              .addMethod(getDeleteEventTrackerMethod())
              .addMethod(getWatchEventTrackerMethod())
              .build();
        }
      }
    }
    return result;
  }
}
