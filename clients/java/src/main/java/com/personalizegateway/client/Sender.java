package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.IngestResponse;
import io.grpc.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The part of an {@link EventPublisher} that has a thread: it sends what is in the backlog, takes the
 * answers, and calls back.
 *
 * <p>All threads share what the lock guards. It is never held while a callback runs or gRPC is given a
 * message.
 */
final class Sender implements Runnable, IngestStream.Listener {
    private static final System.Logger LOG = System.getLogger(EventPublisher.class.getName());

    private final Channel channel;
    private final PublisherOptions options;
    private final Callbacks callbacks;

    private final ReentrantLock lock = new ReentrantLock();

    /** The thread may have something to do. */
    private final Condition work = lock.newCondition();

    /** Records were settled, or the publisher was closed. */
    private final Condition progress = lock.newCondition();

    private final Backlog backlog;
    private final Reattempts reattempts = new Reattempts(() -> ThreadLocalRandom.current().nextDouble());
    private final Deque<Runnable> arrivals = new ArrayDeque<>();
    private IngestStream stream;
    private long streams;
    private long nextStreamAtNanos = System.nanoTime();
    private long dropped;
    private boolean isClosing;
    private boolean isClosed;
    private long closeAtNanos;

    Sender(Channel channel, PublisherOptions options) {
        this.channel = channel;
        this.options = options;
        this.callbacks = new Callbacks(options);
        this.backlog = new Backlog(options);
    }

    // For the threads of those who publish.

