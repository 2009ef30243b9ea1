import { parentPort, workerData } from 'node:worker_threads';
import { openRowPrinter } from './print-rows.ts';

/** A thread that takes the prints of batches of texts, in the order in which they come. */
const printer = openRowPrinter((workerData as { spoolFile: string }).spoolFile);
parentPort?.on('message', (texts: readonly string[]) => {
  const prints = printer.print(texts);
  parentPort?.postMessage(prints, [prints.sketches.buffer, prints.numbers.buffer]);
});
