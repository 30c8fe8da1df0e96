package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.Refusal;
import java.util.concurrent.atomic.LongAdder;

/** Tells of records what became of them, and counts it. */
final class Callbacks {
    private static final System.Logger LOG = System.getLogger(EventPublisher.class.getName());

    private final PublisherOptions options;
    private final LongAdder confirmed = new LongAdder();
    private final LongAdder refused = new LongAdder();

    Callbacks(PublisherOptions options) {
        this.options = options;
    }

    long confirmed() {
        return confirmed.sum();
    }

    long refused() {
        return refused.sum();
    }

    /** The gateway has settled the batch. */
    void settled(Batch batch) {
        batch.forEach(this::settled);
    }

    /** The gateway answered to the whole batch with an error. */
    void refused(Batch batch, GatewayException error) {
        batch.records().forEach(record -> refused(RefusedRecord.by(error, record)));
    }

    /** The publisher was closed before the batch was settled. */
    void abandoned(Batch batch) {
        batch.records().forEach(record -> refused(RefusedRecord.abandoned(record, batch.wasSent())));
    }

    private void settled(IngestRecord record, Refusal refusal) {
        if (refusal != null) {
            refused(RefusedRecord.by(refusal, record));
            return;
        }
        confirmed.increment();
        call(() -> options.onConfirmed().accept(record));
    }

    private void refused(RefusedRecord record) {
        refused.increment();
        call(() -> options.onRefused().accept(record));
    }

    private static void call(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException failure) {
            LOG.log(System.Logger.Level.WARNING, "a callback of the publisher failed", failure);
        }
    }
}
