package com.personalizegateway.client;

/** What {@link EventPublisher#publish} does while the buffer is full. */
public enum WhenFull {
    /** Waits until there is room. */
    BLOCK,
    /** Drops the new record and counts it. */
    DROP_NEWEST,
    /** Throws a {@link BufferFullException} and counts the record as dropped. */
    RAISE
}