    /** Takes a record, or does what was chosen for a full buffer; returns whether it was taken. */
    boolean add(IngestRecord record, boolean mayWait) {
        lock.lock();
        try {
            requireOpen();
            if (!hasRoomFor(record.getSerializedSize(), mayWait)) {
                return false;
            }
            long now = System.nanoTime();
            backlog.add(record, now);
            if (backlog.isOneWaiting() || nanosUntilSend(now) <= 0) {
                work.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoomFor(int sizeBytes, boolean mayWait) {
        if (!backlog.hasRoomFor(sizeBytes)) {
            switch (options.whenFull()) {
                case DROP_NEWEST -> {
                    dropped++;
                    return false;
                }
                case RAISE -> throw full("it was chosen not to wait");
                case BLOCK -> awaitRoom(sizeBytes, mayWait);
            }
        }
        return true;
    }

    private void awaitRoom(int sizeBytes, boolean mayWait) {
        if (!mayWait) {
            throw full("a callback cannot wait for its own thread");
        }
        while (!backlog.hasRoomFor(sizeBytes)) {
            try {
                progress.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw full("the thread was interrupted");
            }
            requireOpen();
        }
    }

    private BufferFullException full(String why) {
        dropped++;
        return new BufferFullException(
                "the buffer holds " + backlog.records() + " records, " + backlog.bytes() + " bytes, and " + why);
    }

    private void requireOpen() {
        if (isClosing) {
            throw new IllegalStateException("the publisher is closed");
        }
    }

    boolean flush(long timeoutNanos) throws InterruptedException {
        long left = timeoutNanos;
        lock.lock();
        try {
            long target = backlog.added();
            backlog.hurry();
            work.signal();
            while (backlog.settled() < target) {
                if (left <= 0) {
                    return false;
                }
                left = progress.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    PublisherCounts counts() {
        lock.lock();
        try {
            return new PublisherCounts(
                    backlog.added(),
                    callbacks.confirmed(),
                    callbacks.refused(),
                    dropped,
                    backlog.resent(),
                    streams,
                    backlog.records(),
                    backlog.bytes());
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more, and lets the thread end when all is settled, or after the timeout. */
    void close(long timeoutNanos) {
        lock.lock();
        try {
            long at = System.nanoTime() + timeoutNanos;
            closeAtNanos = isClosing && closeAtNanos - at < 0 ? closeAtNanos : at;
            isClosing = true;
            backlog.hurry();
            work.signal();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // For the threads of gRPC: what a stream tells is left to the sender's own thread.

    @Override
    public void ready() {
        lock.lock();
        try {
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void responded(IngestStream from, IngestResponse response) {
        arrive(from, () -> settle(response));
    }

    @Override
    public void ended(IngestStream from, GatewayException error) {
        arrive(from, () -> reattempt(error == null ? Reattempts.endedEarly() : error));
    }

    private void arrive(IngestStream from, Runnable step) {
        lock.lock();
        try {
            arrivals.add(() -> {
                // A stream that was given up has nothing to say of what is owed now.
                if (from == stream) {
                    step.run();
                }
            });
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    // For the sender's own thread.

    @Override
    public void run() {
        try {
            while (!isClosed) {
                awaitStep().run();
            }
        } catch (InterruptedException | RuntimeException | Error failure) {
            LOG.log(System.Logger.Level.ERROR, "the publisher failed and takes no more", failure);
            end();
        }
    }

    private Runnable awaitStep() throws InterruptedException {
        lock.lock();
        try {
            while (arrivals.isEmpty()) {
                long now = System.nanoTime();
                long closeIn = isClosing ? closeAtNanos - now : Backlog.NEVER;
                if (closeIn <= 0 || (isClosing && backlog.records() == 0)) {
                    return this::end;
                }
                long sendIn = nanosUntilSend(now);
                if (sendIn <= 0) {
                    return this::send;
                }
                awaitWork(Math.min(sendIn, closeIn));
            }
            return arrivals.remove();
        } finally {
            lock.unlock();
        }
    }

    private void awaitWork(long nanos) throws InterruptedException {
        if (nanos == Backlog.NEVER) {
            work.await();
        } else {
            work.awaitNanos(nanos);
        }
    }

    /** To be called with the lock, by any thread. */
    private long nanosUntilSend(long now) {
        long due = backlog.dueInNanos(now);
        if (due == Backlog.NEVER || !backlog.mayBeSent()) {
            return Backlog.NEVER;
        }
        if (stream == null) {
            return Math.max(due, nextStreamAtNanos - now);
        }
        // The first request goes with the stream itself, whose errors are the answer to it.
        return stream.isReady() || backlog.isAllAcknowledged() ? due : Backlog.NEVER;
    }

    private void send() {
        IngestStream current = stream == null ? open() : stream;
        current.send(next());
    }

    private IngestStream open() {
        IngestStream opened = IngestStream.open(channel, this);
        lock.lock();
        try {
            stream = opened;
            streams++;
            return opened;
        } finally {
            lock.unlock();
        }
    }

    private IngestRequest next() {
        lock.lock();
        try {
            return backlog.next();
        } finally {
            lock.unlock();
        }
    }

    private void settle(IngestResponse response) {
        for (Batch batch : acknowledge(response)) {
            callbacks.settled(batch);
            release(batch);
        }
    }

    private List<Batch> acknowledge(IngestResponse response) {
        lock.lock();
        try {
            List<Batch> settled = backlog.acknowledge(response);
            if (!settled.isEmpty()) {
                reattempts.progressed();
            }
            return settled;
        } finally {
            lock.unlock();
        }
    }

    private void reattempt(GatewayException error) {
        for (Batch batch : loseStream(error)) {
            callbacks.refused(batch, error);
            release(batch);
        }
    }

    /** Returns the batches that the error refuses. */
    private List<Batch> loseStream(GatewayException error) {
        lock.lock();
        try {
            stream = null;
            Verdict verdict = backlog.isAllAcknowledged() ? Verdict.RESEND : reattempts.judge(error);
            List<Batch> refused = backlog.removeRefused(verdict);
            backlog.streamLost();
            nextStreamAtNanos = System.nanoTime() + reattempts.delayNanos(error.retryDelay());
            return refused;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        for (Batch batch : abandon()) {
            callbacks.abandoned(batch);
            release(batch);
        }
    }

    private List<Batch> abandon() {
        lock.lock();
        try {
            isClosing = true;
            isClosed = true;
            progress.signalAll();
            if (stream != null && backlog.isAllAcknowledged()) {
                stream.halfClose();
            } else if (stream != null) {
                stream.cancel();
            }
            stream = null;
            return backlog.abandon();
        } finally {
            lock.unlock();
        }
    }

    private void release(Batch batch) {
        lock.lock();
        try {
            backlog.release(batch);
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
