export interface ServerSentEvent {
  readonly event: string;
  /** Its lines, joined. */
  readonly data: string;
}

/** Reads server-sent events from chunks of bytes, as the HTML standard has it. Comments are events named `:`. */
export class EventTexts {
  readonly #take: (event: ServerSentEvent) => void;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(take: (event: ServerSentEvent) => void) {
    this.#take = take;
  }

  write(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    let end = this.#text.indexOf('\n\n');
    let start = 0;
    for (; end !== -1; end = this.#text.indexOf('\n\n', start)) {
      this.#take(eventOf(this.#text.slice(start, end)));
      start = end + 2;
    }
    this.#text = this.#text.slice(start);
  }
}

function eventOf(block: string): ServerSentEvent {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) return { event: ':', data: line.slice(1) };
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('event:')) event = value;
    if (line.startsWith('data:')) data.push(value);
  }
  return { event, data: data.join('\n') };
}
