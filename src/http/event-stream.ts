/**
 * Reads server-sent events (WHATWG HTML, 9.2) as they arrive: `feed` takes pieces cut anywhere, also inside a
 * character or a line end, and hands the data of each complete event to `onData`. Other fields are ignored.
 */
export class EventStreamReader {
  readonly #onData: (data: string) => void;
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #data: string[] = [];
  #lastWasReturn = false;

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  feed(chunk: Uint8Array): void {
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === '') return;
    // A line feed directly after a carriage return belongs to the same line end, even where the piece was cut between.
    if (this.#lastWasReturn && text.startsWith('\n')) text = text.slice(1);
    this.#lastWasReturn = text === '' ? false : text.endsWith('\r');
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === '') {
      if (this.#data.length > 0) this.#onData(this.#data.length === 1 ? (this.#data[0] ?? '') : this.#data.join('\n'));
      this.#data = [];
    } else if (line.startsWith('data:')) {
      this.#data.push(line.startsWith(' ', 5) ? line.slice(6) : line.slice(5));
    } else if (line === 'data') {
      this.#data.push('');
    }
  }
}
