/** What an expression works on. */
export type Value = string | number | boolean | readonly Value[] | undefined;

/** A function that an expression may call; `named` are arguments as `is_upper=True`. */
export type PythonFunction = (values: readonly Value[], named: Readonly<Record<string, Value>>) => Value;

type Names = ReadonlyMap<string, Value>;
type Evaluate = (names: Names) => Value;

/** An expression that uses something that is not known here. */
export class UnknownExpressionError extends Error {}

const token =
  /\s*(?:(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>\*\*|==|<=|>=|!=|[-+*/<>()[\],.:=]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign';
  readonly text: string;
}

/**
 * Reads an expression of the part of Python that checks of texts are written in: and, or, not, comparisons, `in`,
 * arithmetic, calls, methods of strings, lists, indices and `any(… for … in …)`. It calls nothing but the functions that
 * it is given, so a file that holds such expressions can run nothing. Throws UnknownExpressionError for anything else.
 */
export function readExpression(source: string, functions: Readonly<Record<string, PythonFunction>>): (x: string) => Value {
  const reader = new ExpressionReader(tokensOf(source), functions);
  const evaluate = reader.whole();
  return (x) => evaluate(new Map([['x', x]]));
}

/** The text that a Python string literal without a prefix stands for. */
export function stringLiteral(literal: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return literal.slice(1, -1).replace(/\\(.)/gs, (_, sign: string) => escapes[sign] ?? sign);
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (source.slice(at).trim() !== '') {
    token.lastIndex = at;
    const match = token.exec(source);
    if (match === null) throw new UnknownExpressionError(`it cannot be read from ${JSON.stringify(source.slice(at, at + 20))} on`);
    const [kind, text] = Object.entries(match.groups!).find(([, found]) => found !== undefined)!;
    tokens.push({ kind: kind as Token['kind'], text });
    at = token.lastIndex;
  }
  return tokens;
}

const comparisons: Readonly<Record<string, (one: Value, other: Value) => boolean>> = {
  '==': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => numberOf(one) < numberOf(other),
  '>': (one, other) => numberOf(one) > numberOf(other),
  '<=': (one, other) => numberOf(one) <= numberOf(other),
  '>=': (one, other) => numberOf(one) >= numberOf(other),
  in: (one, other) => (typeof other === 'string' ? other.includes(String(one)) : Array.isArray(other) && other.includes(one)),
};

const methods: Readonly<Record<string, (text: string, values: readonly Value[]) => Value>> = {
  lower: (text) => text.toLowerCase(),
  split: (text) => text.match(/\S+/g) ?? [],
  count: (text, [part]) => (typeof part === 'string' && part !== '' ? text.split(part).length - 1 : 0),
};

function numberOf(value: Value): number {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : Number.NaN;
}

/** As Python has it: empty texts and lists are not. */
export function isTrue(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

class ExpressionReader {
  readonly #tokens: readonly Token[];
  readonly #functions: Readonly<Record<string, PythonFunction>>;
  #at = 0;

  constructor(tokens: readonly Token[], functions: Readonly<Record<string, PythonFunction>>) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  whole(): Evaluate {
    const evaluate = this.#either();
    if (this.#at < this.#tokens.length) throw new UnknownExpressionError(`it does not end at ${JSON.stringify(this.#next()?.text)}`);
    return evaluate;
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(text: string): boolean {
    const next = this.#next();
    if (next === undefined || next.kind === 'text' || next.text !== text) return false;
    this.#at++;
    return true;
  }

  #need(text: string): void {
    if (!this.#take(text))
      throw new UnknownExpressionError(`${JSON.stringify(text)} is missing before ${JSON.stringify(this.#next()?.text)}`);
  }

  #either(): Evaluate {
    const one = this.#both();
    if (!this.#take('or')) return one;
    const other = this.#either();
    return (names) => isTrue(one(names)) || isTrue(other(names));
  }

  #both(): Evaluate {
    const one = this.#not();
    if (!this.#take('and')) return one;
    const other = this.#both();
    return (names) => isTrue(one(names)) && isTrue(other(names));
  }

  #not(): Evaluate {
    if (!this.#take('not')) return this.#comparison();
    const inner = this.#not();
    return (names) => !isTrue(inner(names));
  }

  #comparison(): Evaluate {
    const one = this.#arithmetic(['+', '-'], () => this.#arithmetic(['*', '/'], () => this.#power()));
    const isNegated = this.#take('not');
    const sign = isNegated ? 'in' : Object.keys(comparisons).find((each) => this.#next()?.kind !== 'text' && this.#next()?.text === each);
    if (sign === undefined) return one;
    this.#need(sign);
    const other = this.#arithmetic(['+', '-'], () => this.#arithmetic(['*', '/'], () => this.#power()));
    const compare = comparisons[sign]!;
    return (names) => compare(one(names), other(names)) !== isNegated;
  }

  #arithmetic(signs: readonly string[], operand: () => Evaluate): Evaluate {
    let sum = operand();
    for (;;) {
      const sign = signs.find((each) => this.#take(each));
      if (sign === undefined) return sum;
      const [one, other] = [sum, operand()];
      sum = (names) => calculate(sign, numberOf(one(names)), numberOf(other(names)));
    }
  }

  #power(): Evaluate {
    const base = this.#postfix();
    if (!this.#take('**')) return base;
    const exponent = this.#power();
    return (names) => numberOf(base(names)) ** numberOf(exponent(names));
  }

  #postfix(): Evaluate {
    let value = this.#atom();
    for (;;) {
      const of = value;
      if (this.#take('.')) {
        const name = this.#name();
        const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
        if (method === undefined) throw new UnknownExpressionError(`the method ${name}() is not known`);
        this.#need('(');
        const { values } = this.#call();
        value = (names) =>
          method(
            String(of(names) ?? ''),
            values.map((each) => each(names)),
          );
      } else if (this.#take('[')) {
        const index = this.#either();
        this.#need(']');
        value = (names) => (of(names) as readonly Value[] | undefined)?.[numberOf(index(names))];
      } else return value;
    }
  }

  #atom(): Evaluate {
    const next = this.#next();
    if (next === undefined) throw new UnknownExpressionError('it ends too early');
    if (this.#take('(')) {
      const inner = this.#either();
      this.#need(')');
      return inner;
    }
    if (this.#take('[')) {
      const items = this.#items(']');
      return (names) => items.map((item) => item(names));
    }
    this.#at++;
    if (next.kind === 'text') return () => stringLiteral(next.text);
    if (next.kind === 'number') return () => Number(next.text);
    if (next.text === 'True' || next.text === 'False') return () => next.text === 'True';
    if (next.kind !== 'name') throw new UnknownExpressionError(`${JSON.stringify(next.text)} stands where a value should`);
    return this.#take('(') ? this.#named(next.text) : this.#variable(next.text);
  }

  readonly #known = new Set(['x']);

  #variable(name: string): Evaluate {
    // the variable of a generator stands before the place that names it
    const isGenerated = this.#tokens.some(({ text }, at) => text === 'for' && this.#tokens[at + 1]?.text === name);
    if (!this.#known.has(name) && !isGenerated) throw new UnknownExpressionError(`it needs ${name}, which is not at hand`);
    return (names) => names.get(name);
  }

  #named(name: string): Evaluate {
    if (name === 'any') return this.#any();
    const called = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    const { values, named } = this.#call();
    if (called === undefined) throw new UnknownExpressionError(`it needs ${name}(), which is not at hand`);
    return (names) =>
      called(
        values.map((each) => each(names)),
        Object.fromEntries(Object.entries(named).map(([key, each]) => [key, each(names)])),
      );
  }

  #any(): Evaluate {
    const condition = this.#either();
    this.#need('for');
    const name = this.#name();
    this.#need('in');
    const items = this.#either();
    this.#need(')');
    return (names) => ((items(names) ?? []) as readonly Value[]).some((item) => isTrue(condition(new Map([...names, [name, item]]))));
  }

  #call(): { values: Evaluate[]; named: Record<string, Evaluate> } {
    const values: Evaluate[] = [];
    const named: Record<string, Evaluate> = {};
    while (!this.#take(')')) {
      const [next, after] = [this.#next(), this.#tokens[this.#at + 1]];
      if (next?.kind === 'name' && after?.text === '=') {
        this.#at += 2;
        named[next.text] = this.#either();
      } else values.push(this.#either());
      if (!this.#take(',') && this.#next()?.text !== ')') this.#need(')');
    }
    return { values, named };
  }

  #items(end: string): Evaluate[] {
    const items: Evaluate[] = [];
    while (!this.#take(end)) {
      items.push(this.#either());
      if (!this.#take(',') && this.#next()?.text !== end) this.#need(end);
    }
    return items;
  }

  #name(): string {
    const next = this.#next();
    if (next?.kind !== 'name') throw new UnknownExpressionError('a name is missing');
    this.#at++;
    return next.text;
  }
}

function calculate(sign: string, one: number, other: number): number {
  if (sign === '+') return one + other;
  if (sign === '-') return one - other;
  return sign === '*' ? one * other : one / other;
}
