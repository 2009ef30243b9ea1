import { type Line, lineWidth, renderLine } from './styled-line.ts';

/** What is written to: a terminal, or a stand-in. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const beginTogether = '\u001b[?2026h';
const endTogether = '\u001b[?2026l';
const eraseToEndOfLine = '\u001b[K';
const eraseBelow = '\u001b[J';

/** A block of lines at the bottom of the terminal that is drawn again in place. */
export class Screen {
  readonly #stream: TerminalStream;
  readonly #color: boolean;
  #widths: readonly number[] = [];
  #cursor: 'shown' | 'hidden' | 'left' = 'shown';

  constructor(stream: TerminalStream, { color }: { color: boolean }) {
    this.#stream = stream;
    this.#color = color;
  }

  get columns(): number {
    return Math.max(20, this.#stream.columns ?? 80);
  }

  /** Rows that a block may take without scrolling its own beginning away. */
  get rows(): number {
    return Math.max(4, (this.#stream.rows ?? 24) - 1);
  }

  draw(lines: readonly Line[]): void {
    const columns = this.columns - 1;
    const texts = lines.map((line) => renderLine(line, { columns, color: this.#color }) + eraseToEndOfLine);
    const hide = this.#cursor === 'shown' ? hideCursor : '';
    if (hide !== '') this.#cursor = 'hidden';
    this.#stream.write(`${beginTogether}${hide}${this.#toTop()}${texts.join('\n')}${eraseBelow}${endTogether}`);
    this.#widths = lines.map((line) => Math.min(columns, lineWidth(line)));
  }

  /** Lines that stay, above the block. */
  print(lines: readonly Line[], block: readonly Line[]): void {
    const texts = lines.map((line) => renderLine(line, { columns: Number.POSITIVE_INFINITY, color: this.#color }) + eraseToEndOfLine);
    this.#stream.write(`${this.#toTop()}${texts.join('\n')}\n${eraseBelow}`);
    this.#widths = [];
    if (block.length > 0) this.draw(block);
  }

  /** Leaves the block where it is and the cursor below it. */
  end(): void {
    this.#stream.write(`${this.#widths.length > 0 ? '\n' : ''}${this.#cursor === 'hidden' ? showCursor : ''}`);
    this.#widths = [];
    this.#cursor = 'shown';
  }

  /** Gives the cursor back for good, as when the process is told to stop. */
  restoreCursor(): void {
    if (this.#cursor === 'hidden') this.#stream.write(showCursor);
    this.#cursor = 'left';
  }

  // A line that a terminal made narrower since has wrapped, and takes several rows now.
  #toTop(): string {
    const columns = this.columns;
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows > 1 ? `\r\u001b[${rows - 1}A` : '\r';
  }
}
