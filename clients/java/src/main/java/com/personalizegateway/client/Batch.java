package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** The records of one request. It stays as it is when it is sent again on another stream. */
final class Batch {
    private final List<IngestRecord> records;
    private final long sizeBytes;
    private final List<Refusal> refusals = new ArrayList<>();
    private long sequence;
    private boolean wasSent;

    Batch(List<IngestRecord> records, long sizeBytes) {
        this.records = records;
        this.sizeBytes = sizeBytes;
    }

    List<IngestRecord> records() {
        return records;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    long sequence() {
        return sequence;
    }

    boolean wasSent() {
        return wasSent;
    }

    IngestRequest request(String datasetGroup, long sequence) {
        this.sequence = sequence;
        wasSent = true;
        return IngestRequest.newBuilder()
                .setSequence(sequence)
                .setDatasetGroup(datasetGroup)
                .addAllRecords(records)
                .build();
    }

    void refused(Refusal refusal) {
        refusals.add(refusal);
    }

    /** Calls with each record and its refusal, which is null where it was stored. */
    void forEach(BiConsumer<IngestRecord, Refusal> visitor) {
        Refusal[] byIndex = new Refusal[records.size()];
        for (Refusal refusal : refusals) {
            if (refusal.getRecordIndex() >= 0 && refusal.getRecordIndex() < byIndex.length) {
                byIndex[refusal.getRecordIndex()] = refusal;
            }
        }
        for (int i = 0; i < byIndex.length; i++) {
            visitor.accept(records.get(i), byIndex[i]);
        }
    }
}
