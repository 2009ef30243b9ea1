/** Hands items of one stream to several readers, each its own, while none is more than a few items ahead. */
export interface FanOut<T> {
  readonly streams: readonly AsyncIterable<T>[];
  /** Reads the source to its end; throws what the source threw. Every stream must be read meanwhile. */
  run(): Promise<void>;
}

const mostWaiting = 64;

/** `choose` gives the index of the stream that an item belongs to; -1 for none. When a reader ends early, all the others fail. */
export function fanOut<T>(source: AsyncIterable<T>, count: number, choose: (item: T) => number): FanOut<T> {
  const lanes = Array.from({ length: count }, () => lane<T>());
  return {
    streams: lanes.map(({ stream }) => stream),
    async run() {
      try {
        for await (const item of source) await lanes[choose(item)]?.put(item);
        for (const each of lanes) each.end();
      } catch (error) {
        for (const each of lanes) each.fail(error);
        throw error;
      }
    },
  };
}

function lane<T>() {
  const waiting: T[] = [];
  let state: 'open' | 'ended' | 'left' | { readonly error: unknown } = 'open';
  let wakeReader = () => {};
  let wakeWriter = () => {};
  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (waiting.length > 0) {
          const batch = waiting.splice(0);
          wakeWriter();
          yield* batch;
        }
        if (typeof state === 'object') throw state.error;
        if (state === 'ended') return;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    } finally {
      state = 'left';
      wakeWriter();
    }
  }
  const finish = (to: typeof state) => {
    if (state === 'open') state = to;
    wakeReader();
  };
  return {
    stream: { [Symbol.asyncIterator]: read },
    async put(item: T): Promise<void> {
      if (state !== 'open') throw new Error('A reader of the stream ended early.');
      waiting.push(item);
      wakeReader();
      if (waiting.length < mostWaiting) return;
      await new Promise<void>((resolve) => {
        wakeWriter = resolve;
      });
    },
    end: () => finish('ended'),
    fail: (error: unknown) => finish({ error }),
  };
}
