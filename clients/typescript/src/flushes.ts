interface Flush {
    readonly through: number;
    readonly done: (settled: boolean) => void;
}

/** Those who wait until so many records are settled. */
export class Flushes {
    #flushes: Flush[] = [];

    /** Whether somebody waits. */
    get areWaiting(): boolean {
        return this.#flushes.length > 0;
    }

    /** Resolves once so many records are settled; to false where that takes longer. */
    async wait(through: number, timeoutMs: number): Promise<boolean> {
        return new Promise((resolve) => {
            const done = (settled: boolean): void => {
                clearTimeout(timer);
                this.#flushes = this.#flushes.filter((one) => one !== flush);
                resolve(settled);
            };
            const timer = setTimeout(() => done(false), timeoutMs);
            const flush = { through, done };
            this.#flushes.push(flush);
        });
    }

    /** So many records are settled. */
    settled(count: number): void {
        for (const { through, done } of [...this.#flushes]) if (through <= count) done(true);
    }
}
